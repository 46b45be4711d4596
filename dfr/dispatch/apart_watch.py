"""Two of ours in the air: who yields to whom is ordered, told, and undone when the way is free again."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from dfr.airspace.apart import Conflict, Member, Precedence, conflicts, entry_s
from dfr.airspace.encounter import Manoeuvre, Own
from dfr.core.command import Origin
from dfr.core.flight import Flight, FlightState
from dfr.core.geo import Amsl, Waypoint
from dfr.core.record import Severity
from dfr.core.telemetry import Kinematics
from dfr.dispatch.observe import in_the_air
from dfr.dispatch.picture import Picture
from dfr.dispatch.sender import Sender
from dfr.dispatch.table import Event
from dfr.dispatch.traffic import DESCENDS_FROM, Move, descent_floor, resume_of

EVERY_S = 0.5
CLEAR_S = 3.0
"""The way must be free for so long before the one that yielded goes on."""
BY = "another of ours"
_EVENTS = {Manoeuvre.HOLD: Event.TRAFFIC_HOLD, Manoeuvre.DESCEND: Event.TRAFFIC_DESCEND}


@dataclass
class _Yielding:
    """A flight that was told to yield. `wanted` is where it was and flew when that was ordered."""

    wanted: Own
    resume: Move | None
    ordered: Manoeuvre
    clear_since_s: float = math.inf


class ApartWatch:
    """Orders through `happen` (`FlightDirector.happen`). Used by the engine's loop alone."""

    def __init__(
        self,
        sender: Sender,
        happen: Callable[..., Flight],
        may_wait: Callable[[Flight], bool],
        meets_traffic: Callable[[str], bool],
    ) -> None:
        self._sender = sender
        self._happen = happen
        self._may_wait = may_wait
        self._meets_traffic = meets_traffic
        self._yielding: dict[str, _Yielding] = {}
        self._told: dict[tuple[str, str], Manoeuvre] = {}
        self._looked_s = -math.inf

    def look(self, picture: Picture) -> None:
        """At all of ours in the air together, twice a second."""
        if picture.now_s - self._looked_s < EVERY_S:
            return
        self._looked_s = picture.now_s
        members = {member.flight_id: member for member in self._members(picture)}
        found = conflicts(tuple(members.values()), picture.site.settings.apart)
        self._told = {pair: how for pair, how in self._told.items() if pair in {_pair(one) for one in found}}
        for conflict in found:
            self._answer(conflict, picture)
        for flight_id in tuple(self._yielding):
            self._look_on(flight_id, members, picture)

    def _members(self, picture: Picture) -> list[Member]:
        found = []
        for asset_id, telemetry in picture.telemetry.items():
            here = telemetry.position_now(picture.now_s)
            if here is None or not in_the_air(telemetry):
                continue
            asset, flight = picture.site.assets[asset_id], picture.flights.get(asset_id)
            own = Own.of(here, picture.site.airspace.frame)
            if flight is None:
                found.append(Member(asset_id, asset.name, own, Precedence.NOT_STEERED, 0.0, asset.airframe.stopping))
                continue
            floor = descent_floor(here, picture) if flight.state in DESCENDS_FROM else None
            found.append(
                Member(
                    flight.id,
                    asset.name,
                    own,
                    self._precedence(flight),
                    flight.times_s.get("takeoff_sent", 0.0),
                    asset.airframe.stopping,
                    None if floor is None else floor.m,
                    flight.id in self._yielding,
                )
            )
        return found

    def _precedence(self, flight: Flight) -> Precedence:
        if self._sender.is_leaving(flight.asset_id):
            return Precedence.NOT_STEERED
        if flight.state in DESCENDS_FROM:
            return Precedence.OUT
        if flight.state is FlightState.RETURNING and self._may_wait(flight):
            return Precedence.HOMEWARD
        return Precedence.NOT_STEERED

    def _answer(self, conflict: Conflict, picture: Picture) -> None:
        yields = conflict.yields
        if yields is None or conflict.manoeuvre is Manoeuvre.GO_ON:
            self._tell(conflict, picture)
            return
        before = self._yielding.get(yields.flight_id)
        if before is not None and before.ordered in (conflict.manoeuvre, Manoeuvre.DESCEND):
            return
        flight = self._sender.memory.flights[yields.flight_id]
        here = picture.telemetry[flight.asset_id].position_now(picture.now_s)
        assert here is not None  # it is a member
        resume = resume_of(flight, here) if before is None else before.resume
        wanted = yields.own if before is None else before.wanted
        self._yielding[flight.id] = _Yielding(wanted, resume, conflict.manoeuvre)
        self._told[_pair(conflict)] = conflict.manoeuvre
        does, aside = _does(conflict, yields, here)
        why = f"{_sentence(conflict, yields, picture)}: {yields.name} {does}."
        event = _EVENTS[conflict.manoeuvre]
        self._happen(flight, event, picture.now_s, why=why, origin=Origin.GUARD, by=BY, aside=aside)

    def _tell(self, conflict: Conflict, picture: Picture) -> None:
        """Once for each pair, as long as it lasts."""
        if _pair(conflict) in self._told or (conflict.yields and conflict.yields.yields_already):
            return
        self._told[_pair(conflict)] = Manoeuvre.GO_ON
        member = conflict.yields or conflict.two
        flight = self._sender.memory.flights.get(member.flight_id)
        severity = Severity.NOTICE if conflict.in_s > picture.site.settings.apart.act_s else Severity.WARNING
        sentence = f"{member.name}: {_sentence(conflict, member, picture)}."
        asset_id = member.flight_id if flight is None else flight.asset_id
        flight_id = None if flight is None else flight.id
        self._sender.memory.raise_alarm(severity, sentence, picture.now_s, flight_id=flight_id, asset_id=asset_id)

    def _look_on(self, flight_id: str, members: dict[str, Member], picture: Picture) -> None:
        """Whether one that yielded may go on."""
        yielding, flight = self._yielding[flight_id], self._sender.memory.flights.get(flight_id)
        waits = flight is not None and flight.state in (FlightState.HOLDING, FlightState.ON_SCENE)
        if flight is None or not waits or not self._is_ours(flight):
            del self._yielding[flight_id]
            return
        others = [member for member in members.values() if member.flight_id != flight_id]
        if self._meets_traffic(flight_id) or not _is_free(yielding.wanted, others, picture):
            yielding.clear_since_s = math.inf
            return
        yielding.clear_since_s = min(yielding.clear_since_s, picture.now_s)
        if picture.now_s - yielding.clear_since_s < CLEAR_S:
            return
        del self._yielding[flight_id]
        if yielding.resume is not None:
            move = yielding.resume
            self._happen(flight, move.event, picture.now_s, origin=Origin.GUARD, by=BY, aside=move.to)

    def _is_ours(self, flight: Flight) -> bool:
        """Whether nobody has ordered anything since."""
        order = self._sender.newest(flight.asset_id)
        return order is not None and order.requested_by == BY


