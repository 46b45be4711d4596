"""Pictures for the tests of the camera: detailed ones, and what a decoder makes of coded ones."""

from collections.abc import Sequence

import av
import numpy as np
import numpy.typing as npt

from sim.camera.encoder import AccessUnit

Image = npt.NDArray[np.uint8]


def scenery(shift_px: int = 0) -> Image:
    """Blocks of random colours, (540, 960, 4), moved sideways."""
    blocks = np.random.default_rng(1).integers(0, 255, (18, 32, 4), dtype=np.uint8)
    return np.roll(np.kron(blocks, np.ones((30, 30, 1), np.uint8)), shift_px, axis=1)


def decoded(units: Sequence[AccessUnit]) -> list[Image]:
    """The grey pictures of coded ones, in order."""
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    data = [b"".join(b"\0\0\0\1" + nal for nal in unit.nal_units) for unit in units]
    frames = [frame for piece in data for frame in decoder.decode(av.Packet(piece))]
    frames += decoder.decode(None)
    return [frame.to_ndarray(format="gray") for frame in frames]
