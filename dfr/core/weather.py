"""The weather as it was observed, in metric units. `None` means that the report does not say."""

from dataclasses import dataclass

from dfr.core.geo import Agl


@dataclass(frozen=True, slots=True)
class Wind:
    """Wind over the ground. `from_deg` is where it blows from, clockwise from true north; None when it is variable or
    calm. `gust_mps` None: no gust was reported, which in a METAR means that there was none worth reporting."""

    mean_mps: float
    from_deg: float | None = None
    gust_mps: float | None = None

    @property
    def strongest_mps(self) -> float:
        """The gust where there is one, else the mean."""
        return max(self.mean_mps, self.gust_mps or 0.0)


@dataclass(frozen=True, slots=True)
class Weather:
    """One report of one place.

    `cloud_base` is the lowest layer of any cover and `ceiling` the lowest broken or overcast one (or the vertical
    visibility into an obscured sky); both are `Agl(inf)` when the report says that there is none. `precipitation` holds
    what falls in words, and is empty when nothing does. `thunderstorm` includes one in the vicinity.
    """

    observed_s: float
    """UTC seconds."""
    source: str
    """`METAR KTUS`."""
    wind: Wind | None = None
    visibility_m: float | None = None
    cloud_base: Agl | None = None
    ceiling: Agl | None = None
    precipitation: tuple[str, ...] | None = None
    thunderstorm: bool = False
    temperature_c: float | None = None
    altimeter_hpa: float | None = None
    """The altimeter setting (QNH)."""
    text: str = ""
    """As it came."""

    def age_s(self, now_s: float) -> float:
        return now_s - self.observed_s