def _is_free(wanted: Own, others: list[Member], picture: Picture) -> bool:
    """Whether going on as it wanted to leads to nobody."""
    if not others:
        return True
    limits = picture.site.settings.apart
    apart = np.array([member.own.place_m for member in others]) - np.array(wanted.place_m)
    relative = np.array([member.own.velocity_mps for member in others]) - np.array(wanted.velocity_mps)
    wide = replace(limits, look_ahead_s=limits.look_ahead_s * limits.clear_factor)
    return bool(np.all(entry_s(apart, relative, wide, limits.clear_factor) > wide.look_ahead_s))


def _pair(conflict: Conflict) -> tuple[str, str]:
    one, two = sorted((conflict.one.flight_id, conflict.two.flight_id))
    return one, two


def _sentence(conflict: Conflict, member: Member, picture: Picture) -> str:
    other = conflict.two if member is conflict.one else conflict.one
    near_m = picture.site.settings.apart.sideways_m
    if conflict.in_s == 0.0:
        return f"{other.name} is {conflict.distance_m:.0f} m away, nearer than {near_m:.0f} m"
    return f"{other.name} comes nearer than {near_m:.0f} m in {conflict.in_s:.0f} s"


def _does(conflict: Conflict, yields: Member, here: Kinematics) -> tuple[str, Waypoint | None]:
    if conflict.manoeuvre is Manoeuvre.HOLD or conflict.lower_m is None:
        return "stops where it is", None
    down_m = yields.own.place_m[2] - conflict.lower_m
    return f"goes down by {down_m:.0f} m", Waypoint(here.position, Amsl(conflict.lower_m))
