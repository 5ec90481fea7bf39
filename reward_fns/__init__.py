"""The tasks and their reward: the prompt, the form of the answer, and its score.

verl calls `compute_score` through `reward.custom_reward_function: {path: pkg://iea.reward_fns, name: compute_score}`.
`score_text` scores an edit in this process, `parse_answer` returns the program in an answer. `tasks` holds a file for each
task, `terms` one for each term of the reward; `result` documents every key of a score; `judge` scores summaries.
"""

from iea.reward_fns.compute import compute_score
from iea.reward_fns.parse import parse_answer
from iea.reward_fns.score import score_text

__all__ = ["compute_score", "parse_answer", "score_text"]
