"""Prompt for the two grades of perceptual quality: the image alone, without original and request."""

from iea.recipe.evaluation.compare.prompts.prompt import Answer, Points, Prompt

TEXT = """Grade the quality of this photograph from 0 to 10. Ignore its subject.
- naturalness: Could it be a photograph with this light and these colors? 0: light, shadows or colors are impossible. \
10: entirely believable.
- artifacts: Is it free of technical faults: clipped or banded areas, halos, noise, blocks, smeared or broken details? \
0: faults everywhere. 10: no fault in sight.

Answer with one JSON object and nothing else:
{"reason": "one or two sentences", "naturalness": 0 to 10, "artifacts": 0 to 10}"""


class Quality(Answer):
    """Grades of the image by itself."""

    naturalness: Points
    artifacts: Points


QUALITY = Prompt("quality", TEXT, ("Photograph:",), Quality)
