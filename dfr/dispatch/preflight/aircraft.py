"""The aircraft itself: heard, on the ground, its position, its home, its sensors and its autopilot. Pure."""

from dfr.core.check import Check
from dfr.core.geo import distance_m
from dfr.core.limits import Need
from dfr.core.remote_id import RemoteIdState
from dfr.core.telemetry import OLDEST_POSITION_S, LinkState, Telemetry
from dfr.dispatch.observe import in_the_air
from dfr.dispatch.preflight.subject import Subject, failed, not_required, passed, unknown

HEADING_REJECTED = 1.0
"""ESTIMATOR_STATUS.mag_ratio from which the autopilot throws the compass away (MAVLink common.xml)."""


def radio_link(s: Subject) -> Check:
    name, limit, telemetry = "Radio link", "heard", s.telemetry
    if telemetry.link is LinkState.ONLINE:
        return passed(name, "heard", limit)
    if telemetry.link is LinkState.NEVER_SEEN:
        why = f"{s.name} was never heard: is it switched on, with {s.asset.known_by}?"
        return unknown(name, limit, f"{why} {telemetry.link_problem}".strip())
    silent = "" if telemetry.link_changed_s is None else f" for {s.now_s - telemetry.link_changed_s:.0f} s"
    why = f"{s.name} is not heard{silent}: its radio link is down."
    return failed(name, "silent", limit, f"{why} {telemetry.link_problem}".strip())


def on_the_ground(s: Subject) -> Check:
    name, limit, telemetry = "On the ground", "on the ground, disarmed", s.telemetry
    if telemetry.landed is None or telemetry.armed is None:
        return unknown(name, limit, f"{s.name} has not said whether it is on the ground and disarmed.")
    if in_the_air(telemetry) or telemetry.armed.value:
        value = "in the air" if in_the_air(telemetry) else "armed"
        sentence = f"{s.name} is armed or in the air without a flight of this service: somebody else flies it."
        return failed(name, value, limit, sentence)
    return passed(name, "on the ground, disarmed", limit)


def position(s: Subject) -> Check:
    name, limit, kinematics = "Position", f"at most {OLDEST_POSITION_S:g} s old", s.telemetry.kinematics
    why = why_no_position(s.name, s.telemetry, s.now_s)
    if kinematics is None:
        return unknown(name, limit, why)
    if why:
        age_s = kinematics.age_s(s.now_s)
        return failed(name, f"{age_s:.1f} s old" if age_s > OLDEST_POSITION_S else "a guess", limit, why)
    return passed(name, "heard now", limit)


def why_no_position(name: str, telemetry: Telemetry, now_s: float) -> str:
    """Why nothing is decided by its position; "" when it may be."""
    if telemetry.kinematics is None:
        return f"{name} has no position yet."
    if telemetry.position_is_guess:
        return f"{name} has no satellite fix: the position that it tells is a guess."
    age_s = telemetry.kinematics.age_s(now_s)
    return f"{name}'s position is {age_s:.1f} s old." if age_s > OLDEST_POSITION_S else ""


def satellite_fix(s: Subject) -> Check:
    least = s.settings.least_satellites
    name, limit = "Satellite fix", f"3D fix, at least {least} satellites"
    if s.telemetry.satellite_fix is None or s.telemetry.satellites is None:
        return unknown(name, limit, f"{s.name} has not said how good its satellite fix is.")
    fix, count = s.telemetry.satellite_fix.value, s.telemetry.satellites.value
    value = f"{fix.kind}, {count} satellites"
    if not fix.kind.has_height or count < least:
        return failed(name, value, limit, f"{s.name} has {value}; a 3D fix of at least {least} is needed.")
    return passed(name, value, limit)


def position_accuracy(s: Subject) -> Check:
    """The worse of what the receiver and the autopilot's estimate say."""
    worst_m = s.settings.worst_position_m
    name, limit = "Position accuracy", f"at most {worst_m:g} m"
    fix, estimate = s.telemetry.satellite_fix, s.telemetry.estimate
    said = [one.value.horizontal_m for one in (fix, estimate) if one is not None]
    known = [one_m for one_m in said if one_m is not None]
    if not known:
        return unknown(name, limit, f"{s.name} has not said how exact its position is.")
    value = f"{max(known):.1f} m"
    if max(known) > worst_m:
        return failed(name, value, limit, f"{s.name}'s position is exact to {value} only; {worst_m:g} m is the limit.")
    return passed(name, value, limit)


