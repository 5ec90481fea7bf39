"""CLIP-I: cosine of the CLIP embeddings of the edited image and the reference. Nearly blind to color edits."""

from collections.abc import Callable

from iea.recipe.evaluation.device import device
from iea.recipe.evaluation.metrics.compared import Shown
from iea.recipe.evaluation.metrics.metric import MetricSettings, image_metric, lacks


def clip_i(settings: MetricSettings) -> Callable[[Shown], float]:
    """Load a CLIP model and the preprocessing that its folder states; the literature has ViT-L/14.

    Raises
    ------
    OSError, ValueError : the folder has no CLIP model
    """
    import torch
    from transformers import CLIPImageProcessor, CLIPModel

    assert settings.clip is not None
    prepare = CLIPImageProcessor.from_pretrained(settings.clip, local_files_only=True)
    model = CLIPModel.from_pretrained(settings.clip, local_files_only=True).to(device()).eval()

    def measure(shown: Shown) -> float:
        """Return the cosine of the two embeddings."""
        pixels = prepare([shown.result, shown.reference], input_data_format="channels_last", return_tensors="pt")
        with torch.no_grad():
            seen = model.vision_model(pixel_values=pixels["pixel_values"].to(device())).pooler_output
            result, reference = model.visual_projection(seen)
        return float(torch.cosine_similarity(result, reference, dim=0))

    return measure


def unavailable(settings: MetricSettings) -> str:
    """Return the reason why it cannot be computed."""
    if settings.clip is None:
        return "no CLIP model was given: set clip to its folder, such as a copy of openai/clip-vit-large-patch14"
    return lacks("transformers", "transformers") or lacks("torch", "torch")


METRIC = image_metric(
    "clip_i",
    "CLIP-I",
    clip_i,
    better="higher",
    span="-1 to 1",
    source="transformers: cosine of the image embeddings of a CLIP model from a folder",
    rank=29,
    unavailable=unavailable,
)
