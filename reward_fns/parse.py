"""Parse a model's answer into an edit program, in time linear in its length.

Three forms are accepted, white space (space, tab, newline, return) around every part allowed:

1. the JSON object alone: `{"exposure": 20}`;
2. a fenced object alone: ```` ```json {"exposure": 20} ``` ````;
3. `<think>anything</think><answer>` + the fenced object of form 2 + `</answer>`, which may be missing. The
   rationale ends at the first `</think>`.

Strict on purpose, unlike the reading of an endpoint's replies: the form is trained, and an answer in another one is scored
as no edit. For every other answer, `ProgramError.reason` names the fault:

| answer | reason | scored as |
|---|---|---|
| a program with at least one value that is not 0 | - | an edit |
| `{}`, or a program of zeros | - | no edit: -1 |
| none of the forms above: prose, a form cut off, words before or after it | unparsable | -1 |
| invalid JSON, `NaN`, `Infinity`, brackets nested to Python's limit, a number of over 4300 digits | unparsable | -1 |
| a program text longer than `MAX_PROGRAM_CHARS` | unparsable | -1 |
| JSON that is not an object (form 2 or 3 around a list, a number, ...) | not_object | -1 |
| the same key twice, at any depth and even with the same value | duplicate_key | -1 |
| a key that is not a tool, or a tool's name in another case | unknown_tool | -1 |
| a value that is not written as an integer: 20.0, 2e1, true, "20", null, a list | not_integer | -1 |
| an integer outside the tool's range | out_of_range | -1 |

Of several faults one is reported. verl decodes with `skip_special_tokens=True`: answers hold no special tokens such as
`<|im_end|>`, and `<think>` and `<answer>` must not be special tokens of the model's tokenizer.
"""

from iea.editor import Program, ProgramError

JSON_SPACE = " \t\n\r"
MAX_PROGRAM_CHARS = 2_048  # all sixteen tools take about 330; the bound keeps parsing cheap


def parse_answer(text: str) -> Program:
    """Return the edit program in a model's answer.

    Raises
    ------
    ProgramError : the answer holds none; see the table above
    TypeError : `text` is not a string

    Examples
    --------
    >>> parse_answer('```json\\n{"exposure": 20, "tint": -35}\\n```')
    Program({'exposure': 20, 'tint': -35})
    >>> parse_answer('{"exposure": 300}')
    Traceback (most recent call last):
        ...
    iea.editor.program.ProgramError: exposure must be in [-100, 100], got 300
    """
    if not isinstance(text, str):
        raise TypeError(f"a model's answer must be a string, got {type(text).__name__}; decode the tokens first")
    body = text.strip(JSON_SPACE)
    if not body.startswith("{"):
        body = _unfence(_unwrap(body))
    if len(body) > MAX_PROGRAM_CHARS:
        raise _unparsable(f"have at most {MAX_PROGRAM_CHARS} characters, got {len(body)}")
    return Program.from_json(body)


def _unwrap(body: str) -> str:
    """Return the content of `<think>...</think><answer>...</answer>`; a body without a rationale as it is."""
    if not body.startswith("<think>"):
        return body
    _, closed, answer = body.partition("</think>")
    answer = answer.lstrip(JSON_SPACE)
    if not closed or not answer.startswith("<answer>"):
        raise _unparsable("follow its rationale with </think><answer>")
    return answer.removeprefix("<answer>").removesuffix("</answer>").strip(JSON_SPACE)


def _unfence(body: str) -> str:
    """Return the content of a ```json fence; the program has no backticks, so one opening and one closing suffice."""
    opening, fence = "```json", "```"
    if len(body) < len(opening + fence) or not (body.startswith(opening) and body.endswith(fence)):
        raise _unparsable("be a JSON object, alone or in a ```json fence, or <think>...</think><answer> and the fence")
    return body.removeprefix(opening).removesuffix(fence).strip(JSON_SPACE)


def _unparsable(rule: str) -> ProgramError:
    return ProgramError("unparsable", f"an answer must {rule}")
