"""Reject a logger of metrics that cannot start: verl makes it only after the models are loaded."""

import netrc
import os
from importlib.util import find_spec
from urllib.parse import urlparse

from omegaconf import DictConfig, OmegaConf

from iea.recipe.guard.error import SettingError, setting

KEY = "trainer.logger"
PACKAGES = {
    "tensorboard": "tensorboard",
    "wandb": "wandb",
    "mlflow": "mlflow",
    "swanlab": "swanlab",
    "vemlp_wandb": "volcengine-ml-platform",
    "clearml": "clearml",
    "trackio": "trackio",
    "rl_insight": "rl-insight",
}
"""Logger of verl -> package on PyPI. verl itself requires the first two."""


def chosen_loggers(config: DictConfig) -> list[str]:
    """Return the names in `trainer.logger`, which is one name or a list."""
    given = setting(config, KEY)
    return [str(name) for name in given] if OmegaConf.is_list(given) else [str(given)]


def refuse_missing_loggers(config: DictConfig) -> None:
    """Raise SettingError if the package of a logger is not installed, or Weights & Biases has no key."""
    names = chosen_loggers(config)
    for name in names:
        package = PACKAGES.get(name)
        if package and find_spec(package.replace("-", "_")) is None:
            raise SettingError(
                f"{KEY} must name loggers whose packages are installed, but {name!r} needs {package}, which is not; "
                f"pip install {package}, or leave it out"
            )
    if "wandb" in names and not _wandb_can_start():
        raise SettingError(
            f"{KEY} names wandb, which must have a key or be offline, got neither; run `wandb login`, set WANDB_API_KEY, or "
            "set WANDB_MODE=offline and upload the run later with `wandb sync`"
        )


def _wandb_can_start() -> bool:
    import wandb

    settings = wandb.setup().settings  # of the variables and of wandb's own files
    if settings.mode != "online" or settings.api_key or settings.identity_token_file:
        return True
    try:
        keys = netrc.netrc(os.environ.get("NETRC"))
    except (OSError, netrc.NetrcParseError):
        return False
    return keys.authenticators(str(urlparse(settings.base_url).hostname)) is not None
