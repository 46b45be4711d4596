"""Turns a configuration into what the rooms need: assets, airspace, rules. All faults of a site at once."""

import json
import math
import os
import tomllib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from dfr.airspace.airspace import Airspace
from dfr.airspace.encounter import TrafficLimits
from dfr.airspace.fence import FenceError, on_board_fence
from dfr.airspace.ground import Ground
from dfr.airspace.ground_files import Declared, load_ground
from dfr.airspace.in_force import zones_in_force
from dfr.airspace.load import load_zones
from dfr.airspace.readers import ZoneError
from dfr.airspace.structures import Structure, StructureError, Structures, load_structures
from dfr.airspace.terrain import Terrain, closed_where_unknown
from dfr.airspace.verdict import AirspaceError
from dfr.airspace.zone_heights import KnownHeights
from dfr.config import (
    REPOSITORY,
    AirspaceSection,
    Config,
    ConfigError,
    Policy,
    PolicySection,
    SiteSection,
    read_config,
    read_policy,
)
from dfr.core.asset import Airframe, Asset, Camera, Dock
from dfr.core.clock import SystemClock
from dfr.core.geo import AboveTakeoff, Agl, Amsl, LocalFrame, Position, Waypoint
from dfr.core.limits import PreflightSettings
from dfr.core.rally import RallyPoint
from dfr.core.regime import NO_REGIME
from dfr.core.zone import Zone
from dfr.dispatch.airspace_keeper import AHEAD_S
from dfr.dispatch.picture import FlightSettings, Site, SiteRegimes
from dfr.dispatch.policy import PolicyAction, Rule
from dfr.fleet.firmware import FirmwareError, ParameterFile, load_airframe, load_parameters
from dfr.fleet.signing_key import KeyFault, load_key
from dfr.regime_files import RegimeError, load_regime
from dfr.zone_set import ZoneSet
from dfr.zone_store import ZoneStore

T = TypeVar("T")
_SURVEY_ERROR_M = 2.0
"""What a surveyed altitude and one off a map may differ by."""
FIRMWARE_CONFIGS = REPOSITORY / "firmware_configs"


@dataclass(frozen=True)
class LoadedSite:
    """A site that can fly."""

    config: Config
    site: Site
    zone_set: ZoneSet
    basemap: dict[str, Any]
    parameter_files: dict[str, ParameterFile]
    mavlink_key: bytes | None = field(default=None, repr=False)
    """With it every MAVLink frame is signed; None: nothing is."""

    @property
    def zones(self) -> tuple[Zone, ...]:
        return self.zone_set.zones


def load_site(path: Path, *, last_good_zones: Callable[[Config], Path] | None = None) -> LoadedSite:
    """Read and check a site. Raises ConfigError with every fault that can be found at once.

    `last_good_zones` names the file in which good zones are kept; those are in force while the zone files are faulty.
    Only a service that runs asks for that: a check tells the faults.
    """
    try:
        config = read_config(path)
    except ConfigError as error:
        raise ConfigError([*error.faults, *_faults_beside(path)]) from error
    faults: list[str] = []
    origin = Position(config.site.origin_latitude_deg, config.site.origin_longitude_deg)
    section, geoid_m = config.airspace, config.traffic.geoid_height_m
    ground = _collect(faults, lambda: _ground(section, config.path.parent, origin, geoid_m))
    structures = _collect(faults, lambda: _structures(section, config.path.parent, origin))
    policy = _collect(faults, lambda: read_policy(config.file(config.policy.file)))
    regimes = _collect(faults, lambda: _regimes(config))
    if policy is not None and regimes is not None:
        faults += _rule_faults(config, policy, regimes)
    basemap = _collect(faults, lambda: _basemap(config))
    airframes, parameters = _airframes(config, faults)
    key = _collect(faults, lambda: _mavlink_key(config))
    store = None if last_good_zones is None else ZoneStore(last_good_zones(config))
    if ground is None or structures is None:
        zone_set = None
        _collect(faults, lambda: load_zones(_zone_files(config), origin, _known_heights(config)))
    else:
        zone_set = _collect(faults, lambda: _zone_set(path, config, ground, structures, origin, store))
    if zone_set is not None:
        faults += _rally_faults(config, zone_set.airspace)
    faults += _margin_faults(config, airframes)
    if faults or policy is None or basemap is None or zone_set is None or regimes is None:
        raise ConfigError(faults)
    rules = tuple(
        Rule(
            rule.name,
            PolicyAction(rule.action),
            frozenset(rule.types),
            frozenset(rule.priorities),
            rule.minutes_on_scene or policy.minutes_on_scene,
            rule.regime,
        )
        for rule in policy.rules
    )
    site = Site(
        _assets(config, airframes),
        _in_force(zone_set.airspace),
        rules,
        _settings(config),
        regimes=regimes,
        preflight=_preflight(config),
        rally_points=_rally_points(config),
        zones=zone_set.zones,
    )
    return LoadedSite(config, site, zone_set, basemap, parameters, key)


