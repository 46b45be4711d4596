"""The rules that a flight is flown under: a regime as data, chosen before the launch and kept with the flight."""

from dataclasses import dataclass, field
from enum import StrEnum

from dfr.core.geo import Agl


class ControlledAirspace(StrEnum):
    """What a regime asks for before a flight enters controlled airspace from the surface."""

    FREE = "free"
    """Nothing besides the ceilings of the facility map."""
    AUTHORISED = "authorised"
    """An authorisation that the site names."""
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class NearStructure:
    """Near a structure a flight may be higher than elsewhere: so far above its top, within this distance of it."""

    above_m: float
    within_m: float


@dataclass(frozen=True, slots=True)
class HeightRule:
    """How high a regime lets a flight be, and who says so. None: as high as the site."""

    greatest: Agl | None = None
    near_structure: NearStructure | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class RegimeLimits:
    """What a regime allows and asks for. None, False: it has no such rule."""

    greatest_height: Agl | None = None
    near_structure: NearStructure | None = None
    """Without it, `greatest_height` holds near structures too."""
    greatest_speed_mps: float | None = None
    """Over the ground."""
    least_visibility_m: float | None = None
    least_below_cloud_m: float | None = None
    """Kept between the highest point of a flight and the lowest cloud."""
    night_allowed: bool = True
    """Night begins 30 minutes after sunset and ends 30 minutes before sunrise."""
    light_visible_m: float | None = None
    """From sunset to sunrise the aircraft shows an anti-collision light that is seen from so far."""
    traffic_sensor_required: bool = False
    """Something that hears other aircraft (ADS-B in) is heard itself."""
    most_aircraft_a_pilot: int | None = None
    remote_id_required: bool = False
    controlled_airspace: ControlledAirspace = ControlledAirspace.FREE
    farthest_from_pilot_m: float | None = None
    """The pilot is at the aircraft's dock."""
    tether_required: bool = False


@dataclass(frozen=True, slots=True)
class Regime:
    """A regime. `rules` has the source of each limit by its name: `{"greatest_height": "14 CFR 107.51(b)"}`.

    `name` is what people call it, `source` where its rules were read.
    """

    id: str
    name: str
    source: str = ""
    limits: RegimeLimits = RegimeLimits()
    rules: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> tuple[str, ...]:
        """Each limit as people say it, with who says so."""
        limits, said = self.limits, []
        if limits.greatest_height is not None:
            said.append(("greatest_height", f"at most {limits.greatest_height.m:.0f} m above the ground"))
        if (near := limits.near_structure) is not None:
            said.append(
                ("near_structure", f"or within {near.within_m:.0f} m of a structure, {near.above_m:.0f} m above")
            )
        if limits.greatest_speed_mps is not None:
            said.append(("greatest_speed", f"at most {limits.greatest_speed_mps:.1f} m/s"))
        if limits.least_visibility_m is not None:
            said.append(("least_visibility", f"visibility of at least {limits.least_visibility_m / 1000:.1f} km"))
        if limits.least_below_cloud_m is not None:
            said.append(("least_below_cloud", f"at least {limits.least_below_cloud_m:.0f} m below clouds"))
        if not limits.night_allowed:
            said.append(("night", "not at night"))
        if limits.light_visible_m is not None:
            said.append(("light", f"from sunset to sunrise a light seen from {limits.light_visible_m / 1000:.1f} km"))
        if limits.traffic_sensor_required:
            said.append(("traffic_sensor", "a sensor for other aircraft"))
        if limits.most_aircraft_a_pilot is not None:
            said.append(("most_aircraft_a_pilot", f"at most {limits.most_aircraft_a_pilot} aircraft a pilot"))
        if limits.remote_id_required:
            said.append(("remote_id", "Remote ID"))
        if limits.controlled_airspace is not ControlledAirspace.FREE:
            asked = "not in" if limits.controlled_airspace is ControlledAirspace.CLOSED else "an authorisation for"
            said.append(("controlled_airspace", f"{asked} controlled airspace"))
        if limits.farthest_from_pilot_m is not None:
            said.append(("farthest_from_pilot", f"at most {limits.farthest_from_pilot_m:.0f} m from the pilot"))
        if limits.tether_required:
            said.append(("tether", "tethered"))
        return tuple(f"{words} ({self.rules[name]})" if name in self.rules else words for name, words in said)

    @property
    def height_rule(self) -> HeightRule:
        limits = self.limits
        return HeightRule(limits.greatest_height, limits.near_structure, self.rule("greatest_height"))

    def rule(self, limit: str) -> str:
        """`Part 107 (14 CFR 107.51(b))`: who says so, as refusals name it."""
        rule = self.rules.get(limit, "")
        return f"{self.name} ({rule})" if rule else self.name


NO_REGIME = Regime("none", "no regime declared")
"""Of a site that names none: only its own limits count."""