def home_position(s: Subject) -> Check:
    farthest_m = s.settings.farthest_home_m
    name, limit = "Home position", f"at most {farthest_m:g} m from the dock"
    if s.telemetry.home is None:
        return unknown(name, limit, f"{s.name} has not said where its home is.")
    off_m = distance_m(s.telemetry.home.value.position, s.asset.dock.position)
    value = f"{off_m:.0f} m from the dock"
    if off_m > farthest_m:
        dock = s.asset.dock.name
        sentence = f"{s.name}'s home is {off_m:.0f} m from its dock {dock}: it would return to the wrong place."
        return failed(name, value, limit, sentence)
    return passed(name, value, limit)


def home_height(s: Subject) -> Check:
    farthest_m = s.settings.farthest_home_height_m
    name, limit = "Home height", f"at most {farthest_m:g} m from the dock's"
    if s.telemetry.home is None:
        return unknown(name, limit, f"{s.name} has not said how high its home is.")
    home, dock = s.telemetry.home.value.altitude, s.asset.dock.altitude
    off_m = home.m - dock.m
    side = "above" if off_m >= 0 else "below"
    value = f"{abs(off_m):.0f} m {side} the dock's"
    if abs(off_m) > farthest_m:
        return failed(
            name,
            value,
            limit,
            f"{s.name}'s home is {abs(off_m):.0f} m {side} its dock {s.asset.dock.name} ({home.m:.0f} m instead of "
            f"{dock.m:.0f} m above sea level): every height of its flight and its fence would be off by that.",
        )
    return passed(name, value, limit)


def heading(s: Subject) -> Check:
    """The heading is known, and the compass is not thrown away by the autopilot."""
    name, limit = "Heading", f"known, compass test below {HEADING_REJECTED:g}"
    kinematics, estimate = s.telemetry.kinematics, s.telemetry.estimate
    if kinematics is None or kinematics.value.heading_deg is None:
        return unknown(name, limit, f"{s.name} does not know its heading.")
    ratio = None if estimate is None else estimate.value.heading_ratio
    if ratio is not None and ratio >= HEADING_REJECTED:
        sentence = f"{s.name}'s compass does not agree with its motion (test ratio {ratio:.1f}): calibrate it."
        return failed(name, f"compass test {ratio:.1f}", limit, sentence)
    return passed(name, "known", limit)


def sensors(s: Subject) -> Check:
    name, limit = "Sensors", "all present and healthy"
    if s.telemetry.sensors is None:
        return unknown(name, limit, f"{s.name} has not said how its sensors are.")
    bad = [sensor for sensor in s.telemetry.sensors.value if sensor.sentence]
    if bad:
        value = ", ".join(f"{one.name} {'not healthy' if one.present else 'missing'}" for one in bad)
        return failed(name, value, limit, f"{s.name} cannot be armed. {' '.join(one.sentence for one in bad)}")
    return passed(name, ", ".join(one.name for one in s.telemetry.sensors.value), limit)


def autopilot(s: Subject) -> Check:
    """What the autopilot and its driver have against arming, besides sensors and parameters, which have their own."""
    name, limit, health = "Autopilot", "can be armed", s.telemetry.health
    if health is None:
        return unknown(name, limit, f"{s.name} has not reported its health yet.")
    if health.value.armable:
        return passed(name, "can be armed", limit)
    told = set(s.telemetry.parameter_faults or ())
    told |= {one.sentence for one in (s.telemetry.sensors.value if s.telemetry.sensors else ())}
    missing = [sentence for sentence in health.value.missing if sentence not in told]
    if health.value.missing and not missing:
        return passed(name, "nothing of its own", limit)
    why = " ".join(missing) or "It does not say what is missing."
    return failed(name, "cannot be armed", limit, f"{s.name} cannot be armed. {why}")


def parameters(s: Subject) -> Check:
    airframe = s.asset.airframe.name
    name, limit, faults = "Parameters", f"equal to {airframe}", s.telemetry.parameter_faults
    if faults is None:
        return unknown(name, limit, f"{s.name}'s safety parameters have not been read yet.")
    if faults:
        return failed(name, f"{len(faults)} against it", limit, f"{s.name} cannot be armed. {' '.join(faults)}")
    return passed(name, "equal", limit)


def remote_id(s: Subject) -> Check:
    name, limit, said = "Remote ID", f"good ({s.regime.rule('remote_id')})", s.telemetry.remote_id
    need = s.settings.remote_id
    if not s.regime.limits.remote_id_required:
        return not_required(name, f"not asked for by the regime ({s.regime.name})")
    if need is Need.OFF:
        return not_required(name, "not asked for by the site")
    sentence = f"{s.name}: {said.sentence} {s.regime.rule('remote_id')} asks for it."
    if said.state is RemoteIdState.UNKNOWN:
        return unknown(name, limit, sentence, need)
    if said.state is RemoteIdState.BAD:
        return failed(name, "not good", limit, sentence, need)
    return passed(name, "good", limit)
