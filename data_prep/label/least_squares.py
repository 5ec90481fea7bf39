"""Fit several values at once, from the change of every pixel with every tool.

One more rendering per tool gives the slope of every pixel; the damped Gauss-Newton step (Levenberg, 1944; Marquardt, 1963)
from them fits all values together in two or three rounds. Residuals have the weights of soft-L1, because half of D is L1.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from iea.data_prep.label.objective import Objective, changed, without_zeros
from iea.editor import TOOLS, Image, Program

Vector = NDArray[np.float64]

DIFFERENCE = 6  # slider steps of a finite difference: small against the curves, large against 8-bit rounding
FIRST_DIFFERENCE = 30  # the same of a tool at 0; fade, whose slope there is 0, would else seem useless
SOFT = 8.0  # levels beyond which the weight of a residual falls
SAMPLE = 20_000  # values of the image in the least squares
DAMPINGS = (1e-3, 1e-1, 3.0)  # tried in turn until a step helps


def sampled(image: Image) -> Vector:
    """Return values of the image as floats, at a fixed stride that alternates between the channels."""
    stride = max(1, image.size // SAMPLE)
    return image.reshape(-1)[:: stride + (stride % 3 == 0)].astype(np.float64)


def slopes(objective: Objective, program: Program, tools: Sequence[str]) -> tuple[Vector, Vector]:
    """Return the change of the sampled values per slider step, (N, tools), and their residuals, (N,), in levels."""
    base = sampled(objective.render(program))
    columns = []
    for tool in tools:
        value = program.get(tool, 0)
        size = DIFFERENCE if value else FIRST_DIFFERENCE
        step = size if value + size <= TOOLS[tool].high else -size
        columns.append((sampled(objective.render(changed(program, tool, value + step))) - base) / step)
    residual = sampled(objective.reference) - base
    return np.stack(columns, axis=1) if columns else np.empty((len(base), 0)), residual


def weights(residual: Vector) -> Vector:
    """Return the weights of soft-L1: 1 for small residuals, proportional to 1 / residual for large ones."""
    return np.asarray(1 / np.sqrt(1 + (residual / SOFT) ** 2))


def fit(objective: Objective, program: Program, tools: Sequence[str], rounds: int = 4) -> Program:
    """Fit the values of `tools` and keep the others: at most `rounds` linearizations, while each gains 1 %."""
    for _ in range(rounds if tools else 0):
        slope, residual = slopes(objective, program, tools)
        before = objective(program)
        for damping in DAMPINGS:
            moved = _moved(program, tools, _step(slope, residual, damping))
            if objective(moved) < before:
                break
        else:
            break
        program = moved
        if objective(program) > 0.99 * before:
            break
    return without_zeros(program)


def gains(objective: Objective, program: Program, tools: Sequence[str]) -> dict[str, float]:
    """Return the amount by which each tool alone could reduce the weighted squares, the largest first.

    Steps are clipped to the tool's range.
    """
    slope, residual = slopes(objective, program, tools)
    weight = weights(residual)
    toward = (slope * weight[:, None]).T @ residual
    curvature = np.einsum("nk,nk,n->k", slope, slope, weight) + 1e-9
    gained = {}
    for tool, up, bend in zip(tools, toward, curvature, strict=True):
        value = program.get(tool, 0)
        step = min(max(up / bend, TOOLS[tool].low - value), TOOLS[tool].high - value)
        gained[tool] = float(2 * step * up - step * step * bend)
    return dict(sorted(gained.items(), key=lambda item: -item[1]))


def _step(slope: Vector, residual: Vector, damping: float) -> Vector:
    weighted = slope * weights(residual)[:, None]
    normal = slope.T @ weighted
    scale = np.maximum(np.diag(normal), 1e-9 * np.trace(normal) + 1e-9)
    return np.asarray(np.linalg.solve(normal + damping * np.diag(scale), weighted.T @ residual))


def _moved(program: Program, tools: Sequence[str], step: Vector) -> Program:
    for tool, by in zip(tools, step, strict=True):
        program = changed(program, tool, program.get(tool, 0) + int(np.clip(np.rint(by), -200, 200)))
    return program
