"""Pairs for pretraining: procedural images edited by random programs."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from os import cpu_count

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from iea.data_prep.runner import RejectedError
from iea.data_prep.synthesize.crops import is_usable
from iea.data_prep.synthesize.difficulty import LANE
from iea.data_prep.synthesize.draw_pair import Pair, draw_pair
from iea.data_prep.synthesize.random_programs import deal
from iea.editor import TOOLS, Image
from iea.recipe.tiny.dead_leaves import dead_leaves

SIDE = 112  # px
SCALE = 50.0  # value of a tool that counts as 1


@dataclass(frozen=True)
class Pairs:
    """Pairs of images and their edits.

    images : (N, 2, SIDE, SIDE, 3) uint8: before and after
    programs : (N, tools) in units of SCALE
    answers : the programs as JSON, the most visible edit first
    """

    images: NDArray[np.uint8]
    programs: NDArray[np.float32]
    answers: tuple[str, ...]


def draw_pairs(count: int, seed: int = 0) -> Pairs:
    """Return up to `count` pairs of procedural images, made on all cores."""
    with ProcessPoolExecutor(cpu_count(), get_context("spawn"), cv2.setNumThreads, (1,)) as pool:
        made = pool.map(_draw, [(seed, number) for number in range(count)], chunksize=32)
        drawn = [pair for pair in tqdm(made, total=count, desc="pairs", unit="pair") if pair is not None]
    programs = [[pair.program.get(tool, 0) for tool in TOOLS] for pair in drawn]
    return Pairs(
        np.stack([np.stack([pair.original, pair.reference]) for pair in drawn]).astype(np.uint8),
        np.array(programs, np.float32) / SCALE,
        tuple(pair.program.to_json(pair.by_effect) for pair in drawn),
    )


def _draw(key: tuple[int, int]) -> Pair | None:
    rng = np.random.default_rng(key)

    def draw(_: float) -> Image:
        while not is_usable(image := dead_leaves(rng, SIDE)):
            continue
        return image

    try:
        return draw_pair(draw, deal(*key, LANE), rng, LANE)
    except RejectedError:
        return None
