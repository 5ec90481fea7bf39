"""Texts of the prompts and answers that tasks share, for training, evaluation and serving.

Three styles. "short" is for the tiny model: the request alone, answered by the bare program. "full" is for a real one: the
tools, the task and the form of the answer, answered by a rationale and the program. "direct" is "full" without the
rationale, for examples that have none (`effective_style`).
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias, TypedDict, get_args

from iea.editor import TOOLS
from iea.editor.describe import BEYOND, STRENGTHS
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


EDITOR = """You are a photo retoucher. You do not generate pixels: you write a program for an editor with {count} tools, \
and the editor applies it. Each tool takes an integer in its range. 0 has no effect, {scale}; of the words of a request, \
{strengths}. Leave out tools that are not needed. The order of the tools does not matter. No tool {beyond}.

The tools, their ranges, the effect of negative (-) and positive (+) values, and when to use them:
{tools}"""

THOUGHT_FORM = """First reason about what the image needs, which tools achieve it, and how strongly to apply them. Then \
give the program. Answer in this format:
<think>
your reasoning
</think>
<answer>
```json
{"first tool": value, "second tool": value}
```
</answer>"""
DIRECT_FORM = """Answer with the program only, in this format:
```json
{"first tool": value, "second tool": value}
```"""
ANSWER_FORMS: Mapping[Style, str] = {"direct": DIRECT_FORM, "full": THOUGHT_FORM}
"""The form of the answer that the prompt asks for."""

SHORT_IMPROVE = "make it better"
"""The short request of an example that has none."""


def tool_table() -> str:
    """Return one line per tool: its name, its range, the effect of each sign, and when to use it."""
    return "\n".join(
        f"{tool.name} [{tool.low}, {tool.high}]: "
        + "; ".join(f"{sign} {words}" for sign, words in (("-", tool.minus), ("+", tool.plus)) if words)
        + (f". When {tool.use}." if tool.use else "")
        for tool in TOOLS.values()
    )


def no_tool() -> str:
    """Return what no tool does, in one line."""
    return " ".join(BEYOND.split())


def editor_prompt() -> str:
    """Return the system prompt of tasks whose answer is a program."""
    strengths = ", ".join(f"±{value} is {name}" for name, value in TYPICAL.items())
    return EDITOR.format(count=len(TOOLS), scale=STRENGTHS, strengths=strengths, beyond=no_tool(), tools=tool_table())


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
