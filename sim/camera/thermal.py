"""What a heat camera shows of a painted picture: dark roofs and asphalt warm, leaves and shade cool; in a palette."""

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]


def _ramp(colour_map: int | None, inverted: bool) -> Image:
    """(256, 1, 3) BGR from cold to hot."""
    grey = np.arange(256, dtype=np.uint8)[::-1] if inverted else np.arange(256, dtype=np.uint8)
    if colour_map is None:
        return np.repeat(grey[:, None, None], 3, axis=2)
    return np.asarray(cv2.applyColorMap(grey[:, None], colour_map), np.uint8)


PALETTES: dict[str, Image] = {
    "White hot": _ramp(None, False),
    "Black hot": _ramp(None, True),
    "Ironbow": _ramp(cv2.COLORMAP_INFERNO, False),
    "Rainbow": _ramp(cv2.COLORMAP_JET, False),
}
"""The camera's palettes, in the order of their numbers."""


def heat_picture(picture: Image, palette: str) -> Image:
    """A BGRA picture as heat. Red counts as warm, green and blue as cool, and what is dark takes the sun's warmth."""
    blue, green, red = (picture[..., index].astype(np.int16) for index in range(3))
    warm = 150 + (red - np.maximum(green, blue)) * 2 - (green + red + blue) // 8
    grey = cv2.GaussianBlur(np.clip(warm, 0, 255).astype(np.uint8), (3, 3), 0)
    coloured = np.squeeze(PALETTES[palette], axis=1)[grey]
    return np.dstack([coloured, np.full(grey.shape, 255, np.uint8)])
