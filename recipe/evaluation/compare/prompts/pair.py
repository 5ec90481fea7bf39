"""Prompt for the better one of two edits."""

from typing import Annotated, Literal

from pydantic import BeforeValidator

from iea.recipe.evaluation.compare.prompts.prompt import Answer, Prompt

TEXT = """Two retouchers edited the same photograph for the same request.
Request: {request}

Which result would the person who asked prefer? Consider in this order: the request is carried out, in the right \
direction and at a fitting strength; nothing else changed; the result looks natural and has no technical faults. The \
numbers and the order of the results are random and say nothing. If neither is better, say so.

Answer with one JSON object and nothing else; the last value is "1", "2" or "tie":
{"reason": "one or two sentences", "better": "1"}"""


class Better(Answer):
    """The label of the better result, or a tie."""

    better: Annotated[Literal["1", "2", "tie"], BeforeValidator(lambda label: str(label).strip().lower())]


PAIR = Prompt("pair", TEXT, ("Original photograph:", "Result 1:", "Result 2:"), Better)
