"""The engine as the pages see it: answers the server's questions, and tells it what changed."""

import asyncio
import logging
from dataclasses import dataclass, replace
from pathlib import Path

from dfr.cad.feed import CadError
from dfr.core.asset import Asset
from dfr.core.clock import Clock
from dfr.core.flight import Flight, FlightState
from dfr.core.incident import Incident
from dfr.core.pilot import PilotCommand
from dfr.core.record import FlightReport
from dfr.core.report import Report
from dfr.core.stream import Stream
from dfr.core.telemetry import Telemetry
from dfr.core.temporary_zone import TemporaryZone
from dfr.core.weather import Weather
from dfr.dispatch.debrief import flight_report
from dfr.dispatch.engine import Engine
from dfr.dispatch.memory import Change as Kept
from dfr.dispatch.memory import Memory
from dfr.dispatch.picture import Picture
from dfr.dispatch.ports import Fleet
from dfr.dispatch.preflight import preflight
from dfr.dispatch.readiness import readiness
from dfr.dispatch.refusal import NotDone, RefusalKind
from dfr.journal.journal import Journal
from dfr.server.changes import ChangeHub, Motion, Strangers, Subscription, ZonesChanged
from dfr.server.services import CallResult, CommandResult, DeskHealth, DeskRefusal, ZonesShown
from dfr.server.snapshot import AssetStatus, Snapshot
from dfr.server.traffic import TrafficShown, shown
from dfr.sights import Sights
from dfr.video.supervisor import VideoSupervisor

log = logging.getLogger(__name__)

TELEMETRY_EVERY_S = 0.2
WORDS_EVERY = 5
"""Seconds between messages about an asset of which nothing but the wording of its checks has changed."""
WHOLE_EVERY = 5
"""In between only where it is and where it looks, unless something that people act on has changed."""
STATUS_EVERY_S = 1.0
STATUSES_AT_ONCE = 10
STREAMS_EVERY_S = 0.5
SIGHTS_EVERY_S = 0.5
SHOWN_FLIGHTS = 50
"""The newest, besides all that are under way."""
SHOWN_INCIDENTS = 200
SHOWN_ALARMS_S = 1800.0

_STATUS = {
    RefusalKind.UNKNOWN: 404,
    RefusalKind.UNUSABLE: 422,
    RefusalKind.NOT_NOW: 409,
    RefusalKind.BUSY: 503,
}


