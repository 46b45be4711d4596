"""Whether an asset may be sent now, and every reason why not, in words: read off the pre-flight list. Pure."""

from dfr.core.asset import Asset, Readiness
from dfr.core.check import Check
from dfr.core.geo import Waypoint
from dfr.core.regime import Regime
from dfr.core.telemetry import LinkState
from dfr.dispatch.picture import Picture
from dfr.dispatch.preflight import blockers, preflight
from dfr.dispatch.preflight.aircraft import radio_link
from dfr.dispatch.preflight.subject import Subject


def readiness(
    asset: Asset,
    picture: Picture,
    way: tuple[Waypoint, ...] = (),
    launching: bool = False,
    checks: tuple[Check, ...] | None = None,
    under: Regime | None = None,
) -> tuple[Readiness, tuple[str, ...]]:
    """READY with no sentence, or why it cannot be sent; `way`, `launching` and `under` as in `preflight`.

    `checks` is the list where somebody has it already.
    """
    if picture.telemetry[asset.id].link is not LinkState.ONLINE:
        return Readiness.OFFLINE, blockers((radio_link(Subject(asset, picture)),))
    flight = picture.flights.get(asset.id)
    if flight is not None:
        return Readiness.BUSY, (f"{asset.name} is on another flight ({flight.state.replace('_', ' ')}).",)
    problems = blockers(preflight(asset, picture, way, launching, under) if checks is None else checks)
    return (Readiness.NOT_READY, problems) if problems else (Readiness.READY, ())
