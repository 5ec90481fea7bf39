"""Options of the commands for photographs."""

from pathlib import Path
from typing import Annotated, Literal

import typer

MODEL_PANEL = "A model with vision; without one, an offline interpreter reads the request"
Photograph = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="Photograph: JPEG, PNG, TIFF, WebP, HEIC, AVIF or raw.")
]
Before = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Photograph before the edit.")]
After = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="The same photograph after it, of the same size.")
]
Photographs = Annotated[list[Path], typer.Argument(help="Photographs, or folders of them.")]
Request = Annotated[
    str, typer.Argument(help='What to change, such as "warmer and a bit brighter"; default: make it better.')
]
Result = Annotated[
    Path | None,
    typer.Option(
        "--out", help="New file to write, .jpg, .png, .tif or .webp, or its folder; default: beside the photograph."
    ),
]
Folder = Annotated[
    Path, typer.Option("--out", file_okay=False, help="Folder of the results; that of an interrupted run is continued.")
]
Strip = Annotated[
    bool, typer.Option("--strip", help="Leave location, serial numbers, owner and XMP out of the result.")
]
SessionFile = Annotated[
    Path | None,
    typer.Option(
        "--session", dir_okay=False, help="File of the conversation; default: PHOTO.iea.json beside the photograph."
    ),
]
Endpoint = Annotated[
    str,
    typer.Option(
        envvar="IEA_ENDPOINT", help="Address of an OpenAI-compatible endpoint, .../v1.", rich_help_panel=MODEL_PANEL
    ),
]
ModelName = Annotated[
    str,
    typer.Option(
        "--model",
        envvar="IEA_MODEL",
        help="Name of the model there; default: the first it lists.",
        rich_help_panel=MODEL_PANEL,
    ),
]
KeyEnv = Annotated[
    str,
    typer.Option(
        envvar="IEA_KEY_ENV",
        help="Environment variable that holds the API key, such as OPENAI_API_KEY.",
        rich_help_panel=MODEL_PANEL,
    ),
]
PromptStyle = Annotated[
    Literal["full", "direct", "short"],
    typer.Option(
        envvar="IEA_PROMPT_STYLE",
        help="Prompts with reasons, for the program alone, or those of the tiny policy.",
        rich_help_panel=MODEL_PANEL,
    ),
]
Format = Annotated[
    Literal["same", "jpg", "png", "tif", "webp"], typer.Option("--format", help="Format of the results.")
]
