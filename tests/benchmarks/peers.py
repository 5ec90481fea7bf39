"""Edit with the operations of image libraries that correspond to our tools, one after another, uint8 to uint8.

Their results are similar, not equal, so only the times are compared. kornia's enhance functions work on float tensors; the
conversions from and to uint8 are part of its time. OpenCV alone follows our rule of curves and of the gray.
"""

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageEnhance, ImageFilter

from iea.editor import Image
from iea.editor.color import LUMA

EXPOSURE, CONTRAST, SATURATION = 1.3, 1.2, 1.3  # gains
WARMER = (1.1, 1.0, 0.9)  # of R, G, B


def opencv(image: Image) -> Image:
    """Edit exposure, contrast, saturation and temperature by our rule, in float32: hue kept, gray of equal luminance.

    The stop at the gamut is left out, since OpenCV would need six passes more.
    """
    gains = [np.clip(np.arange(256) * gain + 0.5, 0, 255).astype(np.uint8) for gain in WARMER]
    x = cv2.LUT(image, np.stack(gains, axis=-1)[None])
    red, green, blue = cv2.split(x)
    low, high = cv2.min(cv2.min(red, green), blue), cv2.max(cv2.max(red, green), blue)
    tones = (np.clip((np.arange(256) * EXPOSURE - 128) * CONTRAST + 128, 0, 255) / 255).astype(np.float32)
    bottom, top = cv2.LUT(low, tones), cv2.LUT(high, tones)
    ratio = cv2.divide(cv2.subtract(top, bottom), cv2.max(cv2.subtract(high, low, dtype=cv2.CV_32F), 1.0))
    planes = [cv2.add(cv2.multiply(cv2.subtract(p, low, dtype=cv2.CV_32F), ratio), bottom) for p in (red, green, blue)]
    bent = cv2.merge(planes)
    gray = cv2.sqrt(cv2.transform(cv2.multiply(bent, bent), np.array([LUMA], np.float32)))
    edited = cv2.addWeighted(bent, 255 * SATURATION, cv2.merge([gray] * 3), 255 * (1 - SATURATION), 0)
    return cv2.convertScaleAbs(cv2.max(edited, 0.0))


def pillow(image: Image) -> Image:
    """Edit the same and sharpness."""
    edited = Pillow.fromarray(image)
    edited = ImageEnhance.Brightness(edited).enhance(EXPOSURE)
    edited = ImageEnhance.Contrast(edited).enhance(CONTRAST)
    edited = ImageEnhance.Color(edited).enhance(SATURATION)
    bands = [band.point(lambda v, g=gain: v * g) for band, gain in zip(edited.split(), WARMER, strict=True)]
    edited = Pillow.merge("RGB", bands)
    return np.asarray(edited.filter(ImageFilter.UnsharpMask(radius=1, percent=50, threshold=0)))


def kornia(image: Image) -> Image:
    """Edit the same and sharpness."""
    import torch
    from kornia import enhance
    from kornia.filters import unsharp_mask

    torch.set_num_threads(1)
    x = torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))).float()[None] / 255
    x = enhance.adjust_brightness_accumulative(x, EXPOSURE)
    x = enhance.adjust_contrast_with_mean_subtraction(x, CONTRAST)
    x = enhance.adjust_saturation_with_gray_subtraction(x, SATURATION)
    x = (x * torch.tensor(WARMER).view(1, 3, 1, 1)).clamp(0, 1)
    x = unsharp_mask(x, (5, 5), (1.0, 1.0)).clamp(0, 1)
    return np.ascontiguousarray((x[0] * 255 + 0.5).byte().permute(1, 2, 0).numpy())
