"""Chooses aircraft and plans their ways beside the engine's loop, one call after the other.

One at a time, so that each is chosen from a picture in which the flight before it has begun.
"""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Protocol

from dfr.core.asset import Readiness
from dfr.core.geo import Position
from dfr.core.regime import Regime
from dfr.dispatch.choice import Choice, choose
from dfr.dispatch.director import FlightDirector
from dfr.dispatch.picture import Picture
from dfr.dispatch.readiness import readiness
from dfr.dispatch.regime import too_many
from dfr.journal.journal import JournalError

MOST_CHOICES = 3
"""So often an aircraft is chosen for one call when what it was chosen by has changed meanwhile."""
GIVEN_UP = (
    f"No aircraft was sent: one was chosen {MOST_CHOICES} times, and each time what it was chosen by changed "
    "meanwhile. Send one by hand if it is needed."
)


@dataclass(frozen=True, slots=True)
class Wish:
    """Who is wanted where; `asset_id` None: whoever is best."""

    scene: Position
    regime: Regime
    asset_id: str | None = None
    on_scene_s: float = 0.0


class Asker(Protocol):
    """For whom an aircraft is chosen. Every call is made by the engine's loop."""

    incident_id: str
    urgency: int
    """The lowest is served first."""

    def wish(self, now_s: float) -> Wish | None:
        """What is wanted as things stand now; None: nothing any more, and whoever waits was told. Raises NotDone."""
        ...

    def take(self, wish: Wish, choice: Choice, now_s: float) -> None:
        """The choice, made for what is still wanted, from a picture that still holds. Raises NotDone."""
        ...

    def fail(self, error: Exception, now_s: float) -> None:
        """One of the others raised."""
        ...


@dataclass(slots=True)
class _Turn:
    """An asker's, and how often an aircraft was chosen for it."""

    asker: Asker
    choices: int = 0


@dataclass(frozen=True, slots=True)
class _UnderWay:
    turn: _Turn
    wish: Wish
    picture: Picture
    choice: Future[Choice]


class Choosing:
    """Used by the engine's loop alone; `wake` is called by the worker when `tend` has something to do."""

    def __init__(self, director: FlightDirector, worker: Executor, wake: Callable[[], None]) -> None:
        self._director = director
        self._worker = worker
        self._wake = wake
        self._waiting: list[_Turn] = []
        self._under_way: _UnderWay | None = None

    def ask(self, asker: Asker) -> None:
        """Its turn comes in one of the next calls of `tend`."""
        self._waiting.append(_Turn(asker))

    @property
    def incident_ids(self) -> set[str]:
        """Of those for which an aircraft is being chosen, or will be."""
        turns = self._waiting if self._under_way is None else (*self._waiting, self._under_way.turn)
        return {turn.asker.incident_id for turn in turns}

    def tend(self, now_s: float) -> None:
        """Hand over the choice that was made, and begin the next."""
        while True:
            if self._under_way is not None:
                if not self._under_way.choice.done():
                    return
                made, self._under_way = self._under_way, None
                self._guarded(made.turn, lambda made=made: self._end(made, now_s), now_s)  # type: ignore[misc]
            # While zones change there are no fences to choose by.
            if not self._waiting or self._director.zones.is_changing:
                return
            turn = min(self._waiting, key=lambda turn: turn.asker.urgency)
            self._waiting.remove(turn)
            self._guarded(turn, lambda turn=turn: self._begin(turn, now_s), now_s)  # type: ignore[misc]

    def _begin(self, turn: _Turn, now_s: float) -> None:
        wish = turn.asker.wish(now_s)
        if wish is None:
            return
        turn.choices += 1
        picture = self._director.picture(now_s)
        choice = self._worker.submit(_choice, wish, picture, turn.asker.incident_id)
        self._under_way = _UnderWay(turn, wish, picture, choice)
        choice.add_done_callback(lambda _: self._wake())

    def _end(self, made: _UnderWay, now_s: float) -> None:
        choice, asker = made.choice.result(), made.turn.asker
        wish = asker.wish(now_s)
        if wish is None:
            return
        if wish == made.wish and not self._is_stale(made, choice, now_s):
            asker.take(wish, choice, now_s)
        elif made.turn.choices < MOST_CHOICES:
            self._waiting.insert(0, made.turn)
        else:
            asker.take(wish, Choice(None, choice.candidates, GIVEN_UP), now_s)

    def _is_stale(self, made: _UnderWay, choice: Choice, now_s: float) -> bool:
        """Whether other zones or fences hold, or the aircraft cannot go any more. The gate judges the launch anyway."""
        then, now = made.picture, self._director.picture(now_s)
        if now.site.airspace is not then.site.airspace or now.fence_problems is not then.fence_problems:
            return True
        if choice.best is None:
            return False
        asset, regime = choice.best.asset, made.wish.regime
        now = now.for_incident(made.turn.asker.incident_id)
        ready, _ = readiness(asset, now, under=regime)
        return ready is not Readiness.READY or bool(too_many(regime, asset, now))

    def _guarded(self, turn: _Turn, work: Callable[[], None], now_s: float) -> None:
        """What goes wrong with one call is told to who asked, and holds up no other."""
        try:
            work()
        except JournalError:
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, somebody waits for an answer
            turn.asker.fail(error, now_s)


def _choice(wish: Wish, picture: Picture, incident_id: str) -> Choice:
    around = picture.for_incident(incident_id)
    return choose(wish.scene, around, wish.asset_id, wish.on_scene_s, wish.regime)