@dataclass
class ServiceDesk:
    """Implements `dfr.server.services.Desk` on the engine, the fleet, the journal and the relay."""

    engine: Engine
    memory: Memory
    fleet: Fleet
    journal: Journal
    video: VideoSupervisor
    clock: Clock

    def __post_init__(self) -> None:
        self._hub = ChangeHub()
        self._streams: tuple[Stream, ...] = ()
        self._latest: tuple[AssetStatus, ...] = ()
        self.memory.on_change = self._publish_kept

    async def report_call(self, report: Report, raw: str, received_by: str) -> CallResult:
        try:
            taken = await self.engine.report_call(report, raw, received_by)
        except NotDone as refusal:
            raise _refused(refusal) from refusal
        return CallResult(taken.incident, taken.flight_id, taken.duplicate, taken.sentence, taken.created)

    async def unreadable_call(self, error: CadError, raw: str, received_by: str) -> str | None:
        where = f" (at {error.pointer})" if error.pointer else ""
        try:
            return await self.engine.unreadable_call("Unreadable call", f"{error.sentence}{where}", raw, received_by)
        except NotDone as refusal:
            raise _refused(refusal) from refusal

    async def command(self, flight_id: str, command: PilotCommand, user: str) -> CommandResult:
        try:
            return CommandResult(True, await self.engine.command(flight_id, command, user))
        except NotDone as refusal:
            raise _refused(refusal) from refusal

    async def launch(self, incident_id: str, asset_id: str | None, user: str, regime_id: str = "") -> Flight:
        try:
            return await self.engine.launch(incident_id, asset_id, user, regime_id)
        except NotDone as refusal:
            raise _refused(refusal) from refusal

    async def add_zone(self, zone: TemporaryZone) -> TemporaryZone:
        try:
            return await self.engine.add_zone(zone)
        except NotDone as refusal:
            raise _refused(refusal) from refusal

    async def lift_zone(self, zone_id: str, user: str) -> TemporaryZone:
        try:
            return await self.engine.lift_zone(zone_id, user)
        except NotDone as refusal:
            raise _refused(refusal) from refusal

    def zones(self) -> ZonesShown:
        keeper = self.engine.airspace
        return ZonesShown(
            keeper.revision,
            keeper.zones,
            keeper.in_force,
            self.memory.temporary_zones,
            self.engine.director.fences,
        )

    def snapshot(self) -> Snapshot:
        now_s = self.clock.now_s()
        return Snapshot(
            clock_s=now_s,
            incidents=self.engine.calls.shown(tuple(self.memory.incidents.values())[-SHOWN_INCIDENTS:]),
            assets=self._statuses_now(),
            flights=self.memory.newest_flights(SHOWN_FLIGHTS),
            streams=self._streams,
            refusals=tuple(self.memory.refusals),
            strangers=self.fleet.strangers(),
            traffic=self._traffic(),
            alarms=tuple(alarm for alarm in self.memory.alarms if now_s - alarm.since_s < SHOWN_ALARMS_S),
            zones_revision=self.engine.airspace.revision,
        )

    def health(self) -> DeskHealth:
        acted_on = self.engine.director.positions
        return DeskHealth(
            self.engine.last_turn_s,
            not self.video.sentence,
            self.video.sentence,
            acted_on.count,
            acted_on.too_old,
            acted_on.oldest_s,
        )

    def subscribe(self) -> Subscription:
        return self._hub.subscribe()

    async def flight_report(self, flight_id: str) -> FlightReport | None:
        flight = self.memory.flights.get(flight_id)
        if flight is None:
            return None
        incident = self.memory.incidents.get(flight.incident_id)
        return await asyncio.to_thread(_read_report, self.journal.path, flight, incident)

    def take_weather(self, weather: Weather) -> None:
        """A newer report: decisions go by it from the next one on."""
        director = self.engine.director
        director.surroundings = replace(director.surroundings, weather=weather)

    def _publish_kept(self, change: Kept) -> None:
        if isinstance(change, Incident):
            (change,) = self.engine.calls.shown((change,))
        # Zones are told of by their revision, once they are in force too.
        if not isinstance(change, TemporaryZone):
            self._hub.publish(change)

    async def publish_forever(self) -> None:
        """Tell the pages what changes by itself: telemetry, readiness, streams, strangers."""
        await asyncio.gather(
            self._publish_telemetry(), self._publish_status(), self._publish_streams(), self._publish_sights()
        )

    async def _publish_telemetry(self) -> None:
        last: dict[str, Telemetry] = {}
        turn = 0
        while True:
            turn += 1
            for index, (asset_id, telemetry) in enumerate(self.fleet.telemetry().items()):
                before = last.get(asset_id)
                if before is None or _matters(before, telemetry) or (turn + index) % WHOLE_EVERY == 0:
                    last[asset_id] = telemetry
                    if telemetry != before:
                        self._hub.publish(telemetry)
                elif telemetry.kinematics is not before.kinematics or telemetry.gimbal is not before.gimbal:
                    self._hub.publish(Motion.of(telemetry))
            await asyncio.sleep(TELEMETRY_EVERY_S)

    async def _publish_status(self) -> None:
        last: dict[str, tuple[object, AssetStatus]] = {}
        turn = 0
        strangers: tuple[object, ...] = ()
        traffic = TrafficShown()
        revision = self.engine.airspace.revision
        while True:
            turn += 1
            if self.engine.airspace.revision != revision:
                revision = self.engine.airspace.revision
                self._hub.publish(ZonesChanged(revision))
            self._latest = await self._statuses_in_parts()
            for index, status in enumerate(self._latest):
                grave, told = _grave(status), last.get(status.asset.id)
                # What is only worded anew by each measurement waits a little, so that many aircraft are no flood.
                if told is None or grave != told[0] or (turn + index) % WORDS_EVERY == 0:
                    last[status.asset.id] = (grave, status)
                    if told is None or replace(status, telemetry=told[1].telemetry) != told[1]:
                        self._hub.publish(status)
            flying = self._traffic()
            if flying != traffic:
                traffic = flying
                self._hub.publish(flying)
            heard = self.fleet.strangers()
            if heard != strangers:
                strangers = heard
                self._hub.publish(Strangers(heard))
            await asyncio.sleep(STATUS_EVERY_S)

    async def _publish_streams(self) -> None:
        while True:
            known = {stream.id: stream for stream in self._streams}
            self._streams = await self.video.streams()
            director = self.engine.director
            director.surroundings = replace(director.surroundings, streams=self._streams)
            for stream in self._streams:
                if stream != known.get(stream.id):
                    self._hub.publish(stream)
            await asyncio.sleep(STREAMS_EVERY_S)

    def _traffic(self) -> TrafficShown:
        director = self.engine.director
        return shown(director.traffic_heard(self.clock.now_s()), director.traffic.levels)

    def _statuses_now(self) -> tuple[AssetStatus, ...]:
        """As they were published last, at most a second ago, with the telemetry of now: a page costs little to open."""
        telemetry = self.fleet.telemetry()
        latest = self._latest or self._statuses()
        return tuple(replace(status, telemetry=telemetry[status.asset.id]) for status in latest)

    async def _publish_sights(self) -> None:
        ground = self.engine.director.site.airspace.ground
        sights = Sights(ground.altitude, ground.error_m)
        while True:
            for seen in sights.news(self.fleet.telemetry(), self.clock.now_s()):
                self._hub.publish(seen)
            await asyncio.sleep(SIGHTS_EVERY_S)

    def _statuses(self) -> tuple[AssetStatus, ...]:
        picture = self.engine.director.picture(self.clock.now_s())
        return tuple(self._status(asset, picture) for asset in picture.site.assets.values())

    async def _statuses_in_parts(self) -> tuple[AssetStatus, ...]:
        """The same, for a large fleet in small parts: the guard's turns come in between."""
        picture = self.engine.director.picture(self.clock.now_s())
        statuses = []
        for asset in picture.site.assets.values():
            statuses.append(self._status(asset, picture))
            if len(statuses) % STATUSES_AT_ONCE == 0:
                await asyncio.sleep(0)
        telemetry = self.fleet.telemetry()
        return tuple(replace(status, telemetry=telemetry[status.asset.id]) for status in statuses)

    def _status(self, asset: Asset, picture: Picture) -> AssetStatus:
        flight = picture.flights.get(asset.id)
        waits = flight is None or flight.state is FlightState.PREPARING
        checks = preflight(asset, picture) if waits else ()  # it says nothing of a flight
        state, sentences = readiness(asset, picture, checks=checks)
        telemetry = picture.telemetry[asset.id]
        left = self.engine.director.energy.of(asset.id)
        return AssetStatus(asset, telemetry, state, sentences, flight.id if flight else None, checks, left)


def _grave(status: AssetStatus) -> object:
    """What of an asset a pilot should see at once when it changes."""
    states = tuple((check.name, check.state) for check in status.checks)
    return status.readiness, status.sentences, status.flight_id, states, status.telemetry.progress


def _read_report(path: Path, flight: Flight, incident: Incident | None) -> FlightReport:
    """In a thread, by a reader of its own: a long flight has thousands of entries."""
    with Journal(path, read_only=True) as journal:
        return flight_report(journal, flight, incident)


def _matters(before: Telemetry, now: Telemetry) -> bool:
    """Whether something has changed that a pilot should see at once."""
    if now.link is not before.link or now.fence != before.fence or now.texts != before.texts:
        return True
    if now.remote_id != before.remote_id or now.camera != before.camera or now.gimbal_manager != before.gimbal_manager:
        return True
    pairs = ((before.mode, now.mode), (before.armed, now.armed), (before.landed, now.landed))
    return any((old and old.value) != (new and new.value) for old, new in pairs)


def _refused(refusal: NotDone) -> DeskRefusal:
    record_id = refusal.record.id if refusal.record else None
    return DeskRefusal(_STATUS[refusal.kind], refusal.title, str(refusal), record_id, refusal.sentences)
