"""The reward: how close an edit program brings a photograph to its reference, and how many of its tools helped.

verl calls `compute_score` through `reward.custom_reward_function: {path: pkg://iea.reward_fns, name: compute_score}`.
Evaluation calls `score_text`, the same value in process. `parse` documents every outcome of an answer, `score`
every key of the result.
"""

from iea.reward_fns.compute import compute_score
from iea.reward_fns.parse import parse_answer
from iea.reward_fns.score import score_text

__all__ = ["compute_score", "parse_answer", "score_text"]
