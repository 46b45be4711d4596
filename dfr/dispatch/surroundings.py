"""What the engine is told of besides its aircraft, as last values; `dfr.app` and the desk put them in."""

from dataclasses import dataclass

from dfr.core.stream import Stream
from dfr.core.weather import Weather


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The newest of each. Whoever knows one better makes a copy with it replaced."""

    weather: Weather | None = None
    streams: tuple[Stream, ...] = ()
