"""The real HTTP face and the real video relay over a desk that does what the test says."""

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from shapely.geometry import box

from dfr.cad.feed import CadError
from dfr.core.asset import Asset, Camera, Dock, Readiness
from dfr.core.camera import Photograph
from dfr.core.clock import SystemClock
from dfr.core.fence import FenceCircle, FencePlan, FencePolygon
from dfr.core.flight import Candidate, Decision, Flight, FlightState
from dfr.core.geo import AboveTakeoff, Agl, Amsl, Position, Waypoint
from dfr.core.incident import Incident
from dfr.core.look import HorizonProof
from dfr.core.pilot import PilotCommand
from dfr.core.record import Alarm, FlightReport, RefusalRecord
from dfr.core.report import Report
from dfr.core.stream import Stream, StreamState
from dfr.core.telemetry import (
    Battery,
    FlightMode,
    Gimbal,
    Kinematics,
    LandedState,
    LinkState,
    Telemetry,
    Timed,
    Velocity,
)
from dfr.core.temporary_zone import TemporaryZone
from dfr.core.zone import Zone, ZoneKind
from dfr.server.auth import Authenticator
from dfr.server.auth_store import Role
from dfr.server.changes import Change, ChangeHub, Subscription, ZonesChanged
from dfr.server.factory import create_app
from dfr.server.services import CallResult, CommandResult, DeskHealth, DeskRefusal, Services, SiteInfo, ZonesShown
from dfr.server.snapshot import AssetStatus, Snapshot
from dfr.server.traffic import TrafficShown
from dfr.video.supervisor import VideoSupervisor
from dfr.video.wanted import WantedStream
from tests.protocol.video_camera import Camera as FakeCamera
from tests.support.airframes import airframe

T = TypeVar("T")

CLOCK = SystemClock()
CENTER = Position(32.2260, -110.9200)
SCENE = Position(32.2290, -110.9170)
FENCES = {
    "sky-1": FencePlan(
        (FencePolygon((Position(32.216, -110.933), Position(32.216, -110.909), Position(32.236, -110.921)), True),),
        (FenceCircle(Position(32.2285, -110.9225), 120.0, False),),
        AboveTakeoff(54.0),
    )
}
AIRFRAME = airframe("x500", 12.0, 4.0, 2.0)


class Desk:
    """Shows what it is given, keeps what it is asked."""

    def __init__(self) -> None:
        self.hub = ChangeHub()
        self.shown: dict[type, dict[str, Any]] = {
            kind: {} for kind in (Incident, AssetStatus, Flight, Stream, RefusalRecord, Alarm)
        }
        self.traffic = TrafficShown()
        self.temporary: dict[str, TemporaryZone] = {}
        self.zones_revision = 1
        self.commands: list[tuple[str, PilotCommand, str]] = []
        self.launches: list[str] = []
        self.horizon: tuple[HorizonProof, ...] = ()
        self.photographs: tuple[Photograph, ...] = ()
        self.refusal: DeskRefusal | None = None
        """What the next request is answered with, if anything."""

    def show(self, change: Change) -> None:
        """Make it part of the snapshot and tell every page."""
        if isinstance(change, Telemetry):
            status = self.shown[AssetStatus][change.asset_id]
            self.shown[AssetStatus][change.asset_id] = replace(status, telemetry=change)
        elif isinstance(change, TrafficShown):
            self.traffic = change
        else:
            key = change.asset.id if isinstance(change, AssetStatus) else change.id  # type: ignore[union-attr]
            self.shown[type(change)][key] = change
        self.hub.publish(change)

    async def report_call(self, report: Report, raw: str, received_by: str) -> CallResult:
        raise NotImplementedError

    async def unreadable_call(self, error: CadError, raw: str, received_by: str) -> str | None:
        raise NotImplementedError

    async def command(self, flight_id: str, command: PilotCommand, user: str) -> CommandResult:
        self._maybe_refuse()
        self.commands.append((flight_id, command, user))
        return CommandResult(True, ("Taken; the state shows when it is done.",))

    async def launch(self, incident_id: str, asset_id: str | None, user: str, regime_id: str = "") -> Flight:
        self._maybe_refuse()
        self.launches.append(incident_id)
        sent = flight(FlightState.PREPARING, id="flight-2", incident_id=incident_id, asset_id="sky-2")
        self.show(sent)
        return sent

    def _maybe_refuse(self) -> None:
        refusal, self.refusal = self.refusal, None
        if refusal is not None:
            raise refusal

    def snapshot(self) -> Snapshot:
        kinds = (Incident, AssetStatus, Flight, Stream, RefusalRecord)
        incidents, assets, flights, streams, refusals = (tuple(self.shown[kind].values()) for kind in kinds)
        alarms = tuple(self.shown[Alarm].values())
        return Snapshot(
            CLOCK.now_s(), incidents, assets, flights, streams, refusals, (), alarms, self.traffic, self.zones_revision
        )

    def health(self) -> DeskHealth:
        return DeskHealth(CLOCK.now_s(), True)

    def subscribe(self) -> Subscription:
        return self.hub.subscribe()

    def zones(self) -> ZonesShown:
        zones = (*example_zones(), *(zone.zone for zone in self.temporary.values()))
        ids = frozenset(zone.id for zone in zones)
        return ZonesShown(self.zones_revision, zones, ids, self.temporary, FENCES)

    async def add_zone(self, zone: TemporaryZone) -> TemporaryZone:
        self._maybe_refuse()
        self.temporary[zone.id] = zone
        self._zones_changed()
        return zone

    async def lift_zone(self, zone_id: str, user: str) -> TemporaryZone:
        self._maybe_refuse()
        lifted = replace(self.temporary.pop(zone_id), lifted_s=CLOCK.now_s(), lifted_by=user)
        self._zones_changed()
        return lifted

    def _zones_changed(self) -> None:
        self.zones_revision += 1
        self.hub.publish(ZonesChanged(self.zones_revision))

    async def flight_report(self, flight_id: str) -> FlightReport | None:
        known = self.shown[Flight].get(flight_id)
        return None if known is None else FlightReport(known, None, horizon=self.horizon, photographs=self.photographs)


