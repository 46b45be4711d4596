"""Weather inside the limits of airframe and regime, from the newest report and from what aircraft feel. Pure."""

import math
from dataclasses import dataclass

from dfr.core.check import Check
from dfr.core.geo import Amsl
from dfr.core.limits import Need
from dfr.core.weather import Weather, Wind
from dfr.dispatch.observe import in_the_air
from dfr.dispatch.picture import Picture
from dfr.dispatch.preflight.subject import Subject, failed, not_required, passed, unknown

NOT_WATCHED = "not watched"
FELT_WITHIN_S = 60.0
"""What an aircraft in the air says of the wind counts for this long."""


@dataclass(frozen=True, slots=True)
class WindThere:
    """A wind, and who says so: `METAR KTUS`, `SKY-2 in the air`."""

    wind: Wind
    source: str


def fresh_weather(picture: Picture) -> Weather | None:
    """The newest report, unless it is too old to go by."""
    weather = picture.weather
    if weather is None or weather.age_s(picture.now_s) > picture.site.preflight.oldest_weather_s:
        return None
    return weather


def winds(picture: Picture) -> tuple[WindThere, ...]:
    """Every wind that is known now: the station's, and what our aircraft in the air estimate."""
    found = []
    weather = fresh_weather(picture)
    if weather is not None and weather.wind is not None:
        found.append(WindThere(weather.wind, weather.source))
    for asset_id, telemetry in picture.telemetry.items():
        felt = telemetry.wind
        if felt is not None and in_the_air(telemetry) and felt.age_s(picture.now_s) <= FELT_WITHIN_S:
            asset = picture.site.assets.get(asset_id)
            found.append(WindThere(felt.value, f"{asset.name if asset else asset_id} in the air"))
    return tuple(found)


def weather_report(s: Subject) -> Check:
    oldest_s, need = s.settings.oldest_weather_s, s.settings.weather
    name, limit, weather = "Weather report", f"at most {oldest_s / 60:.0f} min old", s.picture.weather
    if not s.settings.weather_declared:
        return not_required(name, NOT_WATCHED)
    if need is Need.OFF:
        return not_required(name, "not asked for by the site")
    if weather is None:
        return unknown(name, limit, "No weather report has come yet: is the weather source reachable?", need)
    age_min = weather.age_s(s.now_s) / 60
    value = f"{weather.source}, {age_min:.0f} min old"
    if weather.age_s(s.now_s) > oldest_s:
        most_min = oldest_s / 60
        sentence = f"The weather report ({weather.source}) is {age_min:.0f} min old; {most_min:.0f} min is the limit."
        return failed(name, value, limit, sentence, need)
    return passed(name, value, limit)


def wind(s: Subject) -> Check:
    most_mps = s.limits.max_wind_mps
    name, limit = "Wind", f"at most {most_mps:g} m/s"
    known = winds(s.picture)
    if not known:
        return _no_value(s, name, limit)
    there = max(known, key=lambda one: one.wind.mean_mps)
    value = f"{there.wind.mean_mps:.1f} m/s{_direction(there.wind)} ({there.source})"
    if there.wind.mean_mps > most_mps:
        sentence = f"The wind is {value}; {_may_fly(s)} in {most_mps:g} m/s."
        return failed(name, value, limit, sentence)
    return passed(name, value, limit)


def gusts(s: Subject) -> Check:
    most_mps = s.limits.max_gust_mps
    name, limit = "Gusts", f"at most {most_mps:g} m/s"
    known = winds(s.picture)
    if not known:
        return _no_value(s, name, limit)
    there = max(known, key=lambda one: one.wind.strongest_mps)
    gust_mps = there.wind.strongest_mps
    value = f"{gust_mps:.1f} m/s ({there.source})" if there.wind.gust_mps else f"none reported ({there.source})"
    if gust_mps > most_mps:
        sentence = f"Gusts reach {gust_mps:.1f} m/s ({there.source}); {_may_fly(s)} in {most_mps:g} m/s."
        return failed(name, value, limit, sentence)
    return passed(name, value, limit)


