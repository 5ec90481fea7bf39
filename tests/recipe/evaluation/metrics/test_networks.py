"""LPIPS and CLIP-I: the networks with random weights in the form of the real ones, against their formulas."""

from pathlib import Path

import numpy as np
import pytest

from iea.recipe.evaluation.metrics import METRICS
from iea.recipe.evaluation.metrics.clip_i import clip_i
from iea.recipe.evaluation.metrics.compared import Shown
from iea.recipe.evaluation.metrics.lpips import lpips
from iea.recipe.evaluation.metrics.metric import MetricSettings

pytestmark = pytest.mark.slow  # imports torch


@pytest.fixture
def alexnet(tmp_path: Path) -> Path:
    """Write AlexNet with random weights as torchvision does."""
    import torch
    from torchvision.models import alexnet

    torch.manual_seed(0)
    path = tmp_path / "alexnet.pth"
    torch.save(alexnet(weights=None).state_dict(), path)
    return path


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Write a small CLIP model with random weights, and the preprocessing of the real ones."""
    import torch
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel

    torch.manual_seed(0)
    small = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    vision = small | {"image_size": 224, "patch_size": 32}
    CLIPModel(CLIPConfig(text_config=small, vision_config=vision, projection_dim=16)).save_pretrained(tmp_path)
    CLIPImageProcessor(size={"shortest_edge": 224}, crop_size={"height": 224, "width": 224}).save_pretrained(tmp_path)
    return tmp_path


def test_lpips_is_the_formula_of_its_paper(alexnet: Path, shown: Shown) -> None:
    import lpips as package
    import torch
    from torchvision.models import alexnet as make

    network = make(weights=None)
    network.load_state_dict(torch.load(alexnet, weights_only=True))
    heads = torch.load(Path(package.__file__).parent / "weights/v0.1/alex.pth", "cpu", weights_only=True)
    shift, scale = (torch.tensor(one).view(1, 3, 1, 1) for one in ([-0.030, -0.088, -0.188], [0.458, 0.448, 0.450]))
    total, layers = 0.0, iter(heads.values())
    pair = [
        (2 * torch.tensor(one, dtype=torch.float32).permute(2, 0, 1)[None] - 1 - shift) / scale
        for one in shown.levels()
    ]
    with torch.no_grad():
        for layer in network.features:
            pair = [layer(one.clone()) for one in pair]
            if isinstance(layer, torch.nn.ReLU):
                first, second = (one / (one.norm(dim=1, keepdim=True) + 1e-10) for one in pair)
                total += float((next(layers) * (first - second) ** 2).sum(1).mean())
    assert next(layers, None) is None, "five layers"
    assert lpips(MetricSettings(alexnet=alexnet))(shown) == pytest.approx(total, rel=1e-4)


def test_lpips_of_equal_images_is_zero_and_of_farther_ones_larger(alexnet: Path, shown: Shown) -> None:
    measure = lpips(MetricSettings(alexnet=alexnet))
    assert measure(Shown(shown.original, shown.reference, shown.reference)) == 0
    assert 0 < measure(shown) < measure(Shown(shown.original, shown.original, shown.reference))


def test_lpips_measures_the_smallest_image(alexnet: Path, shown: Shown) -> None:
    side = METRICS["lpips"].smallest
    small = Shown(*(image[:side, :side] for image in (shown.original, shown.result, shown.reference)))
    assert lpips(MetricSettings(alexnet=alexnet))(small) > 0


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    import torch

    path = tmp_path / "other.pth"
    torch.save({"features.0.bias": torch.zeros(64)}, path)
    with pytest.raises(ValueError, match="has no features.0.weight; download alexnet"):
        lpips(MetricSettings(alexnet=path))


def test_clip_i_is_the_cosine_of_the_image_embeddings(clip: Path, shown: Shown) -> None:
    import torch
    from torchvision.transforms import v2
    from transformers import CLIPModel

    square = Shown(
        *(image[:, :160] for image in (shown.original, shown.result, shown.reference))
    )  # no half pixel to crop
    mean, std = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
    steps = v2.Compose([
        v2.Resize(224, v2.InterpolationMode.BICUBIC, antialias=True), v2.CenterCrop(224),
        v2.ToDtype(torch.float32, scale=True), v2.Normalize(mean, std),
    ])  # fmt: skip
    model = CLIPModel.from_pretrained(clip).eval()
    with torch.no_grad():
        pixels = torch.stack(
            [steps(torch.from_numpy(one).permute(2, 0, 1)) for one in (square.result, square.reference)]
        )
        vectors = model.get_image_features(pixel_values=pixels).pooler_output.numpy()
    first, second = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert clip_i(MetricSettings(clip=clip))(square) == pytest.approx(float(first @ second), abs=1e-4)
