"""The verl recipe: hydra configs, the verl plugin, the CPU backend, evaluation and the demonstration."""