def visibility(s: Subject) -> Check:
    name, least_m = "Visibility", s.regime.limits.least_visibility_m
    if least_m is None:
        return not_required(name, f"no limit in the regime ({s.regime.name})")
    limit, weather = f"at least {least_m / 1000:.1f} km", fresh_weather(s.picture)
    if weather is None or weather.visibility_m is None:
        return _no_value(s, name, limit)
    value = f"{weather.visibility_m / 1000:.1f} km ({weather.source})"
    if weather.visibility_m < least_m:
        sentence = f"Visibility is {value}; {s.regime.rule('least_visibility')} asks for {least_m / 1000:.1f} km."
        return failed(name, value, limit, sentence)
    return passed(name, value, limit)


def clouds(s: Subject) -> Check:
    """The highest point of a flight keeps the regime's distance below the lowest cloud (14 CFR 107.51(d)(1): 500 ft).

    Cloud bases are above the station, and the flight is above its dock: both are compared above the ground.
    """
    name, below_m = "Clouds", s.regime.limits.least_below_cloud_m
    if below_m is None:
        return not_required(name, f"no limit in the regime ({s.regime.name})")
    least_m = _highest_above_ground_m(s) + below_m
    limit, weather = f"lowest cloud at least {least_m:.0f} m above the ground", fresh_weather(s.picture)
    if weather is None or weather.cloud_base is None:
        return _no_value(s, name, limit)
    base_m = weather.cloud_base.m
    value = f"lowest at {base_m:.0f} m ({weather.source})" if math.isfinite(base_m) else f"none ({weather.source})"
    if base_m < least_m:
        sentence = (
            f"The lowest cloud is {base_m:.0f} m above the ground ({weather.source}); "
            f"{s.regime.rule('least_below_cloud')} keeps {below_m:.0f} m below clouds, so a flight here needs "
            f"{least_m:.0f} m."
        )
        return failed(name, value, limit, sentence)
    return passed(name, value, limit)


def _highest_above_ground_m(s: Subject) -> float:
    """Of the way where it is known, else of the site's flights; Return climbs to its own height."""
    settings, dock = s.picture.site.settings, s.asset.dock
    return_m = dock.altitude.m + settings.return_height.m - s.picture.ground(dock.position).m
    heights_m = [_above_ground_m(corner.altitude, s, i) for i, corner in enumerate(s.way)] or [settings.height.m]
    return max(return_m, *heights_m)


def _above_ground_m(altitude: Amsl, s: Subject, corner: int) -> float:
    return altitude.m - s.picture.ground(s.way[corner].position).m


def precipitation(s: Subject) -> Check:
    name, weather = "Precipitation", fresh_weather(s.picture)
    if s.limits.rain_allowed and not (weather is not None and weather.thunderstorm):
        return not_required(name, "allowed for this airframe")
    limit = "no thunderstorm" if s.limits.rain_allowed else "none, no thunderstorm"
    if weather is None or weather.precipitation is None:
        return _no_value(s, name, limit)
    falling = (*weather.precipitation, *(("thunderstorm",) if weather.thunderstorm else ()))
    if falling:
        words = ", ".join(falling)
        sentence = f"{words.capitalize()} ({weather.source}): {s.name} ({s.asset.airframe.name}) does not fly in that."
        return failed(name, f"{words} ({weather.source})", limit, sentence)
    return passed(name, f"none ({weather.source})", limit)


def temperature(s: Subject) -> Check:
    least_c, most_c = s.limits.least_temperature_c, s.limits.most_temperature_c
    name, limit, weather = "Temperature", f"{least_c:g} to {most_c:g} °C", fresh_weather(s.picture)
    if weather is None or weather.temperature_c is None:
        return _no_value(s, name, limit)
    value = f"{weather.temperature_c:.0f} °C ({weather.source})"
    if not least_c <= weather.temperature_c <= most_c:
        sentence = f"It is {value}; {_may_fly(s)} at {limit}."
        return failed(name, value, limit, sentence)
    return passed(name, value, limit)


def _no_value(s: Subject, name: str, limit: str) -> Check:
    """Nothing is said of it: not required where nobody watches the weather, else as the site wants a missing report."""
    if not s.settings.weather_declared:
        return not_required(name, NOT_WATCHED)
    if s.settings.weather is Need.OFF:
        return not_required(name, "not asked for by the site")
    return unknown(name, limit, f"{name}: no weather report that is fresh enough says it.", s.settings.weather)


def _may_fly(s: Subject) -> str:
    return f"{s.name} ({s.asset.airframe.name}) may fly"


def _direction(wind: Wind) -> str:
    return "" if wind.from_deg is None else f" from {wind.from_deg:.0f}°"
