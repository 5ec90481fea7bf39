"""Statistics of images that edits move: the targets of pretraining beside the program itself."""

from typing import Any

LEVELS = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
"""Quantiles of channels, luma and saturation."""
TONES = ((0.0, 0.3), (0.3, 0.6), (0.6, 1.01))
"""Ranges of luma in which detail is measured."""
COARSE = 8  # px; detail is the difference from the mean of such squares


def image_statistics(images: Any) -> Any:
    """Return statistics of images: quantiles, means and deviations, fine and coarse detail, light in corners and center.

    Parameters
    ----------
    images : (N, side, side, 3) tensor of uint8; side is a multiple of COARSE

    Returns
    -------
    (N, 59) tensor of float32
    """
    import torch

    rgb = images.float() / 255
    luma = rgb @ torch.tensor([0.299, 0.587, 0.114])
    pixels, flat = rgb.flatten(1, 2), luma.flatten(1)
    saturation = (rgb.amax(-1) - rgb.amin(-1)).flatten(1)
    levels = torch.tensor(LEVELS)
    quantiles = torch.quantile(pixels, levels, dim=1).transpose(0, 1).flatten(1)
    others = [torch.quantile(values, levels, dim=1).T for values in (flat, saturation)]
    return torch.cat([quantiles, *others, pixels.mean(1), pixels.std(1), _detail(luma), _light(luma)], dim=1)


def _detail(luma: Any) -> Any:
    """Return fine detail, its logarithm, coarse detail, and fine detail in dark, middle and light tones."""
    import torch

    inner = luma[:, 1:-1, 1:-1]
    fine = 4 * inner - luma[:, 2:, 1:-1] - luma[:, :-2, 1:-1] - luma[:, 1:-1, 2:] - luma[:, 1:-1, :-2]
    fine, inner = fine.abs().flatten(1), inner.flatten(1)
    means = torch.nn.functional.avg_pool2d(luma[:, None], COARSE)
    coarse = (luma - torch.nn.functional.interpolate(means, scale_factor=COARSE)[:, 0]).abs().mean((1, 2))
    parts = [(inner >= low) & (inner < high) for low, high in TONES]
    by_tone = [(fine * part).sum(1) / (part.sum(1) + 1) for part in parts]
    return torch.stack([fine.mean(1), torch.log(fine.mean(1) + 1e-3), coarse, *by_tone], dim=1)


def _light(luma: Any) -> Any:
    """Return the mean luma of the corners and of the center."""
    import torch

    side = luma.shape[-1]
    steps = torch.linspace(-1, 1, side)
    radius = torch.hypot(steps[:, None], steps[None, :]) / 2**0.5
    areas = [(radius > 0.8).float(), (radius < 0.4).float()]
    return torch.stack([(luma * area).sum((1, 2)) / area.sum() for area in areas], dim=1)
