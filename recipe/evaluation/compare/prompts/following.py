"""Prompt for the two grades of semantic consistency: the request is followed, and all else is preserved."""

from iea.recipe.evaluation.compare.prompts.prompt import Answer, Points, Prompt

TEXT = """A retoucher was asked to edit the first photograph; the second image is the result.
Request: {request}

Grade two things from 0 to 10, each by itself.
- instruction: Was the request carried out, in the right direction and at a fitting strength? 0: not at all, or the \
opposite. 5: in part, or too weakly or strongly. 10: as asked.
- preservation: Is everything that the request leaves open as it was: subjects, details, framing, the tones and colors \
that were not to change? 0: another scene, or edited far beyond the request. 5: plainly overdone, or side effects. 10: \
no change beyond the request. An image without any edit preserves everything.

Answer with one JSON object and nothing else:
{"reason": "one or two sentences", "instruction": 0 to 10, "preservation": 0 to 10}"""


class Following(Answer):
    """Grades of the edit against its request."""

    instruction: Points
    preservation: Points


FOLLOWING = Prompt("following", TEXT, ("Original photograph:", "Result:"), Following)
