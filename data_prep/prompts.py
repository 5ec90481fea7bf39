"""What the model is asked and what it answers: the one place, for training, evaluation and serving.

Three styles. "short" is for the tiny model: the request and nothing else, answered by the bare program. "full" is for a
real one: the tools, the task and the form of the answer, a thought and then the program. "direct" is "full" without the
thought, for what has none to show (`suited`). A summary is one sentence in every style.

`<image>` stands where a picture goes, once for each of `Example.pictures`.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict, get_args

from iea.data_prep.example import PICTURES, Example
from iea.data_prep.language.levels import BIN_VALUES
from iea.editor import TOOLS

Style: TypeAlias = Literal["short", "direct", "full"]
STYLES: tuple[Style, ...] = get_args(Style)
IMAGE = "<image>"


class Message(TypedDict):
    """One turn: who speaks and what is said."""

    role: str
    content: str


EDITOR = """You retouch photographs. You never paint pixels: you write a program for an editor with {count} tools, and \
the editor carries it out. Each tool takes one whole number within its range; 0 changes nothing, {strengths}. A tool \
that is not needed is left out. The order in a program does not matter.

Tools, their ranges, and what a negative (-) and a positive (+) number does:
{tools}"""

EDIT = "This is the photograph.\nRequest: {text}"
IMPROVE = "This is the photograph. Nothing in particular is asked for: bring out the best in it, and keep it natural."
REFINE = """The first picture is the photograph, the second is what you made of it.
First request: {first}
New request: {text}
Write the whole program anew. It starts from the photograph, not from the second picture, and keeps of your edit what \
the new request leaves alone."""
NO_FIRST_REQUEST = "none in particular, only to bring out the best in it"
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

OBSERVER = "You know how photographs are retouched, and you tell from the result what was wanted."
SUMMARY = """The first picture is a photograph, the second is the same after a retouch. What had its owner asked for? \
Answer with that request, in one English sentence and nothing else."""

SHORT_IMPROVE = "make it better"
SHORT_REFINE = "{first}\nnow: {text}"
SHORT_SUMMARY = "what was asked for?"

JUDGE = """You compare two requests to retouch a photograph: what was meant, and what somebody understood. Would both \
lead to the same edit? Words do not matter; what is changed, in which direction and how strongly does.
10: the same edit. Less for every strength that differs, more so for every change that is missing, added or goes the \
other way. 0: too vague to tell. -10: the opposite, or about something else.
Answer with one whole number from -10 to 10 and nothing else."""
JUDGED_PAIR = "Meant: {reference}\nUnderstood: {prediction}"


def tool_table() -> str:
    """One line a tool: its name, its range and what each sign does."""
    return "\n".join(
        f"{tool.name} [{tool.low}, {tool.high}]: "
        + "; ".join(f"{sign} {words}" for sign, words in (("-", tool.minus), ("+", tool.plus)) if words)
        for tool in TOOLS.values()
    )


def suited(example: Example, style: Style) -> Style:
    """The style in which `example` can be taught: "direct" for "full" where it has no thought to show."""
    return "direct" if style == "full" and not example.reasoning else style


def messages(example: Example, style: Style) -> list[Message]:
    """What the model is told, up to its answer; nothing of `example` that it should find out is read."""
    shown = IMAGE * len(PICTURES[example.task])
    if style == "short":
        return [_user(shown + _short(example))]
    system = OBSERVER if example.task == "summary" else _editor()
    return [{"role": "system", "content": system}, _user(f"{shown}\n{_asked(example, style)}")]


def answer(example: Example, style: Style) -> str:
    """What the model should say to `messages(example, style)`."""
    if example.task == "summary" or style == "short":
        return example.solution
    program = f"```json\n{example.solution}\n```"
    if style == "direct":
        return program
    return f"<think>\n{example.reasoning}\n</think>\n<answer>\n{program}\n</answer>"


def judge_messages(reference: str, prediction: str) -> list[Message]:
    """What the reward model is asked of a summary, without pictures.

    Parameters
    ----------
    reference : what was meant
    prediction : what a model said was meant; put on one line, so that it cannot pass for more than that

    Notes
    -----
    `iea.reward_fns.judge.prompt` asks in the same words; neither package may import the other, so a test compares them.
    """
    meant, understood = (" ".join(text.split()) for text in (reference, prediction))
    pair = JUDGED_PAIR.format(reference=meant, prediction=understood)
    return [{"role": "system", "content": JUDGE}, _user(pair)]


def judge_answer(score: int) -> str:
    """What the reward model should say: a whole number from -10 to 10."""
    return str(score)


def _user(content: str) -> Message:
    return {"role": "user", "content": content}


def _editor() -> str:
    strengths = ", ".join(f"{value} either way is {name}" for name, value in BIN_VALUES.items())
    return EDITOR.format(count=len(TOOLS), strengths=strengths, tools=tool_table())


def _short(example: Example) -> str:
    if example.task == "summary":
        return SHORT_SUMMARY
    if example.task == "refine":
        return SHORT_REFINE.format(first=example.first_text or SHORT_IMPROVE, text=example.text)
    return example.text or SHORT_IMPROVE


def _asked(example: Example, style: Style) -> str:
    """The task in words, and the form of its answer."""
    if example.task == "summary":
        return SUMMARY
    if example.task == "refine":
        asked = REFINE.format(first=example.first_text or NO_FIRST_REQUEST, text=example.text)
    else:
        asked = EDIT.format(text=example.text) if example.text else IMPROVE
    return f"{asked}\n\n{DIRECT_FORM if style == 'direct' else THOUGHT_FORM}"