def _faults_beside(path: Path) -> list[str]:
    """What is wrong with the files that a faulty `dfr.toml` names, as far as what holds of it tells which they are."""
    file = path / "dfr.toml" if path.is_dir() else path
    faults: list[str] = []
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return faults
    with suppress(ValidationError):
        policy = PolicySection.model_validate(content.get("policy", {}))
        _collect(faults, lambda: read_policy(file.parent / policy.file))
    with suppress(ValidationError):
        site = SiteSection.model_validate(content.get("site", {}))
        airspace = AirspaceSection.model_validate(content.get("airspace", {}))
        origin = Position(site.origin_latitude_deg, site.origin_longitude_deg)
        files = [(file.parent / entry.file, entry.reader) for entry in airspace.files]
        _collect(faults, lambda: load_zones(files, origin))
        geoid_m = _number(content.get("traffic"), "geoid_height_m")
        _collect(faults, lambda: _ground(airspace, file.parent, origin, geoid_m))
        _collect(faults, lambda: _structures(airspace, file.parent, origin))
    return faults


def _collect(faults: list[str], load: Callable[[], T]) -> T | None:
    try:
        return load()
    except (ZoneError, ConfigError, StructureError) as error:
        faults += error.faults
    except (AirspaceError, FirmwareError, KeyFault, ValueError, OSError) as error:
        faults.append(str(error))
    return None


def _zone_files(config: Config) -> list[tuple[Path, str]]:
    return [(config.file(entry.file), entry.reader) for entry in config.airspace.files]


def _zone_set(
    path: Path,
    config: Config,
    ground: Ground,
    structures: list[Structure],
    origin: Position,
    store: ZoneStore | None,
) -> ZoneSet:
    """The zones of the files that `dfr.toml` names when they are read: a file that is added later is read too."""

    def read() -> list[Zone]:
        zones = load_zones(_zone_files(read_config(path)), origin, _known_heights(config))
        return zones + (closed_where_unknown(ground, zones) if isinstance(ground, Terrain) else [])

    def build(zones: tuple[Zone, ...]) -> Airspace:
        airspace = _airspace(config, zones, ground, structures, origin)
        # What forbids at times only keeps nobody from starting at others.
        always = [zone for zone in zones if zone.times is None or zone.allows]
        faults = _dock_faults(config, airspace if len(always) == len(zones) else airspace.with_zones(always))
        if faults:
            raise ConfigError(faults)
        return airspace

    return ZoneSet(read, build, SystemClock(), store)


def _in_force(airspace: Airspace) -> Airspace:
    """Of the zones that hold now. Where those make no airspace, of all: the keeper of the airspace says so then."""
    origin, now_s = airspace.frame.origin, SystemClock().now_s()
    zones = zones_in_force(airspace.zones, now_s, AHEAD_S, origin).zones
    try:
        return airspace if zones == airspace.zones else airspace.with_zones(zones)
    except AirspaceError:
        return airspace


def _known_heights(config: Config) -> KnownHeights:
    return KnownHeights(config.traffic.geoid_height_m, tuple(Amsl(dock.altitude_amsl_m) for dock in config.docks))


def _number(section: object, key: str) -> float | None:
    value = section.get(key) if isinstance(section, dict) else None
    return float(value) if isinstance(value, int | float) else None


