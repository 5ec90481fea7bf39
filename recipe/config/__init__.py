"""The hydra configs: the group `recipe` holds one file for each recipe or layer, chosen by `+recipe=NAME`."""

from collections.abc import Sequence
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from omegaconf import DictConfig

SEARCH_PATH = f"pkg://{__name__}"


def recipe_names() -> list[str]:
    """Return the names of all recipes and layers, sorted."""
    return sorted(Path(str(path)).stem for path in (files(__name__) / "recipe").iterdir())


def compose_recipe(trainer: str, overrides: Sequence[str], *, hydra: bool = False) -> DictConfig:
    """Compose a configuration as verl's entry points do, without importing verl; inside of a run of hydra too.

    Parameters
    ----------
    trainer : verl's primary config, "ppo_trainer" or "sft_trainer_engine"
    overrides : as on the command line, for example ["+recipe=iea", "iea.w=0.5"]
    hydra : whether to keep the node `hydra`

    Raises
    ------
    RuntimeError : verl is not installed
    ValueError : an override does not fit the config
    """
    from hydra import compose, initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra
    from hydra.errors import HydraException

    spec = find_spec("verl")
    if spec is None or spec.origin is None:
        raise RuntimeError("cannot compose a recipe: verl is not installed. Run iea doctor")
    settings = [f"hydra.searchpath=[{SEARCH_PATH}]", *overrides]
    running, GlobalHydra.instance().hydra = GlobalHydra.instance().hydra, None
    try:
        with initialize_config_dir(str(Path(spec.origin).parent / "trainer/config"), version_base=None):
            return compose(trainer, settings, return_hydra_config=hydra)
    except HydraException as error:
        raise ValueError(f"overrides must fit {trainer}, got {' '.join(overrides)}: {error}") from error
    finally:
        GlobalHydra.instance().hydra = running
