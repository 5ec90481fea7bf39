"""A page that shows an edit step by step: one HTML file without scripts, which opens offline and holds its images."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image as PillowImage

from iea.data_prep.label.match import reduced
from iea.editor import Image, Program, render
from iea.recipe.agent.exports.format import Exported, Format, Settings
from iea.recipe.agent.exports.parts import application_order
from iea.recipe.evaluation.page.draw import Step, data_url, steps

HERE = Path(__file__).parent
THUMBNAIL = 320  # px, the longer side of the image of a step


@dataclass(frozen=True)
class Shown:
    """A step, and the image after it as a data URL."""

    step: Step
    url: str


def write(program: Program, settings: Settings) -> Exported:
    """Return the page: the photograph, the image after every tool in the order of application, the program as JSON.

    Raises
    ------
    ValueError : the settings have no photograph
    RuntimeError : Jinja2 is not installed
    """
    if not settings.photographs:
        raise ValueError("a trace must show a photograph, got none; name one")
    try:
        from jinja2 import Environment, FileSystemLoader
    except ImportError:
        raise RuntimeError("a trace needs Jinja2, which is not installed; run: pip install 'verl-iea[agent]'") from None
    shown_name, photograph = next(iter(settings.photographs.items()))
    style = (HERE / "static/trace.css").read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(HERE / "pages"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    text = environment.get_template("trace.html").render(
        name=settings.name,
        width=photograph.shape[1],
        height=photograph.shape[0],
        photograph=shown_name,
        original=_url(photograph),
        edited=_url(render(photograph, program)),
        shown=list(shown(photograph, program)),
        program=program.to_json(),
        style=style,
        style_sha256=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )
    return Exported(text)


def shown(photograph: Image, program: Program) -> Iterator[Shown]:
    """Yield every step in the order in which the editor applies the tools, with the image after it."""
    order = application_order(program)
    for number, name in enumerate(order, 1):
        (step,) = steps({name: program[name]})
        image = render(photograph, {tool: program[tool] for tool in order[:number]})
        yield Shown(step, _url(reduced(image, THUMBNAIL)))


def _url(image: Image) -> str:
    return data_url(PillowImage.fromarray(image))


FORMAT = Format("html", ".html", "page of the steps with images, to show to people", write, side=960)
