"""The page for many users on Ray Serve: `serve run iea.recipe.serving:application root=/shared/iea checkpoint=stage3/huggingface`.

Two deployments. `page` is the application of `iea web` in each replica, with threads and workers of its own; all replicas share the
folder of the sessions, and any of them answers any request (`iea.recipe.agent.web.store`). `policy` is a vLLM in each replica,
which a page reaches through Ray alone; without a checkpoint it is left out.

The policy is `vllm serve`, not `ray.serve.llm`: that of Ray 2.60 imports vLLM 0.29, and verl 0.9.1 pins 0.24.
"""

import asyncio
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from iea.recipe.agent.models.endpoint import Endpoint, EndpointConfig
from iea.recipe.agent.models.model import Model
from iea.recipe.agent.models.offline import Offline
from iea.recipe.agent.models.vllm_server import NAME, VllmServer, check_servable
from iea.recipe.agent.web.settings import WebSettings
from iea.reward_fns.chat import ChatClient, ChatError, Completion, RetryableError

if TYPE_CHECKING:
    from ray.serve import Application
    from starlette.applications import Starlette

PAGE, POLICY = "page", "policy"


@dataclass(frozen=True, kw_only=True)
class ServingSettings(WebSettings):
    """Arguments of the application, besides the limits, which hold for each replica of the page.

    root : absolute folder of the sessions, on a disk with locks that all nodes see
    domain : names by which the page may be called, with commas between them; "" = this machine's own
    pages, page_cpus : replicas of the page, and CPUs for each
    checkpoint : folder of a trained model that all nodes see; None = the endpoint, or the offline interpreter
    policies, gpus : replicas of the policy, and GPUs for each; 0 = the CPU
    vllm : further options of `vllm serve`
    endpoint, model, key_env : of a hosted model, as of `iea web`; the nodes must have the variable with the key
    style : form of the prompts, as of `iea.recipe.agent.models.endpoint.EndpointConfig`
    timeout_s : that the model may take

    Raises
    ------
    ValueError : a value is out of range, or two of them exclude each other
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    domain: str = ""
    pages: int = 1
    page_cpus: int = 2
    checkpoint: Path | None = None
    policies: int = 1
    gpus: int = 1
    vllm: str = ""
    endpoint: str = ""
    model: str = ""
    key_env: str = ""
    style: Literal["full", "direct", "short"] = "full"
    timeout_s: float = 60.0

    def __post_init__(self) -> None:
        if not self.root.is_absolute():
            raise ValueError(f"root must be an absolute folder, which all nodes see, got {str(self.root)!r}")
        for name, least in (("pages", 1), ("page_cpus", 1), ("policies", 1), ("gpus", 0)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, got {getattr(self, name)}")
        if self.checkpoint and self.endpoint:
            raise ValueError(
                f"the model must be one, got a checkpoint and endpoint={self.endpoint}; leave one of them out"
            )
        if self.checkpoint:
            shlex.split(self.vllm)  # which checks the quotation marks
            check_servable(self.checkpoint)
        if self.checkpoint or self.endpoint:
            _ = self.config  # checks the rest

    @property
    def hosts(self) -> list[str]:
        """Names by which the page may be called."""
        from iea.recipe.agent.web.server import LOOPBACK

        return [*filter(None, (one.strip() for one in self.domain.split(","))), *LOOPBACK]

    @property
    def config(self) -> EndpointConfig:
        """Settings of the requests to the model; those to a policy name no address."""
        address = {"url": self.endpoint, "model": self.model, "key_env": self.key_env}
        if self.checkpoint:
            address = {"url": f"http://{POLICY}/v1", "model": NAME}
        return EndpointConfig(**address, style=self.style, timeout_s=self.timeout_s, attempts=2)  # type: ignore[arg-type]  # one type a name


class Policy:
    """A replica of the policy: vLLM, and the client that asks it."""

    def __init__(self, settings: ServingSettings) -> None:
        assert settings.checkpoint is not None
        parallel = ["--tensor-parallel-size", str(settings.gpus)] if settings.gpus > 1 else []
        self._server = VllmServer(settings.checkpoint, [*parallel, *shlex.split(settings.vllm)])
        self._server.wait()
        self._config = EndpointConfig(**{**vars(settings.config), "url": self._server.url})

    async def complete(self, body: Mapping[str, Any]) -> Completion | ChatError:
        """Return the completion of a request, or the error, for the page to raise."""
        try:
            return await ChatClient(self._config).complete(body)
        except ChatError as error:
            return error

    async def check_health(self) -> None:
        """Raise RuntimeError if vLLM does not answer; after three times Ray starts another replica."""
        if not await asyncio.to_thread(self._server.answers):
            raise RuntimeError("vLLM must answer, it does not")

    def __del__(self) -> None:
        if server := getattr(self, "_server", None):
            server.close()


class RemoteEndpoint(Endpoint):
    """The policy as the page sees it; Ray chooses the replica."""

    def __init__(self, config: EndpointConfig, handle: Any) -> None:
        super().__init__(config)
        self._handle = handle

    @property
    def name(self) -> str:
        """Name of the model."""
        return NAME

    def _complete(self, body: Mapping[str, Any]) -> Completion:
        from ray.exceptions import RayError
        from ray.serve.exceptions import RayServeException

        try:
            response = self._handle.complete.remote(body)
            try:
                answer: Completion | ChatError = response.result(timeout_s=self.config.timeout_s)
            except TimeoutError:
                response.cancel()  # nobody waits for its answer, others wait for the replica
                raise
        except (RayError, RayServeException, TimeoutError) as error:
            raise RetryableError("replica", f"no replica of the policy answered: {type(error).__name__}") from error
        if isinstance(answer, ChatError):
            raise answer
        return answer


def application(arguments: dict[str, str]) -> "Application":
    """Return the application for `serve run`; `arguments` are those of ServingSettings.

    Raises
    ------
    ValueError : an argument is unknown or wrong; nothing was deployed
    """
    from ray import serve

    from iea.recipe.agent.web.server import CONNECTIONS

    settings = read_settings(arguments)

    def build() -> "Starlette":
        return page_of(settings)

    page = serve.deployment(
        serve.ingress(build)(),
        name=PAGE,
        num_replicas=settings.pages,
        max_ongoing_requests=CONNECTIONS,
        max_queued_requests=CONNECTIONS,
        ray_actor_options={"num_cpus": settings.page_cpus},
    )
    if not settings.checkpoint:
        return page.bind()
    policy = serve.deployment(
        Policy,
        name=POLICY,
        num_replicas=settings.policies,
        max_ongoing_requests=settings.talks,
        max_queued_requests=settings.waiting,
        ray_actor_options={"num_cpus": 1, "num_gpus": settings.gpus},
    )
    return page.bind(policy.bind(settings))


def read_settings(arguments: Mapping[str, str]) -> ServingSettings:
    """Return the settings of an application.

    >>> read_settings({"root": "/srv/iea", "pages": "4", "max_pixels": "100000000"}).pages
    4
    >>> read_settings({"root": "/srv/iea", "page": "4"})
    Traceback (most recent call last):
    ValueError: page: Unexpected keyword argument, got '4'
    """
    try:
        return TypeAdapter(ServingSettings).validate_python(dict(arguments))
    except ValidationError as error:
        raise ValueError("; ".join(map(_fault, error.errors()))) from None


def _fault(error: Any) -> str:
    ours = error.get("ctx", {}).get("error")
    return str(ours or f"{'.'.join(map(str, error['loc']))}: {error['msg']}, got {error['input']!r}")


def page_of(settings: ServingSettings) -> "Starlette":
    """Return the application of `iea web` for a replica of the page."""
    from ray import serve

    from iea.recipe.agent.web.server import build_app

    model: Model = Offline()
    if settings.checkpoint:
        name = serve.get_replica_context().app_name
        model = RemoteEndpoint(settings.config, serve.get_deployment_handle(POLICY, app_name=name))
    elif settings.endpoint:
        model = Endpoint(settings.config)
    return build_app(settings, model, hosts=settings.hosts, workers=settings.page_cpus)
