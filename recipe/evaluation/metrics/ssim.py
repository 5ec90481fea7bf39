"""SSIM: structural similarity (Wang et al. 2004), the mean over R, G and B."""

from iea.recipe.evaluation.metrics.compared import Shown
from iea.recipe.evaluation.metrics.metric import MetricSettings, image_metric, lacks

SIDE = 11  # of the window


def ssim(shown: Shown) -> float:
    """Return the mean of the index over pixels and channels.

    References
    ----------
    Wang et al. (2004), Image quality assessment: Gaussian window of 11 x 11 pixels and sigma 1.5, K1 = 0.01, K2 = 0.03;
    its program computes the index of gray images, and only where the window fits, as here.
    """
    from skimage.metrics import structural_similarity

    return float(
        structural_similarity(
            shown.result,
            shown.reference,
            channel_axis=2,
            data_range=255,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
    )


def unavailable(_: MetricSettings) -> str:
    """Return the reason why it cannot be computed."""
    return lacks("scikit-image", "skimage")


METRIC = image_metric(
    "ssim",
    "SSIM",
    lambda _: ssim,
    better="higher",
    span="-1 to 1",
    source="scikit-image, with the window of Wang et al. (2004), mean over R, G and B",
    rank=25,
    smallest=SIDE,
    unavailable=unavailable,
)
