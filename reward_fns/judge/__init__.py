"""The judge of summaries: how it is asked (`prompt`), reached (`client`) and spared what needs no model (`checks`)."""

from iea.reward_fns.judge.checks import Rejection, rejection
from iea.reward_fns.judge.client import Judge, shared_judge
from iea.reward_fns.judge.failures import JudgeError, NoJudgeError
from iea.reward_fns.judge.prompt import judge_messages
from iea.reward_fns.judge.settings import JudgeSettings

__all__ = [
    "Judge",
    "JudgeError",
    "JudgeSettings",
    "NoJudgeError",
    "Rejection",
    "judge_messages",
    "rejection",
    "shared_judge",
]
