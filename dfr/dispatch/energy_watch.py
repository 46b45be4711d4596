"""Watches each flight's battery against the model: one that empties faster than it should is told, and believed."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dfr.airspace.charge import Charge, reckon
from dfr.airspace.energy import power_w
from dfr.core.asset import Asset
from dfr.core.energy import Endurance, Wind
from dfr.core.geo import AboveTakeoff, Waypoint
from dfr.core.telemetry import Battery, Telemetry, Timed
from dfr.core.weather import Weather
from dfr.dispatch.energy import endurance, wind_of

SETTLES_S = 30.0
"""After take-off a gauge falls with the first load; the comparison begins after this."""
WINDOW_S = 60.0
SAMPLE_S = 2.0
OLD_S = 5.0
"""After a silence the gauge is read last of all; a charge from before it makes the next one look like a leap."""
STEP = 0.01
"""BATTERY_STATUS counts whole per cents."""
LEAST_USED = 0.03
FASTER = 1.3
"""Less than this above the model is the model's own error."""
MOST_DRAIN = 2.5
DISAGREES_S = 5.0
"""Voltage or charge drawn must say less than the gauge for this long: a gust's load is no empty battery."""


@dataclass
class _Watched:
    since_s: float
    seen_s: float
    predicted_wh: float = 0.0
    samples: deque[tuple[float, float, float]] = field(default_factory=deque)
    """Time, charge of the gauge, energy that the model said was drawn since the watch began."""
    disagrees_since_s: float | None = None
    told: set[str] = field(default_factory=set)


class EnergyWatch:
    """What is known of the energy of every aircraft in the air. Used by the engine's loop alone."""

    def __init__(self, worst_wind_mps: float, return_height: AboveTakeoff) -> None:
        self._worst_wind_mps = worst_wind_mps
        self._return_height = return_height
        self._watched: dict[str, _Watched] = {}
        self._now: dict[str, Endurance] = {}

    def of(self, asset_id: str) -> Endurance | None:
        """The newest of an aircraft in the air."""
        return self._now.get(asset_id)

    def forget(self, asset_id: str) -> None:
        """It is on the ground."""
        self._watched.pop(asset_id, None)
        self._now.pop(asset_id, None)

    def look(
        self,
        asset: Asset,
        telemetry: Telemetry,
        now_s: float,
        weather: Weather | None = None,
        ahead: Sequence[Waypoint] = (),
    ) -> tuple[Endurance | None, tuple[str, ...]]:
        """At an aircraft in the air, often: how long it may go on, and what is to be told now (each once a flight).

        `ahead`: what it has still to fly to the scene.
        """
        if telemetry.battery is None or telemetry.kinematics is None:
            self._now.pop(asset.id, None)
            return None, ()
        watched = self._watched.setdefault(asset.id, _Watched(now_s, now_s))
        wind = wind_of(telemetry, weather, self._worst_wind_mps, now_s)
        load_w = _load_w(asset, telemetry, wind if isinstance(wind, Wind) else Wind(0.0, 0.0))
        watched.predicted_wh += load_w * max(now_s - watched.seen_s, 0.0) / 3600.0
        watched.seen_s = now_s
        charge = _settled(watched, telemetry, asset, load_w, now_s)
        drain = _drain(watched, telemetry.battery, asset, now_s)
        left = endurance(asset, telemetry, charge, wind, self._return_height, now_s, drain, ahead)
        if left is None:
            self._now.pop(asset.id, None)
            return None, ()
        reasons = [charge.sentence] if charge.sentence else []
        if drain > 1.0:
            reasons.append(f"it empties {drain:.1f} times as fast as its model says")
        left = replace(left, sentence="; ".join(reasons))
        self._now[asset.id] = left
        return left, _news(watched, charge, drain, asset.name)


def _load_w(asset: Asset, telemetry: Telemetry, wind: Wind) -> float:
    assert telemetry.kinematics is not None
    velocity = telemetry.kinematics.value.velocity
    north, east = velocity.north_mps - wind.north_mps, velocity.east_mps - wind.east_mps
    return power_w(asset.airframe.power, float((north**2 + east**2) ** 0.5), -velocity.down_mps)


def _settled(watched: _Watched, telemetry: Telemetry, asset: Asset, load_w: float, now_s: float) -> Charge:
    """The most pessimistic charge, once it has said so for a while; else the gauge's."""
    assert telemetry.battery is not None
    charge = reckon(telemetry.battery.value, asset.airframe.battery, load_w)
    if not charge.sentence:
        watched.disagrees_since_s = None
        return charge
    if watched.disagrees_since_s is None:
        watched.disagrees_since_s = now_s
    if now_s - watched.disagrees_since_s < DISAGREES_S:
        return Charge(telemetry.battery.value.remaining_fraction)
    return charge


def _drain(watched: _Watched, battery: Timed[Battery], asset: Asset, now_s: float) -> float:
    """How much faster than the model it emptied over the last minute; 1 while that cannot be told."""
    if now_s - watched.since_s < SETTLES_S or battery.age_s(now_s) > OLD_S:
        return 1.0
    samples, fraction = watched.samples, battery.value.remaining_fraction
    if not samples or now_s - samples[-1][0] >= SAMPLE_S:
        samples.append((now_s, fraction, watched.predicted_wh))
    while now_s - samples[0][0] > WINDOW_S:
        samples.popleft()
    _, then, predicted_then_wh = samples[0]
    used, predicted = then - fraction, (watched.predicted_wh - predicted_then_wh) / asset.airframe.battery.energy_wh
    if used < LEAST_USED or predicted <= 0.0:
        return 1.0
    ratio = (used - STEP) / predicted
    return min(ratio, MOST_DRAIN) if ratio > FASTER else 1.0


def _news(watched: _Watched, charge: Charge, drain: float, name: str) -> tuple[str, ...]:
    news = []
    if charge.sentence and "charge" not in watched.told:
        watched.told.add("charge")
        news.append(f"{name}'s battery is emptier than its gauge: {charge.sentence}. The lower one counts.")
    if drain > 1.0 and "drain" not in watched.told:
        watched.told.add("drain")
        news.append(
            f"{name}'s battery empties {drain:.1f} times as fast as its model says: cold, old, damaged or overloaded. "
            "Its time is reckoned with that."
        )
    return tuple(news)