def _ground(section: AirspaceSection, folder: Path, origin: Position, geoid_height_m: float | None) -> Ground:
    declared = Declared(section.ground_error_m, section.ground_unit, section.ground_datum, geoid_height_m)
    return load_ground([folder / name for name in section.ground], origin, declared)


def _structures(section: AirspaceSection, folder: Path, origin: Position) -> list[Structure]:
    return load_structures([folder / name for name in section.structures], origin, section.structure_error_m)


def _airspace(
    config: Config, zones: tuple[Zone, ...], ground: Ground, structures: list[Structure], origin: Position
) -> Airspace:
    section = config.airspace
    return Airspace(
        zones,
        ground,
        origin,
        section.margin_m,
        clearance_m=section.clearance_m,
        height_margin_m=section.height_margin_m,
        default_ceiling=Agl(section.default_ceiling_agl_m),
        structures=Structures(structures, ground, LocalFrame(origin)),
    )


def _regimes(config: Config) -> SiteRegimes:
    section, faults, found = config.regimes, [], []
    for i, name in enumerate(section.may_use):
        try:
            found.append(load_regime(name, config.path.parent))
        except RegimeError as fault:
            faults.append(f"{config.at('regimes', 'may_use')}: {fault}")
        if name in section.may_use[:i]:
            faults.append(f"{config.at('regimes', 'may_use')}: {name!r} is there twice.")
    if faults:
        raise ConfigError(faults)
    return SiteRegimes(tuple(found) or (NO_REGIME,), section.pilots_on_duty, section.airspace_authorisation)


def _rule_faults(config: Config, policy: Policy, regimes: SiteRegimes) -> list[str]:
    known = ", ".join(regime.id for regime in regimes.may_use)
    return [
        f"{config.file(config.policy.file)}: the rule {rule.name!r} names the regime {rule.regime!r}, under which this "
        f"site may not fly; it may under {known} ([regimes] in {config.path.name})."
        for rule in policy.rules
        if regimes.named(rule.regime) is None
    ]


def _mavlink_key(config: Config) -> bytes | None:
    return load_key(os.environ, config.file(config.mavlink.key_file) if config.mavlink.key_file else None)


def _basemap(config: Config) -> dict[str, Any]:
    if not config.map.basemap:
        return {"type": "FeatureCollection", "features": []}
    path = config.file(config.map.basemap)
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: this is not JSON: {error}.") from error
    if not isinstance(content, dict) or content.get("type") != "FeatureCollection":
        raise ValueError(f"{path}: a base map is a GeoJSON FeatureCollection.")
    return content


def _airframes(config: Config, faults: list[str]) -> tuple[dict[str, Airframe], dict[str, ParameterFile]]:
    airframes: dict[str, Airframe] = {}
    parameters: dict[str, ParameterFile] = {}
    for i, asset in enumerate(config.assets):
        folder = FIRMWARE_CONFIGS / asset.airframe
        if not folder.is_dir():
            known = ", ".join(sorted(p.name for p in FIRMWARE_CONFIGS.iterdir() if p.is_dir()))
            faults.append(
                f"{config.at('assets', i, 'airframe')}: there is no airframe {asset.airframe!r}; known are {known}."
            )
        elif asset.airframe not in airframes:
            airframe = _collect(faults, lambda folder=folder: load_airframe(folder))  # type: ignore[misc]
            file = _collect(faults, lambda folder=folder: load_parameters(folder))  # type: ignore[misc]
            if airframe is not None and file is not None:
                airframes[asset.airframe], parameters[asset.airframe] = airframe, file
    return airframes, parameters


def _margin_faults(config: Config, airframes: dict[str, Airframe]) -> list[str]:
    """The fence on board must hold the border by itself: at full speed, with nobody who looks ahead."""
    margin_m = config.airspace.margin_m
    return [
        f"{config.at('airspace', 'margin_m')}: margin_m is {margin_m:g} m, and {name} comes to rest "
        f"{stops.fence_overshoot_m:.1f} m beyond its fence at {stops.fastest_mps:g} m/s ([stopping] in its "
        f"airframe.toml): the fence on board would not hold the border. Set margin_m to "
        f"{math.ceil(stops.fence_overshoot_m)} or more."
        for name, stops in ((name, airframe.stopping) for name, airframe in airframes.items())
        if stops.fence_overshoot_m > margin_m
    ]