class Backstage:
    """What lasts longer than one test: an event loop in a thread, three cameras, the relay's process."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="backstage", daemon=True)
        self._thread.start()
        self.cameras = [FakeCamera() for _ in range(3)]
        self.run(self._start)

    def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run a coroutine on the loop and wait for it."""

        async def awaited() -> T:
            return await work()

        return asyncio.run_coroutine_threadsafe(awaited(), self._loop).result(30)

    async def _start(self) -> None:
        for camera in self.cameras:
            await camera.start()
        self.video = VideoSupervisor()
        await self.video.start()
        await self.video.set_streams(
            [
                WantedStream(f"sky-{number}", f"sky-{number}", f"SKY-{number}", camera.url)
                for number, camera in enumerate(self.cameras, 1)
            ]
        )
        while {stream.state for stream in await self.video.streams()} != {StreamState.LIVE}:
            await asyncio.sleep(0.05)

    def kill_video(self) -> None:
        """As a crash would; the supervisor starts it again."""
        process_id = self.video.process_id
        assert process_id is not None
        os.kill(process_id, signal.SIGKILL)

    def close(self) -> None:
        async def end() -> None:
            await self.video.stop()
            for camera in self.cameras:
                await camera.stop()

        self.run(end)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)


class StandIn:
    """The service, served. `port` stays the same when it is stopped and started again."""

    def __init__(self, backstage: Backstage, web_dist: Path, state: Path) -> None:
        self.backstage = backstage
        self.desk = Desk()
        self.port = 0
        self.auth = self.backstage.run(lambda: self._authenticator(state))
        site = SiteInfo("test", "Test town", CENTER, (-111.02, 32.14, -110.8, 32.32), "America/Phoenix", ("A note.",))
        nothing = {"type": "FeatureCollection", "features": []}
        client = backstage.video.client
        self._app = create_app(Services(self.desk, client, self.auth, CLOCK, site, nothing, web_dist))

    async def _authenticator(self, state: Path) -> Authenticator:
        return Authenticator(state / "auth.sqlite", CLOCK)  # belongs to the thread that made it

    def link(self, *roles: Role) -> str:
        """The secret of a one-time sign-in link."""

        async def add() -> str:
            return self.auth.add_link("Somebody on duty", roles)

        return self.backstage.run(add)

    def add_user(self, name: str, password: str, *roles: Role) -> None:
        async def add() -> None:
            self.auth.users.add(name, password, roles)

        self.backstage.run(add)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def show(self, *changes: Change) -> None:
        async def publish() -> None:
            for change in changes:
                self.desk.show(change)

        self.backstage.run(publish)

    def start(self) -> None:
        """Serve; on the same port as before when there was one."""

        async def start() -> None:
            config = uvicorn.Config(self._app, "127.0.0.1", self.port, log_level="warning", lifespan="off")
            self._server = uvicorn.Server(config)
            self._serving = asyncio.create_task(self._server.serve())
            while not self._server.started:
                await asyncio.sleep(0.01)
            self.port = self._server.servers[0].sockets[0].getsockname()[1]
            self._watching = asyncio.create_task(self._watch_streams())

        self.backstage.run(start)

    def stop(self) -> None:
        """Stop serving, as if killed; the relay goes on."""

        async def stop() -> None:
            self._watching.cancel()
            self._server.should_exit = True
            self._server.force_exit = True
            await asyncio.gather(self._serving, self._watching, return_exceptions=True)

        self.backstage.run(stop)

    def close(self) -> None:
        async def close() -> None:
            self.auth.close()

        self.stop()
        self.backstage.run(close)

    async def _watch_streams(self) -> None:
        """Hands on what the relay says of each stream, when that changes."""
        known: dict[str, tuple[StreamState, str]] = {}
        while True:
            for stream in await self.backstage.video.streams():
                if known.get(stream.id) != (stream.state, stream.sentence):
                    known[stream.id] = (stream.state, stream.sentence)
                    self.desk.show(stream)
            await asyncio.sleep(0.1)


