"""The module that verl loads through the entry point group `verl.plugins`.

verl imports it from its own `__init__`, in the driver and in every Ray worker, and logs a failure at debug level only;
`iea doctor` reports whether it loaded. It makes `+recipe=iea` resolve, applies the patches, and sets up the CPU backend
where there is no GPU. verl has imported torch before, so the patches cost no time.
"""

from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.plugins import Plugins
from hydra.plugins.search_path_plugin import SearchPathPlugin

from iea.recipe import overrides  # noqa: F401  (its resolver names the folders of a sweep)
from iea.recipe.config import SEARCH_PATH
from iea.recipe.cpu.install import cpu_backend_wanted, install_cpu_backend
from iea.recipe.hooks import patches, start


class IEASearchPath(SearchPathPlugin):
    """Adds our configs after verl's own, for `+recipe=...` in any verl entry point."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        search_path.append(provider="verl-iea", path=SEARCH_PATH)


Plugins.instance().register(IEASearchPath)
patches.apply()
start.apply()
if cpu_backend_wanted():
    install_cpu_backend()
