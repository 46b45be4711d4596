"""What traffic means for each flight: when it is stopped or sent down, what is said, and when it goes on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from shapely.geometry import Point

from dfr.airspace.alert import Alert, settle
from dfr.airspace.encounter import Assessment, Encounter, Level, Manoeuvre, Own, Traffic, assess, traffic_at
from dfr.airspace.way_clear import intruders_near
from dfr.core.asset import Asset
from dfr.core.flight import Flight, FlightState
from dfr.core.geo import Amsl, Waypoint
from dfr.core.record import Severity
from dfr.core.telemetry import Kinematics, LinkState, Telemetry
from dfr.core.traffic import TrafficPicture
from dfr.dispatch.observe import in_the_air
from dfr.dispatch.picture import Picture
from dfr.dispatch.table import Event

EVERY_S = 0.5
"""Positions come no more often (ADS-B: twice a second); what was heard is moved on to the moment of the look."""
OLDEST_POSITION_S = 3.0
LEAST_DESCENT_M = 5.0
DESCEND_AFTER_HOLD_S = 5.0
"""A hold that turns out not to be enough becomes a descent, but not before it has taken hold."""
DESCENDS_FROM = frozenset({FlightState.EN_ROUTE, FlightState.ON_SCENE, FlightState.HOLDING})
STOPS_FROM = DESCENDS_FROM | {FlightState.LAUNCHING}
_EVENTS = {Manoeuvre.HOLD: Event.TRAFFIC_HOLD, Manoeuvre.DESCEND: Event.TRAFFIC_DESCEND}
_POINTS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")


@dataclass(frozen=True, slots=True)
class Move:
    """What happens to the flight now; `to` is the place that the event's order flies to."""

    event: Event
    why: str
    to: Waypoint | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """Something that people are told, without anything being ordered."""

    severity: Severity
    sentence: str


@dataclass(frozen=True, slots=True)
class EncounterRecord:
    """One encounter that is over, for the journal: the nearest that each intruder came, as it was heard."""

    flight_id: str
    asset_id: str
    since_s: float
    until_s: float
    ordered: str
    closest: tuple[tuple[str, float, float | None], ...]
    """Name, metres sideways, metres above ours at that moment (None: not known)."""


Answer = Move | Told | EncounterRecord


@dataclass
class _Engagement:
    """One flight's encounter while it lasts."""

    alert: Alert
    told: dict[str, Level] = field(default_factory=dict)
    ordered: Manoeuvre | None = None
    ordered_s: float = 0.0
    resume: Move | None = None
    pilot_decides: bool = False
    kept_on: bool = False
    closest: dict[str, tuple[str, float, float | None]] = field(default_factory=dict)


