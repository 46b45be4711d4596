"""Puts the parts together and runs them: the only place that knows all rooms."""

import asyncio
import logging
import sys
from collections.abc import Callable
from pathlib import Path

import shapely
import uvicorn

from dfr.cad.feed import NENA_EIDO, PLAIN, Feed
from dfr.config import REPOSITORY, Config
from dfr.core.clock import Clock, SystemClock
from dfr.core.command import Outcome
from dfr.core.geo import Position
from dfr.core.record import Severity
from dfr.core.traffic import Datums, Intruder
from dfr.core.weather import Weather
from dfr.core.zone import Zone, ZoneKind
from dfr.desk import ServiceDesk
from dfr.dispatch.engine import Engine
from dfr.dispatch.memory import Memory
from dfr.dispatch.refusal import NotDone
from dfr.fleet.mavlink.fleet import MavlinkFleet
from dfr.fleet.mavlink.signing import Signer, TimestampStore
from dfr.journal.journal import Journal
from dfr.photographs import PhotographKeeper
from dfr.server.auth import Authenticator
from dfr.server.factory import create_app
from dfr.server.services import Services, SiteInfo
from dfr.site import LoadedSite
from dfr.state import auth_path, journal_path, photograph_path, timestamp_path, zone_request_path
from dfr.streams import wanted_streams
from dfr.traffic.receiver import ReceiverSettings
from dfr.traffic.room import TrafficRoom
from dfr.video.errors import VideoError
from dfr.video.supervisor import VideoSupervisor
from dfr.video.wanted import WantedStream
from dfr.weather.source import WeatherWatch
from dfr.zone_reload import ZoneReload

log = logging.getLogger(__name__)

WEB_DIST = REPOSITORY / "web" / "dist"
STOP_WITHIN_S = 3
HANDS_OVER_S = 0.001
"""A thread that works beside the engine's loop lets it go on after so long, not after Python's own 5 ms: the loop waits
for that after everything that it reads or writes, many times for each call that comes in."""
CAMERAS_EVERY_S = 1.0


