"""What the HTTP face needs from the rest of the service. `dfr.app` hands the real ones in; tests hand in fakes.

Only plain core objects cross this line, so that no decision is made in a route.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from dfr.cad.feed import NENA_EIDO, PLAIN, CadError, Feed
from dfr.core.clock import Clock
from dfr.core.fence import FencePlan
from dfr.core.flight import Flight
from dfr.core.geo import Position
from dfr.core.incident import Incident
from dfr.core.pilot import PilotCommand
from dfr.core.record import FlightReport
from dfr.core.regime import NO_REGIME, Regime
from dfr.core.report import Report
from dfr.core.temporary_zone import TemporaryZone
from dfr.core.zone import Zone
from dfr.server.auth import Authenticator
from dfr.server.changes import Subscription
from dfr.server.snapshot import Snapshot


class DeskRefusal(Exception):
    """Something that was asked for is not done. Becomes a problem document (RFC 9457) with this status.

    `title` names the kind of refusal and is the same every time ("Outside the jurisdiction"); `sentence` tells this
    case; `refusal_id` names the kept record, `sentences` holds every reason when there are several.
    """

    def __init__(
        self,
        status: int,
        title: str,
        sentence: str,
        refusal_id: str | None = None,
        sentences: tuple[str, ...] = (),
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.title = title
        self.sentence = sentence
        self.refusal_id = refusal_id
        self.sentences = sentences or (sentence,)


@dataclass(frozen=True, slots=True)
class CallResult:
    """What became of a reported call. `created` is False when the report changed or repeated a known incident."""

    incident: Incident
    flight_id: str | None
    duplicate: bool
    sentence: str
    created: bool = True


@dataclass(frozen=True, slots=True)
class CommandResult:
    """Whether a pilot's command was taken. Accepted is not done: the flight's state tells when it is."""

    accepted: bool
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeskHealth:
    """`engine_tick_s` is when the engine's loop last ran (UTC seconds), None before its first turn."""

    engine_tick_s: float | None
    video_ok: bool
    video_sentence: str = ""
    positions_acted_on: int = 0
    """Decisions by an aircraft's position; how many of them by one that was too old (always 0), and the oldest."""
    positions_too_old: int = 0
    oldest_position_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ZonesShown:
    """What the map shows of zones and fences. `revision` goes up when any of it changes."""

    revision: int
    zones: tuple[Zone, ...]
    in_force: frozenset[str]
    """Ids of the zones that flights are judged by now."""
    temporary: Mapping[str, TemporaryZone]
    """Those that people added, by id."""
    fences: Mapping[str, FencePlan]
    """By asset id; an asset that can have none is not in it."""


class Desk(Protocol):
    """The engine as the pages and CAD see it."""

    async def report_call(self, report: Report, raw: str, received_by: str) -> CallResult:
        """Take a report in. Raises DeskRefusal (422 outside the jurisdiction or without a usable position, …)."""
        ...

    async def unreadable_call(self, error: CadError, raw: str, received_by: str) -> str | None:
        """Keep a document that is no report, with why; returns the refusal's id."""
        ...

    async def command(self, flight_id: str, command: PilotCommand, user: str) -> CommandResult:
        """Hand a pilot's command to the engine. Raises DeskRefusal (404 for an unknown flight, 409 when it is over)."""
        ...

    async def launch(self, incident_id: str, asset_id: str | None, user: str, regime_id: str = "") -> Flight:
        """Send the named asset, or the one the choice prefers, under a regime of the site ("": its default).

        Raises DeskRefusal with every reason.
        """
        ...

    def snapshot(self) -> Snapshot: ...

    def health(self) -> DeskHealth: ...

    def subscribe(self) -> Subscription:
        """Changes from now on; see `dfr.server.changes.ChangeHub`, which a desk can use for this."""
        ...

    async def flight_report(self, flight_id: str) -> FlightReport | None:
        """What the journal holds about one flight; None for an unknown one."""
        ...

    def zones(self) -> ZonesShown:
        """All zones and fences of now."""
        ...

    async def add_zone(self, zone: TemporaryZone) -> TemporaryZone:
        """Put a temporary zone in force. Raises DeskRefusal."""
        ...

    async def lift_zone(self, zone_id: str, user: str) -> TemporaryZone:
        """End one before its time. Raises DeskRefusal (404 for one that nobody added)."""
        ...


class VideoClient(Protocol):
    """The relay's control side (`dfr.video.client`). Every method ends in time and raises VideoError."""

    async def whep(self, stream_id: str, offer_sdp: str) -> tuple[str, str]:
        """Answer a viewer's SDP offer: (answer_sdp, session_id)."""
        ...

    async def add_candidates(self, session_id: str, sdp_fragment: str) -> None:
        """Add the viewer's trickled ICE candidates (RFC 8840)."""
        ...

    async def delete_session(self, session_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class SiteInfo:
    """What the pages say about the site. `bounds_deg` is west, south, east, north; `notes` are shown on the map."""

    name: str
    title: str
    center: Position
    bounds_deg: tuple[float, float, float, float]
    time_zone: str = "UTC"
    notes: tuple[str, ...] = ()
    regimes: tuple[Regime, ...] = (NO_REGIME,)


@dataclass(frozen=True)
class Services:
    """Everything `create_app` is given."""

    desk: Desk
    video: VideoClient
    auth: Authenticator
    clock: Clock
    site: SiteInfo
    basemap: Mapping[str, Any]
    """A GeoJSON FeatureCollection (RFC 7946)."""
    web_dist: Path
    """The built pages: `pilot.html`, `rtcc.html`, `sign-in.html` and `assets/`."""
    eido_feed: Feed = field(default=NENA_EIDO)
    plain_feed: Feed = field(default=PLAIN)
    public_origins: tuple[str, ...] = ()
    """Origins that may use cookie sessions beside the request's own host (for instance behind a proxy)."""
    secure_cookies: bool = False
    """True when the pages are reached over HTTPS: cookies are then sent over HTTPS alone."""