class TrafficWatch:
    """Every flight's encounters. Used by the engine's loop alone."""

    def __init__(self) -> None:
        self._engaged: dict[str, _Engagement] = {}
        self._looked_s = -math.inf
        self._traffic: Traffic | None = None

    @property
    def levels(self) -> dict[str, Level]:
        """How grave each intruder of a present encounter is at most, by its id."""
        levels: dict[str, Level] = {}
        for engagement in self._engaged.values():
            for intruder_id, level in engagement.told.items():
                levels[intruder_id] = max(level, levels.get(intruder_id, Level.CLEAR))
        return levels

    def is_low(self, flight_id: str) -> bool:
        """Whether it was sent down for traffic and has not been sent back yet."""
        engagement = self._engaged.get(flight_id)
        return engagement is not None and engagement.ordered is Manoeuvre.DESCEND and not engagement.pilot_decides

    def is_engaged(self, flight_id: str) -> bool:
        """Whether an encounter of this flight is not over."""
        return flight_id in self._engaged

    def is_due(self, picture: Picture) -> bool:
        """Whether to look now: a few times a second, and not at an empty sky. Then `look` at every flight."""
        if not picture.traffic.intruders and not self._engaged:
            return False
        if picture.now_s - self._looked_s < EVERY_S:
            return False
        self._looked_s = picture.now_s
        self._traffic = traffic_at(picture.traffic, picture.site.airspace.frame, picture.now_s)
        over = self._engaged.keys() - {flight.id for flight in picture.flights.values()}
        for flight_id in over:
            del self._engaged[flight_id]
        return True

    def pilot_decides(self, flight_id: str) -> None:
        """The pilot has given an order during an encounter: the engine tells, and orders no more until it is over."""
        if flight_id in self._engaged:
            self._engaged[flight_id].pilot_decides = True

    def look(self, flight: Flight, picture: Picture, may_wait: bool) -> tuple[Answer, ...]:
        """What is to be done and said about one flight; `may_wait`: its way home was ordered by us, and its
        battery lets it wait."""
        telemetry = picture.telemetry[flight.asset_id]
        kinematics = telemetry.kinematics
        if kinematics is None or self._traffic is None or not _is_judged(flight, telemetry, picture.now_s):
            return ()
        asset, limits = picture.site.assets[flight.asset_id], picture.site.settings.traffic
        floor = descent_floor(kinematics.value, picture) if flight.state in DESCENDS_FROM else None
        own = Own.of(kinematics.value, picture.site.airspace.frame)
        assessment = assess(own, self._traffic, limits, floor, asset.airframe.descent_mps)
        engagement = self._engaged.get(flight.id)
        alert = settle(engagement.alert if engagement else None, assessment, picture.now_s, limits)
        if alert is None:
            return self._over(flight, asset, engagement, picture)
        if engagement is None:
            engagement = self._engaged[flight.id] = _Engagement(alert)
        engagement.alert = alert
        if flight.state is FlightState.RETURNING:
            # What had been ordered is over: the way home is judged anew.
            engagement.ordered = engagement.resume = None
        _keep_closest(engagement, assessment)
        may_act = flight.state in STOPS_FROM or (flight.state is FlightState.RETURNING and may_wait)
        if assessment.level is Level.AVOID and may_act and not engagement.pilot_decides:
            move = self._move(flight, asset, engagement, assessment, kinematics.value, floor, picture)
            if move is not None:
                return (move,)
        return _tell(engagement, asset, assessment, kinematics.value)

    def _move(
        self,
        flight: Flight,
        asset: Asset,
        engagement: _Engagement,
        assessment: Assessment,
        kinematics: Kinematics,
        floor: Amsl | None,
        picture: Picture,
    ) -> Move | None:
        best = assessment.best
        if best is Manoeuvre.GO_ON or best is engagement.ordered or engagement.ordered is Manoeuvre.DESCEND:
            return None
        if engagement.ordered is Manoeuvre.HOLD and picture.now_s - engagement.ordered_s < DESCEND_AFTER_HOLD_S:
            return None
        if engagement.ordered is None:
            engagement.resume = resume_of(flight, kinematics)
        engagement.ordered, engagement.ordered_s = best, picture.now_s
        for one in assessment.encounters:
            engagement.told[one.intruder.id] = max(one.level, engagement.told.get(one.intruder.id, Level.CLEAR))
        where = sentence_of(assessment.encounters[0])
        if best is Manoeuvre.DESCEND and floor is not None:
            height_m = kinematics.height.m + floor.m - kinematics.altitude.m
            why = f"{where}: {asset.name} descends to {height_m:.0f} m above take-off."
            return Move(Event.TRAFFIC_DESCEND, why, Waypoint(kinematics.position, floor))
        return Move(Event.TRAFFIC_HOLD, f"{where}: {asset.name} stops where it is.")

    def _over(
        self, flight: Flight, asset: Asset, engagement: _Engagement | None, picture: Picture
    ) -> tuple[Answer, ...]:
        if engagement is None:
            return ()
        del self._engaged[flight.id]
        answers: list[Answer] = []
        closest = tuple(engagement.closest.values())
        if engagement.alert.level is Level.AVOID or engagement.ordered is not None:
            heard = {one.id for one in picture.traffic.intruders}
            said = " ".join(
                _closest_sentence(*one, heard=intruder_id in heard) for intruder_id, one in engagement.closest.items()
            )
            ours = engagement.resume is not None and not engagement.pilot_decides
            stopped = flight.state in (FlightState.HOLDING, FlightState.ON_SCENE)
            if engagement.resume is not None and ours and stopped:
                move = engagement.resume
                answers.append(Move(move.event, said, move.to))
            else:
                waits = engagement.ordered is not None and flight.state is FlightState.HOLDING
                wait = " It waits for the pilot." if waits else ""
                answers.append(Told(Severity.NOTICE, f"{asset.name} is clear of traffic. {said}{wait}"))
        ordered = engagement.ordered.value if engagement.ordered else ""
        record = EncounterRecord(flight.id, asset.id, engagement.alert.since_s, picture.now_s, ordered, closest)
        return (*answers, record)


