"""What the regime asks of the aircraft and of the hour: a light, and a sensor for other traffic. Pure."""

from dfr.core.check import Check
from dfr.core.daylight import Daylight, darkest
from dfr.dispatch.preflight.subject import Subject, failed, not_required, passed, unknown

AHEAD_S = 1800.0
"""No flight is in the air for longer: it must be in its rights until its end."""
HEARD_WITHIN_S = 60.0
"""A receiver says at least that often that it hears, with or without aircraft."""


def light(s: Subject) -> Check:
    """Day, or an anti-collision light where the sun is down before the flight is over."""
    name, limits = "Light", s.regime.limits
    if limits.night_allowed and limits.light_visible_m is None:
        return not_required(name, f"no limit in the regime ({s.regime.name})")
    hour = darkest(s.asset.dock.position, s.now_s, s.now_s + AHEAD_S)
    if hour is Daylight.DAY:
        return passed(name, "day, until the flight is over", "day, or an anti-collision light")
    if hour is Daylight.NIGHT and not limits.night_allowed:
        why = f"It is night before a flight would be over; {s.regime.rule('night')} allows none."
        return failed(name, "night", "day or civil twilight", why)
    least_m, has_m = limits.light_visible_m, s.asset.airframe.equipment.light_visible_m
    if least_m is None:
        return passed(name, str(hour), "day or civil twilight")
    limit = f"an anti-collision light seen from {least_m / 1000:.1f} km"
    hours = "night" if hour is Daylight.NIGHT else "civil twilight"
    why = f"It is {hours} before a flight would be over; {s.regime.rule('light')} asks for {limit}"
    if has_m is None:
        name_m = f"light_visible_m in [equipment] of {s.asset.airframe.name}"
        return unknown(name, limit, f"{why}, and whether {s.name} has one is not known: {name_m} says it.")
    if has_m < least_m:
        has = f"a light seen from {has_m / 1000:.1f} km" if has_m > 0.0 else "no light"
        return failed(name, f"{hours}, {has}", limit, f"{why}; {s.name} ({s.asset.airframe.name}) has {has}.")
    return passed(name, f"{hour}, seen from {has_m / 1000:.1f} km", limit)


def traffic_sensor(s: Subject) -> Check:
    """Other aircraft are heard: by the aircraft's own receiver, or by one on the ground that is heard itself."""
    name, limit = "Traffic sensor", "ADS-B in, on board or on the ground"
    if not s.regime.limits.traffic_sensor_required:
        return not_required(name, f"not asked for by the regime ({s.regime.name})")
    if s.asset.airframe.equipment.adsb_in:
        return passed(name, "on board", limit)
    sources = s.picture.traffic.sources
    for source in sources:
        if source.heard_s is not None and s.now_s - source.heard_s <= HEARD_WITHIN_S and not source.sentence:
            return passed(name, f"the receiver {source.id}", limit)
    rule = s.regime.rule("traffic_sensor")
    if not sources:
        why = f"{rule} asks for a traffic sensor, and neither {s.name} nor the site has a receiver."
        return failed(name, "none", limit, why)
    why = f"{rule} asks for a traffic sensor, and no receiver of the site is heard."
    return unknown(name, limit, " ".join([why, *(source.sentence for source in sources)]).strip())
