"""Whether an asset may be sent now, and every reason why not, in words. Pure."""

from dfr.core.asset import Asset, Readiness
from dfr.core.geo import distance_m
from dfr.core.telemetry import OLDEST_POSITION_S, LinkState, Telemetry
from dfr.dispatch.observe import in_the_air
from dfr.dispatch.picture import Picture

FARTHEST_HOME_M = 25.0
FARTHEST_HOME_HEIGHT_M = 15.0
"""Satellites are worse upwards than sideways, and roofs are surveyed: more than this is another roof or a bad fix."""
LEAST_BATTERY_FRACTION = 0.5


def readiness(asset: Asset, picture: Picture) -> tuple[Readiness, tuple[str, ...]]:
    """READY with no sentence, or why it cannot be sent."""
    telemetry = picture.telemetry[asset.id]
    if telemetry.link is not LinkState.ONLINE:
        sentences = (_silence(asset, telemetry, picture.now_s), telemetry.link_problem)
        return Readiness.OFFLINE, tuple(sentence for sentence in sentences if sentence)
    flight = picture.flights.get(asset.id)
    if flight is not None:
        return Readiness.BUSY, (f"{asset.name} is on another flight ({flight.state.replace('_', ' ')}).",)
    problems = _unfit(asset, telemetry, picture)
    return (Readiness.NOT_READY, problems) if problems else (Readiness.READY, ())


def _silence(asset: Asset, telemetry: Telemetry, now_s: float) -> str:
    if telemetry.link is LinkState.NEVER_SEEN:
        return f"{asset.name} was never heard: is it switched on, with MAVLink system id {asset.system_id}?"
    silent = "" if telemetry.link_changed_s is None else f" for {now_s - telemetry.link_changed_s:.0f} s"
    return f"{asset.name} is not heard{silent}: its radio link is down."


def _unfit(asset: Asset, telemetry: Telemetry, picture: Picture) -> tuple[str, ...]:
    checks = (
        _ground_check(asset, telemetry),
        _position_check(asset, telemetry, picture.now_s),
        _home_check(asset, telemetry),
        _health_check(asset, telemetry),
        _battery_check(asset, telemetry),
        _fence_check(asset, telemetry, picture),
    )
    return tuple(sentence for sentence in checks if sentence)


def _ground_check(asset: Asset, telemetry: Telemetry) -> str:
    if telemetry.landed is None or telemetry.armed is None:
        return f"{asset.name} has not said whether it is on the ground and disarmed."
    if in_the_air(telemetry) or telemetry.armed.value:
        return f"{asset.name} is armed or in the air without a flight of this service: somebody else flies it."
    return ""


def _position_check(asset: Asset, telemetry: Telemetry, now_s: float) -> str:
    return why_no_position(asset.name, telemetry, now_s)


def why_no_position(name: str, telemetry: Telemetry, now_s: float) -> str:
    """Why nothing is decided by its position; "" when it may be."""
    if telemetry.kinematics is None:
        return f"{name} has no position yet."
    if telemetry.fix is not None and not telemetry.fix.value:
        return f"{name} has no satellite fix: the position that it tells is a guess."
    age_s = telemetry.kinematics.age_s(now_s)
    return f"{name}'s position is {age_s:.1f} s old." if age_s > OLDEST_POSITION_S else ""


def _home_check(asset: Asset, telemetry: Telemetry) -> str:
    if telemetry.home is None:
        return f"{asset.name} has not said where its home is."
    off_m = distance_m(telemetry.home.value.position, asset.dock.position)
    if off_m > FARTHEST_HOME_M:
        return (
            f"{asset.name}'s home is {off_m:.0f} m from its dock {asset.dock.name}: it would return to the wrong place."
        )
    return ""


def _health_check(asset: Asset, telemetry: Telemetry) -> str:
    if telemetry.health is None:
        return f"{asset.name} has not reported its health yet."
    if telemetry.health.value.armable:
        return ""
    missing = " ".join(telemetry.health.value.missing) or "It does not say what is missing."
    return f"{asset.name} cannot be armed. {missing}"


def _battery_check(asset: Asset, telemetry: Telemetry) -> str:
    if telemetry.battery is None:
        return f"{asset.name} has not reported its battery."
    left = telemetry.battery.value.remaining_fraction
    if left < LEAST_BATTERY_FRACTION:
        return f"{asset.name}'s battery is at {left:.0%}; {LEAST_BATTERY_FRACTION:.0%} is the least for a launch."
    return ""


def _fence_check(asset: Asset, telemetry: Telemetry, picture: Picture) -> str:
    """A fence that is merely not on board yet is no reason: the flight waits for it."""
    problem = picture.fence_problems.get(asset.id, "") or telemetry.fence_problem
    return f"{asset.name}: {problem}" if problem else ""
