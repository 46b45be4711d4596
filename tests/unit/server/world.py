"""A small service behind the HTTP face: a desk that does what the test says, and a client that speaks to it."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from fastapi import FastAPI
from shapely.geometry import Polygon

from dfr.cad.feed import CadError
from dfr.core.asset import Asset, Dock, Readiness
from dfr.core.clock import ManualClock
from dfr.core.command import Origin, OutcomeKind
from dfr.core.fence import FenceCircle, FencePlan, FencePolygon
from dfr.core.flight import Candidate, Decision, Flight, FlightState
from dfr.core.geo import AboveTakeoff, Agl, Amsl, Position, Waypoint
from dfr.core.incident import Incident
from dfr.core.pilot import PilotCommand
from dfr.core.record import Alarm, CommandRecord, FlightReport, RefusalRecord, RefusalSubject, Severity, TrackPoint
from dfr.core.report import Report
from dfr.core.stream import Stream, StreamState
from dfr.core.telemetry import (
    Battery,
    FenceOnBoard,
    FlightMode,
    Gimbal,
    Health,
    Kinematics,
    LandedState,
    LinkState,
    StatusText,
    Telemetry,
    Timed,
    Velocity,
)
from dfr.core.temporary_zone import TemporaryZone
from dfr.core.zone import Zone, ZoneKind
from dfr.dispatch.ports import Stranger
from dfr.server.auth import Authenticator
from dfr.server.auth_store import Role
from dfr.server.changes import ChangeHub, Subscription
from dfr.server.factory import create_app
from dfr.server.services import CallResult, CommandResult, DeskHealth, DeskRefusal, Services, SiteInfo, ZonesShown
from dfr.server.snapshot import AssetStatus, Snapshot
from dfr.video.errors import UnknownSession
from tests.support.airframes import airframe

SCENE = Position(32.2290, -110.9170)
DOCK = Position(32.2217, -110.9265)
NOW_S = 1_800_000_000.0
HOST = "dfr.example"
QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)

INCIDENT = Incident("incident-1", "tpd", "2026-118", "ROBBERY", 1, SCENE, NOW_S, NOW_S, source_priority="1")
TELEMETRY = Telemetry(
    asset_id="sky-1",
    link=LinkState.ONLINE,
    link_changed_s=NOW_S,
    kinematics=Timed(
        Kinematics(DOCK, Amsl(780.0), AboveTakeoff(45.0), Velocity(3.0, 4.0, 0.0), 53.0),
        NOW_S,
    ),
    mode=Timed(FlightMode.MISSION, NOW_S),
    armed=Timed(True, NOW_S),
    landed=Timed(LandedState.IN_AIR, NOW_S),
    battery=Timed(Battery(0.8, 15.9), NOW_S),
    gimbal=Timed(Gimbal(0.0, 53.0), NOW_S),
    home=Timed(Waypoint(DOCK, Amsl(735.0)), NOW_S),
    health=Timed(Health(False, ("no position",)), NOW_S),
    satellites=Timed(14, NOW_S),
    fence=FenceOnBoard("abc", NOW_S),
    texts=(StatusText(6, "Takeoff detected", NOW_S),),
)
ASSET = Asset("sky-1", "SKY-1", 11, Dock("dock-1", "Downtown", DOCK, Amsl(735.0)), airframe("x500", 12, 4, 2))
STATUS = AssetStatus(ASSET, TELEMETRY, Readiness.BUSY, ("SKY-1 is on another flight.",), "flight-1")
FLIGHT = Flight(
    id="flight-1",
    incident_id="incident-1",
    asset_id="sky-1",
    state=FlightState.EN_ROUTE,
    state_since_s=NOW_S,
    decision=Decision("robbery", "SKY-1 goes.", (Candidate("sky-1", "SKY-1", True, "62 s to the scene.", 62.0, 14.0),)),
    scene=SCENE,
    route=(Waypoint(DOCK, Amsl(800.0)), Waypoint(SCENE, Amsl(800.0))),
    times_s={"requested": NOW_S - 20, "airborne": NOW_S - 10},
)
STREAM = Stream("sky-1", "sky-1", "SKY-1", StreamState.LIVE, "", NOW_S)
REFUSAL = RefusalRecord("refusal-1", NOW_S, RefusalSubject.LAUNCH, "No drone ready", ("SKY-2 is charging.",), "policy")
ALARM = Alarm("alarm-1", Severity.WARNING, "The wind is near the limit.", NOW_S)
REPORT = FlightReport(
    flight=FLIGHT,
    incident=INCIDENT,
    track=(TrackPoint(NOW_S, DOCK, Amsl(780.0), AboveTakeoff(45.0), 5.0, 0.8, Gimbal(0.0, 53.0)),),
    commands=(CommandRecord("request-1", NOW_S, "Launch", Origin.POLICY, "policy", OutcomeKind.DONE, "In the air."),),
    refusals=(REFUSAL,),
    distance_flown_m=812.0,
)
ZONE = Zone(
    "cell-1",
    "Cell of 300 ft",
    ZoneKind.CEILING,
    Polygon([(-111.0, 32.2), (-110.9, 32.2), (-110.9, 32.3)]),
    top=Agl(91.44),
    note="Synthetic.",
)
FENCE = FencePlan(
    (FencePolygon((Position(32.2, -111.0), Position(32.2, -110.9), Position(32.3, -110.9)), True),),
    (FenceCircle(SCENE, 200.0, False),),
    AboveTakeoff(54.0),
)
BASEMAP: dict[str, Any] = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"kind": "street", "lanes": 2},
            "geometry": {"type": "LineString", "coordinates": [[-110.93, 32.22], [-110.92, 32.22]]},
        }
    ],
}


class FakeDesk:
    """Keeps what it is asked, refuses when told to."""

    def __init__(self) -> None:
        self.hub = ChangeHub()
        self.reports: list[tuple[Report, str, str]] = []
        self.unreadable: list[tuple[CadError, str, str]] = []
        self.commands: list[tuple[str, PilotCommand, str]] = []
        self.launches: list[tuple[str, str | None, str, str]] = []
        self.temporary: dict[str, TemporaryZone] = {}
        self.zones_revision = 1
        self.refusal: DeskRefusal | None = None
        self.crash: Exception | None = None
        self.result = CallResult(INCIDENT, "flight-1", False, "SKY-1 goes.")
        self.command_result = CommandResult(True, ("Holding.",))
        self.health_now = DeskHealth(NOW_S, True)
        self.shown = Snapshot(
            NOW_S, (INCIDENT,), (STATUS,), (FLIGHT,), (STREAM,), (REFUSAL,), (Stranger(9, NOW_S, None, "?"),), (ALARM,)
        )

    def _refuse(self) -> None:
        if self.refusal is not None:
            raise self.refusal
        if self.crash is not None:
            raise self.crash

    async def report_call(self, report: Report, raw: str, received_by: str) -> CallResult:
        self.reports.append((report, raw, received_by))
        self._refuse()
        return self.result

    async def unreadable_call(self, error: CadError, raw: str, received_by: str) -> str | None:
        self.unreadable.append((error, raw, received_by))
        return "refusal-7"

    async def command(self, flight_id: str, command: PilotCommand, user: str) -> CommandResult:
        self.commands.append((flight_id, command, user))
        self._refuse()
        return self.command_result

    async def launch(self, incident_id: str, asset_id: str | None, user: str, regime_id: str = "") -> Flight:
        self.launches.append((incident_id, asset_id, user, regime_id))
        self._refuse()
        return FLIGHT

    def snapshot(self) -> Snapshot:
        return self.shown

    def health(self) -> DeskHealth:
        return self.health_now

    def subscribe(self) -> Subscription:
        return self.hub.subscribe()

    def zones(self) -> ZonesShown:
        return ZonesShown(
            self.zones_revision,
            (ZONE, *(zone.zone for zone in self.temporary.values())),
            frozenset({ZONE.id}),
            self.temporary,
            {"sky-1": FENCE},
        )

    async def add_zone(self, zone: TemporaryZone) -> TemporaryZone:
        self._refuse()
        self.temporary[zone.id] = zone
        self.zones_revision += 1
        return zone

    async def lift_zone(self, zone_id: str, user: str) -> TemporaryZone:
        self._refuse()
        if zone_id not in self.temporary:
            raise DeskRefusal(404, "Unknown zone", f"Nobody added a zone {zone_id}.")
        self.zones_revision += 1
        return replace(self.temporary.pop(zone_id), lifted_s=NOW_S, lifted_by=user)

    async def flight_report(self, flight_id: str) -> FlightReport | None:
        return REPORT if flight_id == FLIGHT.id else None


class FakeVideo:
    """A relay that answers every offer with the same words."""

    def __init__(self) -> None:
        self.open: dict[str, str] = {}
        self.fragments: list[tuple[str, str]] = []
        self.error: Exception | None = None

    async def whep(self, stream_id: str, offer_sdp: str) -> tuple[str, str]:
        if self.error is not None:
            raise self.error
        session_id = f"session-{len(self.open) + 1}"
        self.open[session_id] = stream_id
        return f"answer to {offer_sdp}", session_id

    async def add_candidates(self, session_id: str, sdp_fragment: str) -> None:
        self.fragments.append((session_id, sdp_fragment))

    async def delete_session(self, session_id: str) -> None:
        if self.open.pop(session_id, None) is None:
            raise UnknownSession("It has gone already.")


class World:
    """The app, what is behind it, and a token for every role."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.clock = ManualClock(NOW_S)
        self.desk = FakeDesk()
        self.video = FakeVideo()
        self.auth = Authenticator(folder / "auth.sqlite", self.clock, hasher=QUICK_HASHER)
        self.web_dist = folder / "dist"
        self.tokens = {role: self.auth.add_token(f"{role}-token", [role]) for role in Role}
        self.services = Services(
            desk=self.desk,
            video=self.video,
            auth=self.auth,
            clock=self.clock,
            site=SiteInfo(
                "tucson", "Tucson", DOCK, (-111.02, 32.14, -110.8, 32.32), "America/Phoenix", ("Synthetic.",)
            ),
            basemap=BASEMAP,
            web_dist=self.web_dist,
            **settings,
        )
        self.app: FastAPI = create_app(self.services)

    def ask(
        self,
        method: str,
        path: str,
        role: Role | None = None,
        *,
        cookies: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **content: Any,
    ) -> httpx.Response:
        """One request, with the token of a role or with cookies."""
        sent = dict(headers or {})
        if role is not None:
            sent["Authorization"] = f"Bearer {self.tokens[role]}"

        async def exchange() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}", cookies=cookies) as client:
                return await client.request(method, path, headers=sent, **content)

        return asyncio.run(exchange())

    def sign_in(self, roles: list[Role], name: str = "pat") -> dict[str, str]:
        """The cookies of a new session."""
        link = self.auth.add_link(name, roles)
        response = self.ask("POST", "/api/v1/session", json={"link": link})
        assert response.status_code == 201, response.text
        return dict(response.cookies)
