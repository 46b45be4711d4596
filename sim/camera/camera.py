"""One simulated camera: pose in, pictures out, rendered and encoded only while somebody watches."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from sim.camera import overlay
from sim.camera.encoder import RTP_CLOCK_HZ, AccessUnit, H264Encoder, parameter_sets
from sim.camera.payload_link import PayloadLink
from sim.camera.pose import Attitude, View
from sim.camera.render import Renderer
from sim.camera.rtsp import LiveStream
from sim.camera.scenes import Scene
from sim.camera.site import CameraSpec
from sim.camera.thermal import heat_picture

POSE_OLD_AFTER_S = 2.0
_MOST_UNITS_WAITING = 3

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Counts:
    """What a camera has done: pictures, those left out because the machine was late, processor seconds spent."""

    pictures: int = 0
    late: int = 0
    render_s: float = 0.0
    encode_s: float = 0.0


class Camera:
    """Renders in a thread of its own and hands coded pictures to its stream in the server's event loop."""

    def __init__(
        self, spec: CameraSpec, link: PayloadLink, renderer: Renderer, scenes: Callable[[], tuple[Scene, ...]]
    ) -> None:
        """A spec that is `thermal` shows heat in the palette of its link's camera, without zoom."""
        self.spec, self.link, self.counts = spec, link, Counts()
        self._renderer, self._scenes = renderer, scenes
        self._loop = asyncio.get_running_loop()
        self.stream = LiveStream(spec.name, spec.video, parameter_sets(spec.video), self._viewers_changed)
        self._watched, self._frozen, self._ended = threading.Event(), threading.Event(), threading.Event()
        self._wants_idr = threading.Event()
        self._viewers = 0
        self._units_waiting = 0
        self._thread = threading.Thread(target=self._run, name=f"camera {spec.asset_id}", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Ends the thread; takes as long as one picture."""
        self._ended.set()
        self._watched.set()
        self._thread.join(timeout=5)

    def freeze(self, frozen: bool) -> None:
        """Frozen, the connection stays and no picture comes: what a hanging encoder looks like."""
        (self._frozen.set if frozen else self._frozen.clear)()

    def _viewers_changed(self, count: int) -> None:
        if count > self._viewers:
            self._wants_idr.set()
        self._viewers = count
        (self._watched.set if count else self._watched.clear)()

    def _run(self) -> None:
        # A first picture for nobody: so the city around is painted before somebody waits for it.
        if not self.spec.thermal:
            self._renderer.paint(self.view(time.monotonic())[0], time.time(), ())
        while not self._ended.is_set():
            self._watched.wait()
            if not self._ended.is_set():
                self._film()

    def _film(self) -> None:
        """Pictures at the stream's rate while watched; a late one is left out, so that time never stretches."""
        rate = self.spec.video.frames_per_second
        encoder = H264Encoder(self.spec.video)
        index = int(time.monotonic() * rate)
        while self._watched.is_set() and not self._ended.is_set():
            index += 1
            wait_s = index / rate - time.monotonic()
            if wait_s < -1 / rate:
                self.counts.late += int(-wait_s * rate)
                index = int(time.monotonic() * rate) + 1
                wait_s = index / rate - time.monotonic()
            if self._ended.wait(max(wait_s, 0.0)) or self._frozen.is_set():
                continue
            self._picture(encoder, index)

    def _picture(self, encoder: H264Encoder, index: int) -> None:
        render_cpu_s = time.thread_time()
        utc_s = time.time()
        view, remark = self.view(time.monotonic())
        picture = self._renderer.paint(view, utc_s, self._scenes())
        if self.spec.thermal:
            picture = heat_picture(picture, self.link.camera.palette)
        overlay.draw(picture, self.spec.name, utc_s, index, remark)
        encode_cpu_s = time.thread_time()
        force_idr = self._wants_idr.is_set() or self._units_waiting >= _MOST_UNITS_WAITING
        self._wants_idr.clear()
        rtp_time = round(index * RTP_CLOCK_HZ / self.spec.video.frames_per_second)
        unit = encoder.encode(picture, rtp_time, utc_s, force_idr)
        self.counts.pictures += 1
        self.counts.render_s += encode_cpu_s - render_cpu_s
        self.counts.encode_s += time.thread_time() - encode_cpu_s
        if unit is None or self._units_waiting >= _MOST_UNITS_WAITING:
            self._wants_idr.set()
            return
        self._units_waiting += 1
        self._loop.call_soon_threadsafe(self._publish, unit)

    def _publish(self, unit: AccessUnit) -> None:
        self._units_waiting -= 1
        self.stream.publish(unit)

    def view(self, now_s: float) -> tuple[View, str]:
        """What the picture at `now_s` (monotonic) is taken from, and a remark when that is not a fresh pose."""
        pose = self.link.pose
        view = pose.view(now_s)
        if view is None or pose.position is None:
            dock = self.spec.dock
            view = View(dock.latitude_deg, dock.longitude_deg, dock.altitude_amsl_m + 2.0, Attitude(0.0, -0.12, 0.0))
            return view, "NO POSE YET: VIEW FROM THE DOCK"
        if not self.spec.thermal:
            view = replace(view, magnification=self.link.camera.magnification)
        age_s = now_s - pose.position.heard_s
        return view, f"NO POSE FOR {age_s:.0f} s: LAST KNOWN VIEW" if age_s > POSE_OLD_AFTER_S else ""
