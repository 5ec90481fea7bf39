"""What verl loads through the entry point `verl.plugins`: makes `+recipe=iea` resolve, and the CPU lane work.

verl imports this module from its own `__init__` in every process (driver, Ray workers) and logs a failure at debug
level only; `python -m iea.recipe.doctor` says in plain words whether it loaded.
"""

from __future__ import annotations

from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.plugins import Plugins
from hydra.plugins.search_path_plugin import SearchPathPlugin

from iea.recipe.cpu.install import cpu_lane_wanted

CONFIG_PATH = "pkg://iea.recipe.config"


class IEASearchPath(SearchPathPlugin):
    """Adds our configs behind verl's own, for `+recipe=...` in any verl entry point."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        search_path.append(provider="verl-iea", path=CONFIG_PATH)


Plugins.instance().register(IEASearchPath)

if cpu_lane_wanted():
    from iea.recipe.cpu.install import install_cpu_lane

    install_cpu_lane()