class App:
    """One running service."""

    def __init__(self, loaded: LoadedSite, state_directory: Path) -> None:
        self.loaded = loaded
        self.clock = SystemClock()
        self.journal = Journal(journal_path(state_directory))
        self.auth = Authenticator(auth_path(state_directory), self.clock)
        self.memory = Memory(self.journal)
        config = loaded.config
        self.traffic = _traffic(config, self.clock)
        self.fleet = fleet_of(
            loaded,
            state_directory,
            self.clock,
            on_outcome=lambda outcome: self.engine.on_outcome(outcome),
            on_traffic=self.traffic.take,
        )
        self.engine = Engine(loaded.site, self.memory, self.fleet, self.clock)
        self.engine.director.traffic_heard = self.traffic.picture
        self.video = VideoSupervisor()
        self.photographs = PhotographKeeper(
            photograph_path(state_directory),
            lambda flight, kept: self.memory.keep_photograph_file(flight, kept, self.clock.now_s()),
        )
        self.memory.on_photograph = self.photographs.take
        self.desk = ServiceDesk(self.engine, self.memory, self.fleet, self.journal, self.video, self.clock)
        source = config.weather.source
        place = source if "://" in source else str(config.file(source))
        self.weather = WeatherWatch(place, config.weather.every_s, self.clock, self._take_weather)

        self.zone_reload = ZoneReload(
            loaded.zone_set, zone_request_path(state_directory), self._take_zones, self._zones_are_faulty
        )

    async def _take_zones(self, zones: tuple[Zone, ...]) -> bool:
        """The site's zone files were changed, and all of them can be flown by. Whether the engine has taken them."""
        self.memory.note("zones_read", {"count": len(zones)}, self.clock.now_s())
        try:
            await self.engine.take_zones(zones)
        except NotDone as refusal:
            self._zones_are_faulty(f"The zones that were read again are not in force yet: {refusal}")
            return False
        return True

    def _zones_are_faulty(self, sentence: str) -> None:
        self.memory.raise_alarm(Severity.CRITICAL, sentence, self.clock.now_s())

    def _take_weather(self, weather: Weather) -> None:
        self.desk.take_weather(weather)
        self.traffic.take_altimeter(weather.altimeter_hpa, weather.observed_s)

    async def run(self, host: str, port: int) -> None:
        """Serve until a signal ends it. Aircraft in the air come home by themselves, or the next start adopts them."""
        sys.setswitchinterval(HANDS_OVER_S)
        await self.video.set_streams(self._wanted())
        await self.fleet.start()
        server = uvicorn.Server(self._server_config(host, port))
        work = [
            asyncio.create_task(self.engine.run(), name="engine"),
            asyncio.create_task(self.desk.publish_forever(), name="changes"),
            asyncio.create_task(self.video.start(), name="video"),
            asyncio.create_task(self.traffic.run(), name="traffic"),
            asyncio.create_task(self._follow_cameras(), name="cameras"),
            asyncio.create_task(self.photographs.run(), name="photographs"),
            asyncio.create_task(self.zone_reload.run(), name="zones"),
        ]
        serving = asyncio.create_task(server.serve(), name="server")
        if self.loaded.config.weather.source:
            work.append(asyncio.create_task(self.weather.run(), name="weather"))
        try:
            done, _ = await asyncio.wait((serving, *work[:2]), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            server.should_exit = True
            await asyncio.gather(serving, return_exceptions=True)
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
            await self.video.stop()
            await self.fleet.stop()
            self.auth.close()
            self.journal.close()

    def _wanted(self) -> tuple[WantedStream, ...]:
        return wanted_streams(tuple(self.loaded.site.assets.values()), self.fleet.telemetry())

    async def _follow_cameras(self) -> None:
        """Ask the relay for the videos that the cameras tell of, whenever that changes."""
        asked = self._wanted()
        while True:
            await asyncio.sleep(CAMERAS_EVERY_S)
            wanted = self._wanted()
            if wanted != asked:
                try:
                    await self.video.set_streams(wanted)
                    asked = wanted
                except VideoError as error:
                    log.error("The relay did not take the cameras' videos: %s", error)

    def _server_config(self, host: str, port: int) -> uvicorn.Config:
        app = create_app(self._services())
        return uvicorn.Config(
            app,
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            ws_max_queue=32,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=STOP_WITHIN_S,
        )

    def _services(self) -> Services:
        config = self.loaded.config
        return Services(
            desk=self.desk,
            video=self.video.client,
            auth=self.auth,
            clock=self.clock,
            site=_site_info(self.loaded),
            basemap=self.loaded.basemap,
            web_dist=WEB_DIST,
            eido_feed=_feed(config, "eido", NENA_EIDO),
            plain_feed=_feed(config, "plain", PLAIN),
            public_origins=config.server.public_origins,
            secure_cookies=config.server.secure_cookies,
        )


def fleet_of(
    loaded: LoadedSite,
    state_directory: Path,
    clock: SystemClock,
    *,
    on_outcome: Callable[[Outcome], None],
    on_traffic: Callable[[Intruder, float], None] | None = None,
    only: str | None = None,
) -> MavlinkFleet:
    """The site's aircraft on their links; with `only`, that one alone and nothing checked, for the bench."""
    return MavlinkFleet(
        tuple(asset for asset in loaded.site.assets.values() if only in (None, asset.id)),
        {asset.id: asset.link for asset in loaded.config.assets if only in (None, asset.id)},
        on_outcome=on_outcome,
        clock=clock,
        parameter_files=loaded.parameter_files if only is None else {},
        signer=_signer(loaded.mavlink_key, state_directory, clock),
        on_traffic=on_traffic,
    )


def _signer(key: bytes | None, state_directory: Path, clock: SystemClock) -> Signer | None:
    return None if key is None else Signer(key, TimestampStore(timestamp_path(state_directory)), clock.now_s())


def _traffic(config: Config, clock: Clock) -> TrafficRoom:
    section = config.traffic
    receivers = [ReceiverSettings(receiver.id, receiver.url) for receiver in section.receivers]
    return TrafficRoom(receivers, Datums(section.geoid_height_m, section.altimeter_hpa), clock)


def _feed(config: Config, kind: str, default: Feed) -> Feed:
    declared = next((feed for feed in config.feeds if feed.kind == kind), None)
    return default if declared is None else Feed(declared.highest, declared.lowest)


def _site_info(loaded: LoadedSite) -> SiteInfo:
    config = loaded.config
    areas = [zone.shape for zone in loaded.site.airspace.zones_of(ZoneKind.OPERATING_AREA)]
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(areas))
    notes = tuple(dict.fromkeys(zone.note for zone in loaded.zones if zone.note and "ynthetic" in zone.note))
    return SiteInfo(
        name=config.path.parent.name,
        title=config.site.name,
        center=Position(config.site.origin_latitude_deg, config.site.origin_longitude_deg),
        bounds_deg=(west, south, east, north),
        time_zone=config.site.time_zone,
        notes=notes,
        regimes=loaded.site.regimes.may_use,
    )
