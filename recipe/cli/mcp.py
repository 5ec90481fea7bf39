"""`iea mcp`: a server for agents."""

from pathlib import Path
from typing import Annotated

import typer


def mcp(
    root: Annotated[
        list[Path] | None,
        typer.Option(
            exists=True, file_okay=False, help="Folder that agents may read, several times; default: this one."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for results; default: one that is removed when the session ends.")
    ] = None,
) -> None:
    """Serve the editor to an agent over the Model Context Protocol, on stdin and stdout, until they close."""
    from iea.recipe.agent.mcp_server import build_server
    from iea.recipe.agent.mcp_session import Session

    with Session(root or [Path()], out) as session:
        build_server(session).run("stdio")
