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


JUDGE = """Compare two requests to retouch a photograph: a reference and a prediction. Would both lead to the same edit? \
Ignore the wording; compare the adjustments, their directions and their strengths.
10: the same edit. Deduct points for each strength that differs, and more for each adjustment that is missing, added or \
reversed. 0: too vague to tell. -10: the opposite edit, or not a request for an edit.
Answer with one integer from -10 to 10 and nothing else."""


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
        {"role": "user", "content": f"Reference: {meant}\nPrediction: {understood}"},
    ]
