"""H.264 as a drone's camera sends it: constrained baseline, no B-frames, each second an IDR with parameter sets."""

from dataclasses import dataclass
from fractions import Fraction

import av
import cv2
import numpy as np
import numpy.typing as npt

RTP_CLOCK_HZ = 90_000
NAL_IDR, NAL_SEI, NAL_SPS, NAL_PPS, NAL_DELIMITER = 5, 6, 7, 8, 9


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """Size, rate and bit rate of one stream."""

    width_px: int = 960
    height_px: int = 540
    frames_per_second: int = 20
    bits_per_second: int = 2_000_000


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One coded picture: NAL units without start codes, its time on the stream's 90 kHz clock and in UTC seconds."""

    nal_units: tuple[bytes, ...]
    is_idr: bool
    rtp_time: int
    utc_s: float


class H264Encoder:
    """libx264 tuned for no delay: each picture given comes out at once. One encoder serves one thread."""

    def __init__(self, video: VideoFormat) -> None:
        self._video = video
        rate = video.frames_per_second
        context = av.CodecContext.create("libx264", "w")
        context.width, context.height, context.pix_fmt = video.width_px, video.height_px, "yuv420p"
        context.framerate, context.time_base = Fraction(rate), Fraction(1, RTP_CLOCK_HZ)
        context.bit_rate, context.gop_size, context.max_b_frames = video.bits_per_second, rate, 0
        context.thread_count = 1
        kbit = video.bits_per_second // 1000
        context.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "profile": "baseline",
            "level": "3.1" if video.width_px * video.height_px * rate <= 1280 * 720 * 30 else "4.2",
            "forced-idr": "1",
            "x264-params": f"keyint={rate}:min-keyint=1:scenecut=0:repeat-headers=1:threads=1:bframes=0"
            f":force-cfr=1:vbv-maxrate={kbit}:vbv-bufsize={kbit // 2}:colormatrix=smpte170m:range=tv",
        }
        self._context = context

    def encode(
        self, picture: npt.NDArray[np.uint8], rtp_time: int, utc_s: float, force_idr: bool = False
    ) -> AccessUnit | None:
        """Encodes one BGRA picture of shape (height, width, 4).

        None when libx264 holds it back (it does not, tuned as it is).
        """
        frame = av.VideoFrame.from_ndarray(cv2.cvtColor(picture, cv2.COLOR_BGRA2YUV_I420), format="yuv420p")
        frame.pts, frame.time_base = rtp_time, Fraction(1, RTP_CLOCK_HZ)
        if force_idr:
            frame.pict_type = av.video.frame.PictureType.I
        packets = self._context.encode(frame)
        if not packets:
            return None
        units = split_annex_b(b"".join(bytes(packet) for packet in packets))
        return AccessUnit(units, any(unit[0] & 31 == NAL_IDR for unit in units), rtp_time, utc_s)


def split_annex_b(data: bytes) -> tuple[bytes, ...]:
    """The NAL units of a byte stream (H.264 annex B), without start codes, delimiters and x264's version SEI."""
    pieces = data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")[1:]
    return tuple(piece for piece in pieces if piece and piece[0] & 31 not in (NAL_SEI, NAL_DELIMITER))


def parameter_sets(video: VideoFormat) -> tuple[bytes, bytes]:
    """SPS and PPS that an encoder of this format writes; a session description needs them before the first picture."""
    unit = H264Encoder(video).encode(np.zeros((video.height_px, video.width_px, 4), np.uint8), 0, 0.0)
    by_type = {nal[0] & 31: nal for nal in unit.nal_units} if unit else {}
    return by_type[NAL_SPS], by_type[NAL_PPS]
