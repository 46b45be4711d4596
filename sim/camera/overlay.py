"""The small print in the picture: whose camera, UTC, and a sentence when the pose is not what it should be."""

import datetime

import cv2
import numpy as np
import numpy.typing as npt

from sim.camera import timecode

_FONT = cv2.FONT_HERSHEY_SIMPLEX


def draw(picture: npt.NDArray[np.uint8], name: str, utc_s: float, frame: int, remark: str) -> None:
    """Draws name, time, remark and the machine-readable time code into a BGRA picture, in place."""
    height_px = picture.shape[0]
    scale = max(height_px / 1000, 0.4)
    utc = datetime.datetime.fromtimestamp(utc_s, datetime.UTC)
    _text(picture, f"{name}  {utc:%Y-%m-%d %H:%M:%S}.{utc.microsecond // 100_000} UTC", 0.05, scale)
    if remark:
        _text(picture, remark, 0.10, scale * 1.2)
    timecode.encode(picture, timecode.TimeCode(int(utc_s * 1000), frame))


def _text(picture: npt.NDArray[np.uint8], text: str, top: float, scale: float) -> None:
    place = (round(16 * scale) + 4, round(picture.shape[0] * top))
    cv2.putText(picture, text, (place[0] + 1, place[1] + 1), _FONT, scale, (20, 20, 20), 1, cv2.LINE_AA)
    cv2.putText(picture, text, place, _FONT, scale, (250, 250, 250), 1, cv2.LINE_AA)
