"""A site's `dfr.toml` and `policy.toml`, typed. Every fault is told at once, with file and line.

The commented file of the example site (`launch/sites/tucson/dfr.toml`) is the manual of these settings.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, field_validator

from dfr.airspace.ground_files import VerticalDatum
from dfr.airspace.readers import READERS
from dfr.core.limits import Need
from dfr.fleet.link_url import parse_link
from dfr.fleet.serial_number import normalised
from dfr.toml_lines import key_lines, line_of

REPOSITORY = Path(__file__).resolve().parent.parent
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Positive = Annotated[float, Field(gt=0)]
M = TypeVar("M", bound=BaseModel)


def is_time_zone(name: str) -> bool:
    """Whether it is the name of an IANA time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


class ConfigError(Exception):
    """What is wrong with a site: one sentence a fault, each naming file and (where there is one) line."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class Section(BaseModel):
    """A key that nobody knows is a fault (a typing error is never a silent default), and so are TOML's nan and inf."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class SiteSection(Section):
    name: str
    time_zone: str = "UTC"
    origin_latitude_deg: Latitude
    origin_longitude_deg: Longitude
    state_directory: str = "state"

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if not is_time_zone(value):
            raise ValueError(f"{value!r} is no IANA time zone, such as America/Phoenix")
        return value


class ServerSection(Section):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    public_origins: tuple[str, ...] = ()
    secure_cookies: bool = False


class ZoneFileSection(Section):
    file: str
    reader: str

    @field_validator("reader")
    @classmethod
    def _is_a_reader(cls, value: str) -> str:
        if value not in READERS:
            raise ValueError(f"there is no reader {value!r}; known are {', '.join(READERS)}")
        return value


