"""The picture: all that the engine knows at one moment, as plain data for the decisions."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from dfr.airspace.airspace import Airspace
from dfr.airspace.apart import ApartLimits
from dfr.airspace.encounter import TrafficLimits
from dfr.airspace.guard import GuardLimits
from dfr.airspace.route import RouteRequest
from dfr.core.asset import Asset
from dfr.core.command import TurnCamera
from dfr.core.fence import FencePlan
from dfr.core.flight import Flight
from dfr.core.geo import AboveTakeoff, Agl, Amsl, Position, Waypoint
from dfr.core.limits import PreflightSettings
from dfr.core.rally import RallyPoint
from dfr.core.regime import NO_REGIME, Regime
from dfr.core.stream import Stream
from dfr.core.telemetry import Telemetry, Timed
from dfr.core.traffic import TrafficPicture
from dfr.core.weather import Weather
from dfr.core.zone import Zone
from dfr.dispatch.policy import Rule


@dataclass(frozen=True, slots=True)
class FlightSettings:
    """How the site flies."""

    stand_off_m: float = 60.0
    height: Agl = Agl(60.0)
    minimum_height: Agl = Agl(30.0)
    clear_height: AboveTakeoff = AboveTakeoff(10.0)
    """Straight up at least so far above the dock before a flight turns to the scene, still climbing."""
    arrival_radius_m: float = 15.0
    """On scene from so near to the stand-off, still braking: from here on the camera may look down."""
    return_height: AboveTakeoff = AboveTakeoff(45.0)
    fence_height: AboveTakeoff = AboveTakeoff(80.0)
    """The on-board fence's lid."""
    orbit_radius_m: float = 60.0
    orbit_speed_mps: float = 5.0
    most_in_the_air: int = 3
    """Aircraft that the pilots on duty may have in the air at once."""
    worst_wind_mps: float = 5.0
    """Reckoned with, against the aircraft both ways, while it does not tell the wind itself."""
    guard: GuardLimits = GuardLimits()
    traffic: TrafficLimits = TrafficLimits()
    apart: ApartLimits = ApartLimits()

    @property
    def route_request(self) -> RouteRequest:
        """How scenes are reached; the fence on board is made with the same heights."""
        return RouteRequest(
            stand_off_m=self.stand_off_m,
            height=self.height,
            minimum_height=self.minimum_height,
            return_height=self.return_height,
            fence_height=self.fence_height,
            clear_height=self.clear_height,
            own_fence=True,
        )

    @property
    def plain_route_request(self) -> RouteRequest:
        """The same inside the fences of the docks, which takes little."""
        return replace(self.route_request, own_fence=False)


@dataclass(frozen=True, slots=True)
class SiteRegimes:
    """The regimes that a site may fly under, the default first, and what they are held against."""

    may_use: tuple[Regime, ...] = (NO_REGIME,)
    pilots_on_duty: int = 1
    authorisation: str = ""
    """Of controlled airspace: its number; "": the site has none."""

    @property
    def default(self) -> Regime:
        return self.may_use[0]

    def named(self, regime_id: str) -> Regime | None:
        """The one of that id, the default for ""; None when the site may not fly under it."""
        return next((regime for regime in self.may_use if regime_id in ("", regime.id)), None)


@dataclass(frozen=True)
class Site:
    """What does not change while the service runs, but for `airspace`: it is that of the zones which hold now."""

    assets: Mapping[str, Asset]
    airspace: Airspace
    rules: tuple[Rule, ...]
    settings: FlightSettings
    regimes: SiteRegimes = SiteRegimes()
    preflight: PreflightSettings = PreflightSettings()
    rally_points: tuple[RallyPoint, ...] = ()
    """Where aircraft may come down besides their docks; a flight takes those on board that its route relies on."""
    zones: tuple[Zone, ...] = ()
    """All zones of the site, also those that do not hold now; none: those of the airspace always hold."""


@dataclass(frozen=True)
class Picture:
    """One moment. `flights` holds the flights that are not over, by asset id; `fences` what should be on board."""

    now_s: float
    site: Site
    telemetry: Mapping[str, Telemetry]
    flights: Mapping[str, Flight]
    fences: Mapping[str, FencePlan]
    fence_problems: Mapping[str, str]
    """Sentences for the assets for which no fence could be made."""
    weather: Weather | None = None
    """The newest report; None when there is none."""
    traffic: TrafficPicture = TrafficPicture()
    streams: tuple[Stream, ...] = ()
    """The live videos as they were last heard of."""
    prepared: frozenset[tuple[str, str]] = frozenset()
    """Assets, each with the id of a regime, from whose docks every kind of way can be looked for while somebody waits;
    from others the plain ones."""
    turned: Mapping[str, Timed[TurnCamera]] = field(default_factory=dict)
    """By asset id: the newest turn of a camera by hand."""

    def for_incident(self, incident_id: str) -> "Picture":
        """As it is for flights for one incident, which may enter the bubble around it."""
        airspace = self.site.airspace.for_incident(incident_id)
        return (
            self
            if airspace is self.site.airspace
            else replace(self, site=replace(self.site, airspace=airspace), prepared=frozenset())
        )

    def regime_of(self, flight: Flight | None) -> Regime:
        """What a flight is flown under; without one, or without a stamp, the site's default."""
        return self.site.regimes.default if flight is None or flight.regime is None else flight.regime

    def airspace_of(self, flight: Flight | None) -> Airspace:
        """As it is for one flight: for its incident, and no higher than its regime allows."""
        incident_id = None if flight is None else flight.incident_id
        return self.site.airspace.for_incident(incident_id).under(self.regime_of(flight).height_rule)

    def ground(self, position: Position) -> Amsl:
        return self.site.airspace.ground.altitude(position)

    def home(self, asset_id: str) -> Waypoint | None:
        """The aircraft's own home; None while it has not said."""
        home = self.telemetry[asset_id].home
        return None if home is None else home.value
