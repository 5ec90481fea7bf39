"""Models that turn requests into programs: the offline interpreter, and any model with vision behind an endpoint."""

from iea.recipe.agent.models.model import Answer, Model, ModelError

__all__ = ["Answer", "Model", "ModelError"]
