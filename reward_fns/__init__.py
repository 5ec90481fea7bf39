"""The reward of three tasks: how close an edit program brings a photograph to its reference and how many of its tools
helped (Image-Edit, Image-Refine), and what a judge thinks of a sentence about an edit (Image-Summary).

verl calls `compute_score` through `reward.custom_reward_function: {path: pkg://iea.reward_fns, name: compute_score}`.
Evaluation calls `score_text`, the same value of an edit in process. `tasks` holds the tasks, `parse` documents every
outcome of an answer, `result` every key of the result, `judge` how the judge is reached and what happens without it.
"""

from iea.reward_fns.compute import compute_score
from iea.reward_fns.parse import parse_answer
from iea.reward_fns.score import score_text

__all__ = ["compute_score", "parse_answer", "score_text"]
