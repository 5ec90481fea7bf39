"""Texts of the prompts and answers that tasks share, for training, evaluation and serving.

Three styles. "short" is for the tiny model: the request alone, answered by the bare program. "full" is for a real one: the
tools, the task and the form of the answer, answered by a rationale and the program. "direct" is "full" without the
rationale, for examples that have none (`effective_style`).
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias, TypedDict, get_args

from iea.editor import TOOLS
from iea.editor.levels import TYPICAL
from iea.reward_fns.example import Example

Style: TypeAlias = Literal["short", "direct", "full"]
STYLES: tuple[Style, ...] = get_args(Style)
IMAGE = "<image>"
"""Placeholder of an image, once for each image shown."""


class Message(TypedDict):
    """One turn of a chat."""

    role: str
    content: str


EDITOR = """You retouch photographs. You never paint pixels: you write a program for an editor with {count} tools, and \
the editor carries it out. Each tool takes one whole number within its range; 0 changes nothing, {strengths}. A tool \
that is not needed is left out. The order in a program does not matter.

Tools, their ranges, and what a negative (-) and a positive (+) number does:
{tools}"""

THOUGHT_FORM = """Think first: what does the picture need, and which tools give it, how strongly? Then give the program. \
Answer in this form:
<think>
your thoughts
</think>
<answer>
```json
{"name of a tool": its number, "name of another tool": its number}
```
</answer>"""
DIRECT_FORM = """Answer with the program alone, in this form:
```json
{"name of a tool": its number, "name of another tool": its number}
```"""
ANSWER_FORMS: Mapping[Style, str] = {"direct": DIRECT_FORM, "full": THOUGHT_FORM}
"""The form of the answer that the prompt asks for."""

SHORT_IMPROVE = "make it better"
"""The short request of an example that has none."""


def tool_table() -> str:
    """Return one line per tool: its name, its range and the effect of each sign."""
    return "\n".join(
        f"{tool.name} [{tool.low}, {tool.high}]: "
        + "; ".join(f"{sign} {words}" for sign, words in (("-", tool.minus), ("+", tool.plus)) if words)
        for tool in TOOLS.values()
    )


def editor_prompt() -> str:
    """Return the system prompt of tasks whose answer is a program."""
    strengths = ", ".join(f"{value} either way is {name}" for name, value in TYPICAL.items())
    return EDITOR.format(count=len(TOOLS), strengths=strengths, tools=tool_table())


def program_answer(example: Example, style: Style) -> str:
    """Return the example's program in the form that `ANSWER_FORMS` asks for; bare in the short style."""
    if style == "short":
        return example.program
    program = f"```json\n{example.program}\n```"
    if style == "direct":
        return program
    return f"<think>\n{example.reasoning}\n</think>\n<answer>\n{program}\n</answer>"


def effective_style(example: Example, style: Style) -> Style:
    """Return the style of the example's training rows: "direct" for "full" where it has no rationale."""
    return "direct" if style == "full" and not example.reasoning else style
