"""The tasks and their reward: what the model is asked, what it may answer, and what the answer is worth.

verl calls `compute_score` through `reward.custom_reward_function: {path: pkg://iea.reward_fns, name: compute_score}`.
`score_text` gives the same value of an edit in process, `parse_answer` the program in an answer. `tasks` holds a file for
each task, `terms` one for each term of the reward, `result` documents every key of a score, `judge` the judge of summaries.
"""

from iea.reward_fns.compute import compute_score
from iea.reward_fns.parse import parse_answer
from iea.reward_fns.score import score_text

__all__ = ["compute_score", "parse_answer", "score_text"]