def asset(
    number: int, readiness: Readiness = Readiness.READY, flight_id: str | None = None, **seen: Any
) -> AssetStatus:
    """SKY-1 to SKY-3, each on its dock with a link and a full battery unless told otherwise."""
    dock_at = (Position(32.2217, -110.9265), Position(32.2655, -110.9425), Position(32.2420, -110.8570))[number - 1]
    name = ("Downtown", "North", "East")[number - 1]
    dock = Dock(name.lower(), name, dock_at, Amsl(740.0))
    plain = Asset(f"sky-{number}", f"SKY-{number}", 10 + number, dock, AIRFRAME, (Camera("rtsp://x"),))
    return AssetStatus(plain, telemetry(f"sky-{number}", position=dock_at, **seen), readiness, (), flight_id)


def telemetry(
    asset_id: str,
    position: Position = CENTER,
    height_m: float = 0.0,
    speed_mps: float = 0.0,
    heading_deg: float = 40.0,
    pitch_deg: float = 0.0,
    battery: float = 0.97,
    link: LinkState = LinkState.ONLINE,
    now_s: float | None = None,
) -> Telemetry:
    """All values received now."""
    at_s = CLOCK.now_s() if now_s is None else now_s
    velocity = Velocity(speed_mps, 0.0, 0.0)
    moving = Kinematics(position, Amsl(740.0 + height_m), AboveTakeoff(height_m), velocity, heading_deg)
    in_air = height_m > 1
    return Telemetry(
        asset_id,
        link,
        at_s - 30,
        Timed(moving, at_s),
        Timed(FlightMode.MISSION if in_air else FlightMode.HOLD, at_s),
        Timed(in_air, at_s),
        Timed(LandedState.IN_AIR if in_air else LandedState.ON_GROUND, at_s),
        Timed(Battery(battery, 15.8), at_s),
        Timed(Gimbal(pitch_deg, heading_deg), at_s),
        satellites=Timed(14, at_s),
    )


def incident(id: str = "incident-1", priority: int = 1, **changes: Any) -> Incident:
    now_s = CLOCK.now_s()
    known = Incident(
        id, "cad", id, "ROBBERY", priority, SCENE, now_s - 20, now_s - 20, uncertainty_m=60.0,
        address="1200 E Speedway Blvd", description="Two men ran off to the north.",
    )  # fmt: skip
    return replace(known, **changes)


def flight(
    state: FlightState,
    id: str = "flight-1",
    incident_id: str = "incident-1",
    asset_id: str = "sky-1",
    **changes: Any,
) -> Flight:
    now_s = CLOCK.now_s()
    decision = Decision(
        "Most urgent, whatever it is",
        "SKY-1 goes: 62 s to the scene and 14 min there; SKY-2 is 190 s farther.",
        (
            Candidate("sky-1", "SKY-1", True, "Nearest that can get there and back.", 62.0, 14.2),
            Candidate("sky-2", "SKY-2", True, "190 s farther.", 252.0, 9.1),
            Candidate("sky-3", "SKY-3", False, "Its battery holds 34 %; the way there and back needs 41 %."),
        ),
    )
    route = tuple(
        Waypoint(Position(*place), Amsl(800.0))
        for place in ((32.2217, -110.9265), (32.2250, -110.9240), (32.2286, -110.9176))
    )
    times = {"requested": now_s - 19.5, "takeoff_sent": now_s - 19.0, "airborne": now_s - 8.0}
    if state is FlightState.ON_SCENE:
        times |= {"on_scene": now_s - 3.0}
    base = Flight(id, incident_id, asset_id, state, now_s - 4.0, decision, SCENE, route, 1, times_s=times)
    return replace(base, **changes)


def example_zones() -> tuple[Zone, ...]:
    """One of each kind around the centre."""
    return (
        Zone("area", "Test town", ZoneKind.OPERATING_AREA, box(-111.0, 32.16, -110.82, 32.30)),
        Zone("cell", "a 300 ft cell", ZoneKind.CEILING, box(-110.93, 32.22, -110.91, 32.235), top=Agl(91.44),
             note="SYNTHETIC: not FAA data, not for flight"),
        Zone("helipad", "Hospital helipad", ZoneKind.NO_FLY, box(-110.9105, 32.2275, -110.908, 32.2295)),
        Zone("school", "School", ZoneKind.PRIVACY, box(-110.923, 32.2272, -110.9205, 32.229), note="approximate"),
    )  # fmt: skip
