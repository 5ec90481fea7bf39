"""`iea web`: the page on which people talk to their photographs."""

import shlex
import sys
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated

import typer

from iea.recipe.cli.photo_options import MODEL_PANEL, Endpoint, KeyEnv, ModelName, PromptStyle

LIMITS = "Limits"


def web(
    root: Annotated[Path, typer.Option(file_okay=False, help="Folder of the sessions; they survive a restart.")] = Path(
        "iea-sessions"
    ),
    host: Annotated[
        str, typer.Option(help="Address to listen on; other than loopback, put TLS in front.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 = any free one.")] = 8000,
    domain: Annotated[
        list[str] | None, typer.Option(help="Name by which the server may be called; default: this machine's own.")
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="Folder of a trained model, which vLLM serves beside the page.",
            rich_help_panel=MODEL_PANEL,
        ),
    ] = None,
    vllm: Annotated[
        str, typer.Option(help='Further options of vLLM, such as "--enforce-eager".', rich_help_panel=MODEL_PANEL)
    ] = "",
    endpoint: Endpoint = "",
    model: ModelName = "",
    key_env: KeyEnv = "",
    prompt_style: PromptStyle = "full",
    timeout: Annotated[
        float, typer.Option(min=1, help="Seconds that the model may take, both attempts together.")
    ] = 60.0,
    max_megabytes: Annotated[int, typer.Option(min=1, help="Of an uploaded file.", rich_help_panel=LIMITS)] = 80,
    max_megapixels: Annotated[int, typer.Option(min=1, help="Of a photograph.", rich_help_panel=LIMITS)] = 60,
    days: Annotated[
        float, typer.Option(min=0.01, help="Days without use until a session is removed.", rich_help_panel=LIMITS)
    ] = 7.0,
    uploads: Annotated[
        int, typer.Option(min=1, help="Photographs a minute from one address.", rich_help_panel=LIMITS)
    ] = 20,
) -> None:
    """Serve a web page: upload a photograph, say how it should look, move the tools, download it at full size.

    Prints its address. Without an endpoint an offline interpreter reads the requests.
    """
    from iea.recipe.agent.models import Model
    from iea.recipe.agent.models.endpoint import Endpoint as EndpointModel
    from iea.recipe.agent.models.endpoint import EndpointConfig
    from iea.recipe.agent.models.offline import Offline
    from iea.recipe.agent.models.vllm_server import NAME, VllmServer
    from iea.recipe.agent.web.server import serve
    from iea.recipe.agent.web.settings import WebSettings

    if checkpoint and endpoint:
        raise ValueError(f"the model must be one, got --checkpoint and --endpoint {endpoint}; leave one of them out")
    limits = WebSettings(
        root=root,
        max_bytes=max_megabytes * 1_000_000,
        max_pixels=max_megapixels * 1_000_000,
        days=days,
        uploads=uploads,
    )
    with ExitStack() as stack:
        if checkpoint:
            root.mkdir(parents=True, exist_ok=True, mode=0o700)
            server = stack.enter_context(closing(VllmServer(checkpoint, shlex.split(vllm), root / "vllm.log")))
            print("vLLM starts, which takes a minute or more", file=sys.stderr)
            server.wait()
            endpoint, model, key_env = server.url, NAME, ""
        speaker: Model = Offline()
        if endpoint:
            settings = EndpointConfig(
                url=endpoint, model=model, key_env=key_env, style=prompt_style, timeout_s=timeout, attempts=2
            )
            speaker = EndpointModel(settings)
        serve(limits, speaker, host, port, domain or ())
