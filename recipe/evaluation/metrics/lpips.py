"""LPIPS: distance of the features of AlexNet, weighted by human judgments (Zhang et al. 2018)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from iea.recipe.evaluation.device import device
from iea.recipe.evaluation.metrics.compared import Shown
from iea.recipe.evaluation.metrics.metric import MetricSettings, image_metric, lacks

SIDE = 31  # the smallest image that has values in every layer


def lpips(settings: MetricSettings) -> Callable[[Shown], float]:
    """Load version 0.1 with AlexNet; the weights of its layers are in the package, those of AlexNet are the user's.

    Raises
    ------
    ValueError : the file has no weights of torchvision's AlexNet
    """
    import torch

    assert settings.alexnet is not None
    network = _network(settings.alexnet).to(device())

    def measure(shown: Shown) -> float:
        """Return the distance at the size of the images."""
        pair = (torch.from_numpy(levels.astype(np.float32)).permute(2, 0, 1)[None] for levels in shown.levels())
        with torch.no_grad():
            return float(network(*(one.to(device()) for one in pair), normalize=True))

    return measure


def _network(weights: Path) -> Any:
    """Return the network of the package with the weights of a file."""
    import warnings

    import torch
    from lpips import LPIPS

    with warnings.catch_warnings():  # torchvision's, of the arguments that the package passes
        warnings.simplefilter("ignore", UserWarning)
        network = LPIPS(net="alex", pnet_rand=True, verbose=False)
    found = torch.load(weights, map_location="cpu", weights_only=True)
    for number in range(1, network.net.N_slices + 1):
        part = getattr(network.net, f"slice{number}")
        wanted = {key: f"features.{key}" for key in part.state_dict()}
        if missing := [name for name in wanted.values() if name not in found]:
            raise ValueError(
                f"alexnet must be a file of torchvision's AlexNet, but {str(weights)!r} has no {missing[0]}; "
                "download alexnet-owt-7be5be79.pth"
            )
        part.load_state_dict({key: found[name] for key, name in wanted.items()})
    return network


def unavailable(settings: MetricSettings) -> str:
    """Return the reason why it cannot be computed."""
    if settings.alexnet is None:
        return "no weights of AlexNet were given: set alexnet to the file alexnet-owt-7be5be79.pth of torchvision"
    return lacks("lpips", "lpips")


METRIC = image_metric(
    "lpips",
    "LPIPS",
    lpips,
    better="lower",
    span="from 0",
    source="lpips 0.1.4, version 0.1, AlexNet of torchvision from a file, at the size of the images",
    rank=29,
    smallest=SIDE,
    unavailable=unavailable,
)
