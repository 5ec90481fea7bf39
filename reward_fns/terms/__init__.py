"""The reward's terms, one file each: pure functions of the distances that leave-one-out measured."""

from iea.reward_fns.terms.likeness import likeness
from iea.reward_fns.terms.usefulness import usefulness

__all__ = ["likeness", "usefulness"]
