"""The prompt of a model as teacher: the tools of the editor, the two images, and the form of the answer."""

import json
from typing import Any, TypeAlias

from iea.data_prep.annotate.annotation import AnnotationRequest
from iea.editor.describe import STRENGTHS
from iea.editor.levels import LEVELS
from iea.reward_fns.prompts import no_tool, tool_table

Message: TypeAlias = dict[str, Any]

SUMMARIES = 3  # sentences per persona
MAX_REQUESTS = 6  # quoted; GIER has up to a dozen similar ones per pair

EXAMPLE = {
    "reasoning": "The street lies in shade and ... First ..., then ...",
    "program": [{"tool": "exposure", "value": 30}, {"tool": "temperature", "value": -15}],
    "expert": ["Lift the exposure and cool the white balance slightly."],
    "amateur": ["It's too dark and a bit yellow, can you fix that?"],
}

SYSTEM = """You are an expert photo retoucher and teacher. You are given an original photograph and a professionally \
retouched version of it. Explain how to get from the first to the second with this editor. Every tool takes an integer; \
0 has no effect, {scale}; {strengths}. No tool {beyond}.

{tools}

Answer with one JSON object with exactly these keys:
- "reasoning": step by step, what the original lacks, and which tools correct it, in which order and how strongly. Write \
as if you saw only the original and knew the desired result; never mention a second image.
- "program": the tools that are needed, each at most once and none with the value 0; usually two to five.
- "expert": {count} different sentences that request this edit in a photographer's vocabulary.
- "amateur": {count} different sentences that request this edit in everyday language, without technical terms or numbers.

For example:
{example}"""


def conversation(request: AnnotationRequest, urls: tuple[str, str]) -> list[Message]:
    """Return the messages that ask for an annotation; `urls` are those of the original and the reference."""
    strengths = ", ".join(f"±{values[0]} or more is {name}" for name, values in LEVELS.items())
    system = SYSTEM.format(
        scale=STRENGTHS,
        strengths=strengths,
        beyond=no_tool(),
        tools=tool_table(),
        count=SUMMARIES,
        example=json.dumps(EXAMPLE, indent=1),
    )
    known = []
    if request.operators:
        known.append(f"Tools known to have been used: {', '.join(request.operators)}.")
    if request.requests:
        quoted = "\n".join(f"- {text}" for text in request.requests[:MAX_REQUESTS])
        known.append(f"Users asked for this edit:\n{quoted}")
    return [
        {"role": "system", "content": system},
        {
            "role": "user",
            "content": [
                _text("Original:"),
                _image(urls[0]),
                _text("Retouched version:"),
                _image(urls[1]),
                _text("\n\n".join([*known, "Explain the edit. Answer with the JSON object only."])),
            ],
        },
    ]


def reprompt(reply: str, fault: str) -> list[Message]:
    """Return the messages that continue a conversation after an unusable reply."""
    replied = [{"role": "assistant", "content": reply}] if reply else []
    return [*replied, {"role": "user", "content": f"{fault} Answer again with the complete JSON object only."}]


def _text(text: str) -> Message:
    return {"type": "text", "text": text}


def _image(url: str) -> Message:
    return {"type": "image_url", "image_url": {"url": url}}
