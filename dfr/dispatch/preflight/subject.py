"""What a check looks at, and how it answers."""

from dataclasses import dataclass

from dfr.core.asset import Asset
from dfr.core.check import Check, CheckState
from dfr.core.geo import Waypoint
from dfr.core.limits import AirframeLimits, Need, PreflightSettings
from dfr.core.regime import Regime
from dfr.core.telemetry import Telemetry
from dfr.dispatch.picture import Picture


@dataclass(frozen=True, slots=True)
class Subject:
    """One aircraft at one moment. `way` is the route it is to fly (empty while no scene is known); `launching` is the
    moment of the launch itself, when what may still be put on board before must be there."""

    asset: Asset
    picture: Picture
    way: tuple[Waypoint, ...] = ()
    launching: bool = False
    under: Regime | None = None
    """What it is to be flown under; None: that of its flight, or the site's default."""

    @property
    def name(self) -> str:
        return self.asset.name

    @property
    def telemetry(self) -> Telemetry:
        return self.picture.telemetry[self.asset.id]

    @property
    def settings(self) -> PreflightSettings:
        return self.picture.site.preflight

    @property
    def regime(self) -> Regime:
        return self.under or self.picture.regime_of(self.picture.flights.get(self.asset.id))

    @property
    def limits(self) -> AirframeLimits:
        return self.asset.airframe.limits

    @property
    def now_s(self) -> float:
        return self.picture.now_s


def passed(name: str, value: str, limit: str) -> Check:
    return Check(name, value, limit, CheckState.PASSED)


def failed(name: str, value: str, limit: str, sentence: str, need: Need = Need.REQUIRE) -> Check:
    return Check(name, value, limit, CheckState.FAILED, sentence, need is Need.REQUIRE)


def unknown(name: str, limit: str, sentence: str, need: Need = Need.REQUIRE) -> Check:
    return Check(name, "unknown", limit, CheckState.UNKNOWN, sentence, need is Need.REQUIRE)


def not_required(name: str, why: str) -> Check:
    return Check(name, why, "none", CheckState.NOT_REQUIRED)
