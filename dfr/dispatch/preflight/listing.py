"""The pre-flight list: every check of this service, in the order in which people read it. Pure."""

from collections.abc import Callable, Iterable

from dfr.core.asset import Asset
from dfr.core.check import Check, CheckState
from dfr.core.geo import Waypoint
from dfr.core.regime import Regime
from dfr.dispatch.picture import Picture
from dfr.dispatch.preflight import aircraft, path, rules, stores, weather
from dfr.dispatch.preflight.subject import Subject

CHECKS: tuple[Callable[[Subject], Check], ...] = (
    aircraft.radio_link,
    aircraft.on_the_ground,
    aircraft.position,
    aircraft.satellite_fix,
    aircraft.position_accuracy,
    aircraft.home_position,
    aircraft.home_height,
    aircraft.heading,
    aircraft.sensors,
    aircraft.autopilot,
    aircraft.parameters,
    stores.battery,
    stores.battery_cells,
    stores.storage,
    aircraft.remote_id,
    stores.fence,
    stores.video,
    path.launch_column,
    path.landing_place,
    path.way_home,
    weather.weather_report,
    weather.wind,
    weather.gusts,
    weather.visibility,
    weather.clouds,
    weather.precipitation,
    weather.temperature,
    rules.light,
    rules.traffic_sensor,
)


def preflight(
    asset: Asset,
    picture: Picture,
    way: tuple[Waypoint, ...] = (),
    launching: bool = False,
    under: Regime | None = None,
) -> tuple[Check, ...]:
    """The whole list for one aircraft now; see `Subject` for `way`, `launching` and `under`."""
    subject = Subject(asset, picture, way, launching, under)
    return tuple(check(subject) for check in CHECKS)


def blockers(checks: Iterable[Check]) -> tuple[str, ...]:
    """The sentences of the checks that keep the aircraft on the ground, each once."""
    bad = (CheckState.FAILED, CheckState.UNKNOWN)
    return tuple(dict.fromkeys(check.sentence for check in checks if check.blocks and check.state in bad))