class AirspaceSection(Section):
    default_ceiling_agl_m: Positive = 121.92
    margin_m: Positive = 50.0
    clearance_m: Annotated[float, Field(ge=0)] = 10.0
    height_margin_m: Annotated[float, Field(ge=0)] = 5.0
    ground: tuple[str, ...] = Field(min_length=1)
    ground_error_m: Positive | None = None
    ground_unit: Literal["m", "ft", "us-ft"] | None = None
    ground_datum: VerticalDatum | None = None
    structures: tuple[str, ...] = ()
    structure_error_m: Annotated[float, Field(ge=0)] | None = None
    files: tuple[ZoneFileSection, ...] = Field(min_length=1)

    @field_validator("ground", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value


class FlightSection(Section):
    stand_off_m: Positive = 60.0
    height_agl_m: Positive = 60.0
    minimum_height_agl_m: Positive = 30.0
    clear_height_m: Annotated[float, Field(ge=10.0)] = 10.0
    arrival_radius_m: Annotated[float, Field(ge=5.0, le=30.0)] = 15.0
    return_height_m: Positive = 45.0
    fence_height_m: Positive = 80.0
    orbit_radius_m: Positive = 60.0
    orbit_speed_mps: Positive = 5.0
    most_in_the_air: Annotated[int, Field(ge=1)] = 3
    worst_wind_mps: Annotated[float, Field(ge=0)] = 5.0


class RegimesSection(Section):
    """What may be flown under, the default first: ids of regimes that come with the service, or files of the site."""

    may_use: tuple[str, ...] = ()
    pilots_on_duty: Annotated[int, Field(ge=1)] = 1
    airspace_authorisation: str = ""


class PreflightSection(Section):
    least_satellites: Annotated[int, Field(ge=4)] = 6
    worst_position_m: Positive = 5.0
    farthest_home_m: Positive = 25.0
    farthest_home_height_m: Positive = 15.0
    cells: Need = Need.WARN
    storage: Need = Need.WARN
    remote_id: Need = Need.REQUIRE
    least_storage_mb: Positive = 500.0
    video: Need = Need.REQUIRE
    oldest_frame_s: Positive = 2.0
    clear_of_aircraft_m: Positive = 30.0
    clear_of_aircraft_height_m: Positive = 20.0
    landing_place_m: Positive = 10.0


class WeatherSection(Section):
    source: str = ""
    every_s: Annotated[float, Field(ge=10.0)] = 120.0
    oldest_min: Positive = 90.0
    missing: Need = Need.REQUIRE


class PolicySection(Section):
    file: str = "policy.toml"


class FeedSection(Section):
    id: Identifier
    kind: Literal["eido", "plain"]
    highest: int
    lowest: int
    time_zone: str = "UTC"


class ReceiverSection(Section):
    id: Identifier
    url: Annotated[str, Field(pattern=r"^(https?://.+|sbs://[^:/]+:\d+|file:.+)$")]


class TrafficSection(Section):
    horizontal_m: Positive = 609.6
    vertical_m: Positive = 76.2
    look_ahead_s: Positive = 60.0
    avoid_s: Positive = 35.0
    geoid_height_m: Annotated[float, Field(ge=-110, le=90)] | None = None
    altimeter_hpa: Annotated[float, Field(ge=850, le=1090)] | None = None
    receivers: tuple[ReceiverSection, ...] = ()


class DockSection(Section):
    id: Identifier
    name: str
    latitude_deg: Latitude
    longitude_deg: Longitude
    altitude_amsl_m: float


class RallyPointSection(Section):
    id: Identifier
    name: str
    latitude_deg: Latitude
    longitude_deg: Longitude
    altitude_amsl_m: float


class AssetSection(Section):
    id: Identifier
    name: str
    dock: str
    system_id: Annotated[int, Field(ge=1, le=254)] | None = None
    serial_number: str = ""
    airframe: str
    link: str
    video: str = ""
    camera_host: str = ""

    @field_validator("link")
    @classmethod
    def _is_a_link(cls, value: str) -> str:
        parse_link(value)
        return value

    @field_validator("serial_number")
    @classmethod
    def _is_a_serial_number(cls, value: str) -> str:
        return normalised(value) if value else ""


class MavlinkSection(Section):
    key_file: str = ""


class MapSection(Section):
    basemap: str = ""


class Config(Section):
    """The whole of `dfr.toml`. File names in it are relative to the folder that it is in."""

    site: SiteSection
    server: ServerSection = ServerSection()
    airspace: AirspaceSection
    flight: FlightSection = FlightSection()
    regimes: RegimesSection = RegimesSection()
    preflight: PreflightSection = PreflightSection()
    weather: WeatherSection = WeatherSection()
    policy: PolicySection = PolicySection()
    feeds: tuple[FeedSection, ...] = ()
    docks: tuple[DockSection, ...] = Field(min_length=1)
    rally_points: tuple[RallyPointSection, ...] = ()
    assets: tuple[AssetSection, ...] = Field(min_length=1)
    mavlink: MavlinkSection = MavlinkSection()
    traffic: TrafficSection = TrafficSection()
    map: MapSection = MapSection()
    _path: Path = PrivateAttr(default=Path("dfr.toml"))
    _lines: dict[tuple[str | int, ...], int] = PrivateAttr(default_factory=dict)

    @property
    def path(self) -> Path:
        """The file it was read from."""
        return self._path

    def file(self, name: str) -> Path:
        """A file that the site names, relative to its folder."""
        return (self._path.parent / name).resolve()

    @property
    def state_directory(self) -> Path:
        return self.file(self.site.state_directory)

    def at(self, *path: str | int) -> str:
        """`dfr.toml, line 12`: where a setting stands, for an error."""
        return f"{self._path}, line {line_of(path, self._lines)}"


class RuleSection(Section):
    name: str
    action: Literal["auto", "advise", "never"]
    types: tuple[str, ...] = ()
    priorities: tuple[Annotated[int, Field(ge=1, le=5)], ...] = ()
    minutes_on_scene: Positive | None = None
    regime: str = ""


class Policy(Section):
    minutes_on_scene: Positive = 5.0
    rules: tuple[RuleSection, ...] = ()


def read_config(site: Path) -> Config:
    """The configuration of a site, from its folder or its `dfr.toml`. Raises ConfigError."""
    path = site / "dfr.toml" if site.is_dir() else site
    config, lines = _read(path, Config)
    config._path = path.resolve()
    config._lines = lines
    faults = _cross_faults(config)
    if faults:
        raise ConfigError(faults)
    return config


def read_policy(path: Path) -> Policy:
    """The rules of a policy file. Raises ConfigError."""
    policy, lines = _read(path, Policy)
    names = [rule.name for rule in policy.rules]
    twice = [i for i, name in enumerate(names) if name in names[:i]]
    if twice:
        raise ConfigError(
            [
                f"{path}, line {line_of(('rules', i, 'name'), lines)}: there is another rule named {names[i]!r}."
                for i in twice
            ]
        )
    return policy


def _read(path: Path, model: type[M]) -> tuple[M, dict[tuple[str | int, ...], int]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path} cannot be read: {error}."]) from error
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: this is not TOML: {error}."]) from error
    lines = key_lines(text)
    try:
        return model.model_validate(content), lines
    except ValidationError as error:
        raise ConfigError([_fault(path, dict(fault), lines) for fault in error.errors()]) from error


def _fault(path: Path, fault: dict[str, Any], lines: dict[tuple[str | int, ...], int]) -> str:
    place = tuple(fault["loc"])
    name = ".".join(str(part) for part in place)
    what = {
        "missing": "is missing",
        "extra_forbidden": "is a key that nobody knows; is it misspelt?",
    }.get(fault["type"], f"is wrong: {fault['msg']} (it says {fault['input']!r})")
    return f"{path}, line {line_of(place, lines)}: {name} {what}"


def _cross_faults(config: Config) -> list[str]:
    """What no single key shows: names that must be unique or must exist."""
    faults = []
    named = (
        ("docks", config.docks),
        ("rally_points", config.rally_points),
        ("assets", config.assets),
        ("feeds", config.feeds),
    )
    for kind, items in named:
        ids = [item.id for item in items]
        faults += [
            f"{config.at(kind, i, 'id')}: {kind} has another {name!r}." for i, name in enumerate(ids) if name in ids[:i]
        ]
    receivers = [receiver.id for receiver in config.traffic.receivers]
    faults += [
        f"{config.at('traffic', 'receivers', i, 'id')}: there is another receiver {name!r}."
        for i, name in enumerate(receivers)
        if name in receivers[:i]
    ]
    docks = {dock.id for dock in config.docks}
    taken: dict[str, str] = {}
    for i, asset in enumerate(config.assets):
        if asset.dock not in docks:
            faults.append(f"{config.at('assets', i, 'dock')}: there is no dock {asset.dock!r}.")
        if asset.dock in taken:
            faults.append(f"{config.at('assets', i, 'dock')}: {taken[asset.dock]} already lives on {asset.dock}.")
        faults += _identity_faults(config, i)
        taken.setdefault(asset.dock, asset.id)
    for i, feed in enumerate(config.feeds):
        if feed.highest == feed.lowest:
            faults.append(f"{config.at('feeds', i)}: highest and lowest are the same; declare the feed's scale.")
        if not is_time_zone(feed.time_zone):
            faults.append(f"{config.at('feeds', i, 'time_zone')}: {feed.time_zone!r} is no IANA time zone.")
    return faults


def _identity_faults(config: Config, i: int) -> list[str]:
    """Each aircraft is named by something, and by nothing that names another one."""
    asset, faults = config.assets[i], []
    if asset.system_id is None and not asset.serial_number:
        faults.append(f"{config.at('assets', i)}: {asset.id} has neither a system_id nor a serial_number.")
    for other in config.assets[:i]:
        if asset.system_id is not None and other.system_id == asset.system_id:
            faults.append(f"{config.at('assets', i, 'system_id')}: {other.id} already has system id {asset.system_id}.")
        if asset.serial_number and other.serial_number == asset.serial_number:
            faults.append(f"{config.at('assets', i, 'serial_number')}: {other.id} already has this serial number.")
    return faults
