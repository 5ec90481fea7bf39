"""The judge of summaries: its settings, its prompt, the checks that precede it, and the request for a score."""

from iea.reward_fns.judge.checks import Rejection, rejection
from iea.reward_fns.judge.judge import Judge, JudgeError, Scorer, judge_of, shared_judge
from iea.reward_fns.judge.prompt import judge_messages
from iea.reward_fns.judge.settings import JudgeSettings, NoJudgeError

__all__ = [
    "Judge",
    "JudgeError",
    "JudgeSettings",
    "NoJudgeError",
    "Rejection",
    "Scorer",
    "judge_messages",
    "judge_of",
    "rejection",
    "shared_judge",
]
