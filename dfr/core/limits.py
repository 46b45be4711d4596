"""What must hold before a launch: the airframe's limits and equipment, and what the site asks for."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class AirframeLimits:
    """What one airframe may be launched in and with; `[limits]` of its `airframe.toml`."""

    max_wind_mps: float = 10.0
    """Mean wind."""
    max_gust_mps: float = 13.0
    rain_allowed: bool = False
    """Anything that falls: rain, snow, hail."""
    least_temperature_c: float = 0.0
    most_temperature_c: float = 40.0
    least_battery_fraction: float = 0.5
    widest_cell_spread_v: float = 0.1
    """Between the fullest and the emptiest cell, at rest."""


@dataclass(frozen=True, slots=True)
class Equipment:
    """What an airframe carries that some regimes ask for; `[equipment]` of its `airframe.toml`."""

    light_visible_m: float | None = None
    """From how far its anti-collision light is seen; 0: it has none; None: its file does not say."""
    adsb_in: bool = False
    """It hears other aircraft itself and passes on what it hears (ADSB_VEHICLE)."""
    tethered: bool = False
    """Actively tethered to its base."""


class Need(StrEnum):
    """What it means when a check does not pass."""

    REQUIRE = "require"
    """The aircraft stays on the ground."""
    WARN = "warn"
    """It is shown, and the aircraft may go."""
    OFF = "off"
    """It is not looked at."""


@dataclass(frozen=True, slots=True)
class PreflightSettings:
    """What the site asks for before a launch; `[preflight]` and `[weather]` of its file."""

    least_satellites: int = 6
    worst_position_m: float = 5.0
    """Horizontal accuracy, one standard deviation, of the receiver and of the autopilot's estimate."""
    farthest_home_m: float = 25.0
    farthest_home_height_m: float = 15.0
    """Satellites are worse upwards than sideways, and roofs are surveyed: more is another roof or a bad fix."""
    cells: Need = Need.WARN
    """For a battery whose cells are not told apart; a spread that is too wide always keeps it on the ground."""
    storage: Need = Need.WARN
    remote_id: Need = Need.REQUIRE
    """Where the regime asks for it."""
    """For an autopilot that does not tell; one that tells of none, or too little left, keeps it on the ground."""
    least_storage_mb: float = 500.0
    video: Need = Need.REQUIRE
    oldest_frame_s: float = 2.0
    weather_declared: bool = False
    """False: nobody watches the weather for this site, and the list says so."""
    weather: Need = Need.REQUIRE
    """For a report that is missing or too old; weather outside its limits always keeps the aircraft on the ground."""
    oldest_weather_s: float = 5400.0
    clear_of_aircraft_m: float = 30.0
    """From the launch column and the way home to any other aircraft in the air, sideways."""
    clear_of_aircraft_height_m: float = 20.0
    landing_place_m: float = 10.0
    """An aircraft that stands nearer to the dock than this is on its landing place."""