def _is_judged(flight: Flight, telemetry: Telemetry, now_s: float) -> bool:
    if (
        flight.state is FlightState.PREPARING
        or flight.state.is_over
        or telemetry.link is not LinkState.ONLINE
        or not in_the_air(telemetry)
    ):
        return False
    return telemetry.kinematics is not None and telemetry.kinematics.age_s(now_s) <= OLDEST_POSITION_S


def descent_floor(kinematics: Kinematics, picture: Picture) -> Amsl | None:
    """The lowest that it may go down to where it is; None when it is about there already."""
    airspace, settings = picture.site.airspace, picture.site.settings
    place = Point(airspace.frame.to_local(kinematics.position))
    floor_m = airspace.highest_ground(place).m + settings.minimum_height.m
    return Amsl(floor_m) if kinematics.altitude.m - floor_m >= LEAST_DESCENT_M else None


def resume_of(flight: Flight, kinematics: Kinematics) -> Move | None:
    """What lets the flight go on when the engine alone had stopped it; None leaves it to the pilot."""
    match flight.state:
        case FlightState.LAUNCHING | FlightState.EN_ROUTE:
            return Move(Event.TRAFFIC_RESUME, "")
        case FlightState.ON_SCENE:
            return Move(Event.TRAFFIC_RESUME, "", Waypoint(kinematics.position, kinematics.altitude))
        case FlightState.RETURNING:
            return Move(Event.TRAFFIC_HOME, "")
        case _:
            return None


def _keep_closest(engagement: _Engagement, assessment: Assessment) -> None:
    for one in assessment.encounters:
        known = engagement.closest.get(one.intruder.id)
        if known is None and one.level is Level.CLEAR:
            continue
        if known is None or one.distance_m < known[1]:
            engagement.closest[one.intruder.id] = (one.intruder.name, one.distance_m, one.above_m)


def _tell(engagement: _Engagement, asset: Asset, assessment: Assessment, kinematics: Kinematics) -> tuple[Answer, ...]:
    """Each intruder once a level; an encounter about which nothing can be done better says that too."""
    answers: list[Answer] = []
    for one in assessment.encounters:
        if one.level is Level.CLEAR or one.level <= engagement.told.get(one.intruder.id, Level.CLEAR):
            continue
        engagement.told[one.intruder.id] = one.level
        severity = Severity.WARNING if one.level is Level.AVOID else Severity.NOTICE
        rest = "."
        if one.level is Level.AVOID and engagement.ordered is None:
            rest = f": {asset.name} goes on; nothing that it could do by itself keeps them farther apart."
            if engagement.pilot_decides:
                rest = f": {asset.name} does as its pilot says."
        answers.append(Told(severity, f"{asset.name}: {sentence_of(one)}{rest}"))
    return tuple(answers)


def sentence_of(one: Encounter) -> str:
    """`Helicopter N123AB is 900 m north-east and 120 m above, closing`."""
    point = _POINTS[round(one.bearing_deg / 45.0) % 8]
    if one.above_m is None:
        height = "at an unknown height"
    else:
        height = f"{abs(one.above_m):.0f} m {'above' if one.above_m >= 0.0 else 'below'}"
    closing = ", closing" if one.closing else ""
    return f"{one.intruder.name} is {one.distance_m:.0f} m {point} and {height}{closing}"


def _closest_sentence(name: str, distance_m: float, above_m: float | None, *, heard: bool) -> str:
    height = "" if above_m is None else f", {abs(above_m):.0f} m {'above' if above_m >= 0.0 else 'below'}"
    lost = "" if heard else " and is not heard any more"
    return f"{name} came no nearer than {distance_m:.0f} m{height}{lost}."


def traffic_on_way(way: Sequence[Waypoint], picture: Picture) -> tuple[str, ...]:
    """Why nothing may start on this way now: an intruder that is, or may soon be, in its bubble."""
    if not picture.traffic.intruders:
        return ()
    airspace, limits = picture.site.airspace, picture.site.settings.traffic
    traffic = traffic_at(picture.traffic, airspace.frame, picture.now_s)
    return tuple(
        f"{intruder.name} is {distance_m:.0f} m from the way and may come nearer than {limits.horizontal_m:.0f} m "
        f"within {limits.avoid_s:.0f} s; nothing starts before it is gone."
        for intruder, distance_m in intruders_near(way, traffic, limits, airspace.frame)
    )


def lost_sources(traffic: TrafficPicture) -> tuple[str, ...]:
    """The sentences of the sources that are not well."""
    return tuple(source.sentence for source in traffic.sources if source.sentence)
