"""Hydra search path `pkg://iea.recipe.config`: holds the group `recipe` (`+recipe=iea`, ...)."""
