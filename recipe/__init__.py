"""The verl recipe: hydra configs, the verl plugin, the CPU lane, evaluation and the demonstration."""
