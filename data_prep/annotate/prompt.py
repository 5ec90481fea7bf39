"""The prompt of a model as teacher: the tools of the editor, the two images, and the form of the answer."""

import json
from typing import Any, TypeAlias

from iea.data_prep.annotate.annotation import AnnotationRequest
from iea.editor.levels import LEVELS
from iea.reward_fns.prompts import tool_table

Message: TypeAlias = dict[str, Any]

SUMMARIES = 3  # sentences per persona
MAX_REQUESTS = 6  # quoted; GIER has up to a dozen similar ones per pair

EXAMPLE = {
    "reasoning": "The street lies in shade and ... First ..., then ...",
    "program": [{"tool": "exposure", "value": 30}, {"tool": "temperature", "value": -15}],
    "expert": ["Lift the exposure and cool the white balance slightly."],
    "amateur": ["It's too dark and a bit yellow, can you fix that?"],
}

SYSTEM = """You are a photo retoucher who teaches others. You get an original photograph and the version that a \
professional made of it, and you explain how to get from the one to the other with this editor. Every tool takes an \
integer; 0 changes nothing; {strengths}.

{tools}

Answer with one JSON object with exactly these keys:
- "reasoning": step by step, what the original lacks and which tool mends it in which order and how strongly. Write \
it as someone who sees the original alone and knows what is wanted: never mention a second picture.
- "program": the tools that are needed, each once, none at 0, usually two to five.
- "expert": {count} different sentences that ask for this edit in a photographer's words.
- "amateur": {count} different sentences that ask for it in the words of somebody who knows no such words and no \
numbers.

For example:
{example}"""


def conversation(request: AnnotationRequest, urls: tuple[str, str]) -> list[Message]:
    """Return the messages that ask for an annotation; `urls` are those of the original and the reference."""
    strengths = ", ".join(f"from {values[0]} on either way is {name}" for name, values in LEVELS.items())
    system = SYSTEM.format(
        strengths=strengths, tools=tool_table(), count=SUMMARIES, example=json.dumps(EXAMPLE, indent=1)
    )
    known = []
    if request.operators:
        known.append(f"The professional is known to have used: {', '.join(request.operators)}.")
    if request.requests:
        quoted = "\n".join(f"- {text}" for text in request.requests[:MAX_REQUESTS])
        known.append(f"This had been asked for:\n{quoted}")
    return [
        {"role": "system", "content": system},
        {
            "role": "user",
            "content": [
                _text("The original:"),
                _image(urls[0]),
                _text("The professional's version:"),
                _image(urls[1]),
                _text("\n\n".join([*known, "Explain the edit; answer with the JSON object only."])),
            ],
        },
    ]


def reprompt(reply: str, fault: str) -> list[Message]:
    """Return the messages that continue a conversation after an unusable reply."""
    replied = [{"role": "assistant", "content": reply}] if reply else []
    return [*replied, {"role": "user", "content": f"{fault} Answer anew with the whole JSON object only."}]


def _text(text: str) -> Message:
    return {"type": "text", "text": text}


def _image(url: str) -> Message:
    return {"type": "image_url", "image_url": {"url": url}}
