"""Print the folder of every point of a sweep, as a trainer of verl would save in it.   sweep.py [--sft] OVERRIDES"""

import sys
from importlib.util import find_spec
from pathlib import Path

import hydra
from omegaconf import DictConfig

from iea.recipe.config import SEARCH_PATH

spec = find_spec("verl")
assert spec is not None and spec.origin is not None
NAME = "sft_trainer_engine" if "--sft" in sys.argv else "ppo_trainer"
sys.argv = [word for word in sys.argv if word != "--sft"] + [f"hydra.searchpath=[{SEARCH_PATH}]"]


@hydra.main(config_path=str(Path(spec.origin).parent / "trainer/config"), config_name=NAME, version_base=None)
def main(config: DictConfig) -> None:
    print("point", config.trainer.default_local_dir)


main()
