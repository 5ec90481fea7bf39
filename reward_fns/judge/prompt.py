"""The judge's prompt and the form of its answer, for training and for use."""

from iea.reward_fns.prompts import Message

LOWEST, HIGHEST = -10, 10
SCORES = tuple(str(score) for score in range(LOWEST, HIGHEST + 1))
"""Every score that the judge may give."""

LONGEST_REASON = 384  # characters; the tiny judge's training rows have 282 at most
REASONED = rf"[a-z_0-9+; -]{{1,{LONGEST_REASON}}}: ?(?:{'|'.join(reversed(SCORES))})"
"""The form of an answer that gives the reason first: it always ends with a score."""


def score_in(answer: str) -> str:
    """Return the part of an answer that should hold its score: all of it, or the part after the last colon.

    Spaces are removed: a tokenizer of whole words puts one into "- 7".
    """
    return answer.rpartition(":")[2].replace(" ", "")


JUDGE = """You compare two requests to retouch a photograph: what was meant, and what somebody understood. Would both \
lead to the same edit? Words do not matter; what is changed, in which direction and how strongly does.
10: the same edit. Less for every strength that differs, more so for every change that is missing, added or goes the \
other way. 0: too vague to tell. -10: the opposite, or about something else.
Answer with one whole number from -10 to 10 and nothing else."""


def judge_messages(reference: str, prediction: str) -> list[Message]:
    """Return the chat that asks for the score of one prediction; the answer is one of `SCORES`.

    Parameters
    ----------
    reference : the intended request
    prediction : the model's summary; put on one line, so that it cannot imitate further lines of the prompt
    """
    meant, understood = (" ".join(text.split()) for text in (reference, prediction))
    return [
        {"role": "system", "content": JUDGE},
        {"role": "user", "content": f"Meant: {meant}\nUnderstood: {understood}"},
    ]
