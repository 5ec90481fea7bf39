"""Choose where a model is evaluated."""


def device() -> str:
    """Return "cuda" where torch finds a GPU, else "cpu"."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