def _dock_faults(config: Config, airspace: Airspace) -> list[str]:
    """A dock from which nothing may start is a fault of the site."""
    faults = []
    fence_height = AboveTakeoff(config.flight.fence_height_m)
    return_height = AboveTakeoff(config.flight.return_height_m)
    for i, dock in enumerate(config.docks):
        home = Waypoint(Position(dock.latitude_deg, dock.longitude_deg), Amsl(dock.altitude_amsl_m))
        try:
            on_board_fence(airspace, home, fence_height, return_height)
        except FenceError as error:
            faults.append(f"{config.at('docks', i)}: nothing can start from the dock {dock.name}: {error}")
    return faults


def _rally_points(config: Config) -> tuple[RallyPoint, ...]:
    return tuple(
        RallyPoint(place.id, place.name, Position(place.latitude_deg, place.longitude_deg), Amsl(place.altitude_amsl_m))
        for place in config.rally_points
    )


def _rally_faults(config: Config, airspace: Airspace) -> list[str]:
    """A rally point that may not be flown down to would never be used, and whoever wrote it counts on it."""
    faults = []
    for i, rally in enumerate(_rally_points(config)):
        verdict = airspace.point(Waypoint(rally.position, rally.altitude), f"The rally point {rally.name}")
        # It lies on the ground, so how near to the ground one may fly says nothing of it.
        reasons = (*verdict.sideways.reasons, *verdict.upwards.reasons)
        faults += [f"{config.at('rally_points', i)}: {reason}" for reason in reasons]
        ground_m = airspace.ground.altitude(rally.position).m
        if rally.altitude.m < ground_m - airspace.ground.error_m - _SURVEY_ERROR_M:
            faults.append(
                f"{config.at('rally_points', i, 'altitude_amsl_m')}: {rally.altitude.m:g} m is "
                f"{ground_m - rally.altitude.m:.0f} m below the ground there; give its altitude above mean sea level."
            )
    return faults


def _assets(config: Config, airframes: dict[str, Airframe]) -> dict[str, Asset]:
    docks = {
        dock.id: Dock(dock.id, dock.name, Position(dock.latitude_deg, dock.longitude_deg), Amsl(dock.altitude_amsl_m))
        for dock in config.docks
    }
    return {
        asset.id: Asset(
            asset.id,
            asset.name,
            asset.system_id,
            docks[asset.dock],
            airframes[asset.airframe],
            (Camera(asset.video),) if asset.video else (),
            camera_host=asset.camera_host,
            serial_number=asset.serial_number,
        )
        for asset in config.assets
    }


def _preflight(config: Config) -> PreflightSettings:
    weather = config.weather
    return PreflightSettings(
        **config.preflight.model_dump(),
        weather_declared=bool(weather.source),
        weather=weather.missing,
        oldest_weather_s=weather.oldest_min * 60.0,
    )


def _settings(config: Config) -> FlightSettings:
    flight = config.flight
    return FlightSettings(
        stand_off_m=flight.stand_off_m,
        height=Agl(flight.height_agl_m),
        minimum_height=Agl(flight.minimum_height_agl_m),
        clear_height=AboveTakeoff(flight.clear_height_m),
        arrival_radius_m=flight.arrival_radius_m,
        return_height=AboveTakeoff(flight.return_height_m),
        fence_height=AboveTakeoff(flight.fence_height_m),
        orbit_radius_m=flight.orbit_radius_m,
        orbit_speed_mps=flight.orbit_speed_mps,
        most_in_the_air=flight.most_in_the_air,
        traffic=TrafficLimits(
            horizontal_m=config.traffic.horizontal_m,
            vertical_m=config.traffic.vertical_m,
            look_ahead_s=config.traffic.look_ahead_s,
            avoid_s=config.traffic.avoid_s,
        ),
        worst_wind_mps=flight.worst_wind_mps,
    )
