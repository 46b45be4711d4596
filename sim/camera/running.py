"""Cameras as a set: served from one event loop, either in this thread or, for tests, in one of its own."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace

from sim.camera.camera import Camera, Counts
from sim.camera.component import CameraComponent, StreamOffer, definition
from sim.camera.encoder import VideoFormat
from sim.camera.files import CameraFiles
from sim.camera.payload_link import PayloadLink
from sim.camera.photograph import Photographer
from sim.camera.render import Renderer, World
from sim.camera.rtsp import RtspServer
from sim.camera.scenes import Scene
from sim.camera.site import CameraSpec

HOST = "127.0.0.1"
HEAT_VIEW_DEG = 40.0


def no_scenes() -> tuple[Scene, ...]:
    """Nothing happens anywhere."""
    return ()


@dataclass(frozen=True, slots=True)
class ServedCamera:
    """A camera and the server that its stream is on."""

    camera: Camera
    server: RtspServer
    heat: Camera

    @property
    def url(self) -> str:
        """Where its video is."""
        return self.url_of(self.camera)

    def url_of(self, camera: Camera) -> str:
        return f"rtsp://{HOST}:{self.server.port}/{camera.spec.path}"


def heat_spec(spec: CameraSpec) -> CameraSpec:
    """The heat camera beside a camera: fewer pixels, a narrower lens, no zoom."""
    video = VideoFormat(640, 512, max(spec.video.frames_per_second // 2, 5), 800_000)
    path = f"{spec.path}/heat"
    return replace(spec, path=path, video=video, horizontal_view_deg=HEAT_VIEW_DEG, thermal=True)


def describe(component: CameraComponent, served: ServedCamera, files: CameraFiles, photographer: Photographer) -> None:
    """Let the MAVLink camera tell of its streams, and hand out its files."""
    component.wide_view_deg = served.camera.spec.horizontal_view_deg
    component.streams = tuple(
        StreamOffer(
            "Heat" if one.spec.thermal else "Zoom",
            served.url_of(one),
            one.spec.video.width_px,
            one.spec.video.height_px,
            one.spec.video.frames_per_second,
            one.spec.video.bits_per_second,
            one.spec.horizontal_view_deg,
            one.spec.thermal,
        )
        for one in (served.camera, served.heat)
    )
    folder = f"/{served.camera.spec.asset_id}"
    component.definition_url = files.put(f"{folder}/definition.xml", "application/xml", definition())

    def take(index: int) -> str | None:
        picture = photographer.take()
        return files.put(f"{folder}/{index:05d}.jpg", "image/jpeg", picture) if picture else None

    def photograph(index: int, done: Callable[[str | None], None]) -> None:
        taking = asyncio.get_running_loop().run_in_executor(None, take, index)
        taking.add_done_callback(lambda taken: done(taken.result()))

    component.photograph = photograph


@contextlib.asynccontextmanager
async def serving(
    specs: Sequence[CameraSpec],
    world: World,
    scenes: Callable[[], tuple[Scene, ...]] = no_scenes,
    rtsp_port: int | None = None,
) -> AsyncIterator[dict[str, ServedCamera]]:
    """Serves the cameras (by asset id) while the context lasts; `rtsp_port` replaces the ports of the specs.

    Raises OSError when a port is taken.
    """
    servers: dict[int, RtspServer] = {}
    served: dict[str, ServedCamera] = {}
    links: list[PayloadLink] = []
    files = CameraFiles(HOST)
    try:
        for spec in specs:
            port = spec.rtsp_port if rtsp_port is None else rtsp_port
            if port not in servers:
                servers[port] = RtspServer()
                await servers[port].start(HOST, port)
            links.append(PayloadLink())
            await links[-1].start(HOST, spec.payload_port)
            camera = Camera(spec, links[-1], Renderer(spec, world), scenes)
            heat = Camera(heat_spec(spec), links[-1], Renderer(heat_spec(spec), world), scenes)
            served[spec.asset_id] = ServedCamera(camera, servers[port], heat)
            for one in (camera, heat):
                servers[port].add(one.spec.path, one.stream)
            describe(links[-1].camera, served[spec.asset_id], files, Photographer(spec, links[-1], world, scenes))
        yield served
    finally:
        files.stop()
        for server in servers.values():
            await server.stop()
        for one in served.values():
            await asyncio.to_thread(one.camera.end)
            await asyncio.to_thread(one.heat.end)
        for link in links:
            link.stop()


class CameraHandle:
    """A running camera, for the thread that started it."""

    def __init__(self, served: ServedCamera, loop: asyncio.AbstractEventLoop) -> None:
        self._served, self._loop = served, loop
        self.url = served.url
        self.payload_port = served.camera.link.port

    def stop(self) -> None:
        """The source vanishes: viewers are disconnected, new ones hear 404."""
        self._call(lambda: self._served.server.remove(self._served.camera.spec.path))

    def start(self) -> None:
        """The source is back after `stop`."""
        camera = self._served.camera
        self._call(lambda: self._served.server.add(camera.spec.path, camera.stream))

    def freeze(self, frozen: bool = True) -> None:
        """Connections stay, pictures stop."""
        self._served.camera.freeze(frozen)

    @property
    def viewers(self) -> int:
        """How many receivers play the stream."""
        return len(self._served.camera.stream.viewers)

    @property
    def counts(self) -> Counts:
        """What the camera has done so far."""
        return self._served.camera.counts

    def _call(self, action: Callable[[], None]) -> None:
        done: Future[None] = Future()

        def act() -> None:
            action()
            done.set_result(None)

        self._loop.call_soon_threadsafe(act)
        done.result(timeout=5)


@contextlib.contextmanager
def running_cameras(
    specs: Sequence[CameraSpec],
    rtsp_port: int | None = 0,
    scenes: Callable[[], tuple[Scene, ...]] = no_scenes,
    world: World | None = None,
) -> Iterator[Mapping[str, CameraHandle]]:
    """Cameras in a thread of this process, by asset id; port 0 lets the system pick.

    Raises OSError when a port is taken.
    """
    ready: Future[dict[str, CameraHandle]] = Future()
    ended = asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        try:
            async with serving(specs, world or World([spec.dock for spec in specs]), scenes, rtsp_port) as served:
                ready.set_result({asset_id: CameraHandle(one, loop) for asset_id, one in served.items()})
                await ended.wait()
        except OSError as error:
            if ready.done():
                raise
            ready.set_exception(error)

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), name="cameras", daemon=True)
    thread.start()
    try:
        yield ready.result(timeout=30)
    finally:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(ended.set)
        thread.join(timeout=10)
        loop.close()
