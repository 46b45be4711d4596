"""Sends commands to one aircraft and waits for what it says: acknowledgement, texts, telemetry."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from dfr.core.asset import Asset
from dfr.core.clock import Clock
from dfr.core.command import Request
from dfr.core.telemetry import LinkState, StatusText, Telemetry
from dfr.fleet.mavlink import common
from dfr.fleet.mavlink.autopilot import Ask, Autopilot, Place
from dfr.fleet.mavlink.cache import Cache
from dfr.fleet.mavlink.common import AckResult, Cmd
from dfr.fleet.mavlink.kinds import KINDS
from dfr.fleet.mavlink.timing import Timing
from dfr.fleet.mavlink.wire import Wire, WireError

T = TypeVar("T")
Mark = tuple[int, int]
OnSent = Callable[[Request, str], None]
"""Called in the event loop when a command of this request has been put on the wire: the request, the command's name."""

POLL_S = 0.25
"""Conditions on the clock alone are looked at this often; conditions on telemetry at once."""
REFUSAL_TEXT_S = 0.6
"""An autopilot says why within this time of a refusal."""
WARNING = 4
"""Texts of this severity and graver explain a refusal."""


class OrderFailed(Exception):
    """The order did not reach its goal; the message is the outcome's sentence."""


class Refused(OrderFailed):
    """The autopilot acknowledged with a refusal."""

    def __init__(self, sentence: str, result: int) -> None:
        super().__init__(sentence)
        self.result = result


class Commander:
    """One aircraft's orders go through here. Used by the event loop alone."""

    def __init__(
        self,
        asset: Asset,
        cache: Cache,
        clock: Clock,
        timing: Timing,
        own_ids: tuple[int, int],
        on_sent: OnSent | None = None,
    ) -> None:
        self.asset = asset
        self.cache = cache
        self.clock = clock
        self.timing = timing
        self.own_ids = own_ids
        """System and component id of this service."""
        self.wire: Wire | None = None
        """None until mavsdk has heard the aircraft."""
        self.link_bytes_a_second: Callable[[], float | None] = lambda: None
        """The aircraft's share of its link, None where that is not known to be slow."""
        self.parameter_turns = asyncio.Semaphore()
        self.fence_turns = asyncio.Semaphore()
        """Shared by the aircraft of a fleet."""
        self._on_sent = on_sent

    @property
    def name(self) -> str:
        return self.asset.name

    @property
    def system_id(self) -> int:
        """Raises OrderFailed while nobody knows with which one it is on the air."""
        if self.cache.system_id is None:
            raise OrderFailed(f"The MAVLink system id of {self.name} is not known yet; nothing was sent.")
        return self.cache.system_id

    @property
    def kind(self) -> Autopilot:
        """Whose words its orders are put in."""
        return KINDS[self.asset.airframe.autopilot]

    def telemetry(self) -> Telemetry:
        return self.cache.telemetry(self.clock.now_s())

    def connected(self) -> Wire:
        """Raises OrderFailed while the aircraft was never heard."""
        if self.wire is None:
            raise OrderFailed(
                f"{self.name} is not known to be on the air; nothing was sent. "
                "Check that it is powered and that its link in the site file is right."
            )
        return self.wire

    async def command(
        self,
        request: Request,
        command: Cmd,
        params: tuple[float | None, ...] = (),
        place: Place | None = None,
        *,
        component_id: int = common.AUTOPILOT_COMPONENT,
    ) -> Mark:
        """Send until it is acknowledged. `params` from the first on, None is NaN; `place` makes it a COMMAND_INT.

        `component_id` names another component of the aircraft, such as its camera.

        Returns where texts and acknowledgements stood before it was sent. Raises Refused, or OrderFailed when the
        aircraft does not answer.
        """
        mark = self.cache.mark
        for attempt in range(self.timing.ack_tries):
            self.send(request, command, params, place, attempt, component_id)
            result = await self._acknowledged(mark, command, component_id)
            if result == AckResult.ACCEPTED:
                return mark
            if result is not None:
                raise await self._refusal(command, result, mark, component_id)
        raise OrderFailed(
            f"{self.name} did not acknowledge {command.name} in {self.timing.ack_tries} tries; {self._link_words()}."
        )

    async def carry_out(self, request: Request, asks: Iterable[Ask]) -> Mark:
        """Each acknowledged before the next is sent. Returns where texts and answers stood before the first."""
        mark = self.cache.mark
        for ask in asks:
            await self.command(request, ask.command, ask.params, ask.place)
        return mark

    def repeat(self, request: Request, asks: Iterable[Ask]) -> None:
        """Send them once more, without waiting. Raises OrderFailed."""
        for ask in asks:
            self.send(request, ask.command, ask.params, ask.place, 1)

    def send(
        self,
        request: Request,
        command: Cmd,
        params: tuple[float | None, ...] = (),
        place: Place | None = None,
        attempt: int = 0,
        component_id: int = common.AUTOPILOT_COMPONENT,
    ) -> None:
        """Put the command on the wire once. Raises OrderFailed."""
        target = (self.system_id, component_id)
        try:
            self.connected().send(*command_message(target, command, params, place, attempt))
        except WireError as error:
            raise OrderFailed(str(error)) from error
        if self._on_sent is not None:
            self._on_sent(request, command.name)

    def send_message(self, request: Request, name: str, fields: Mapping[str, object]) -> None:
        """Put a message that is no command on the wire once. Raises OrderFailed."""
        try:
            self.connected().send(name, fields)
        except WireError as error:
            raise OrderFailed(str(error)) from error
        if self._on_sent is not None:
            self._on_sent(request, name)

    def ask(
        self, command: Cmd, params: tuple[float | None, ...], component_id: int = common.AUTOPILOT_COMPONENT
    ) -> None:
        """A command that belongs to no order and whose acknowledgement nobody waits for. Raises WireError."""
        if self.wire is not None:
            self.wire.send(*command_message((self.system_id, component_id), command, params, None, 0))

    async def _acknowledged(self, mark: Mark, command: Cmd, component_id: int) -> int | None:
        """The result of the newest final acknowledgement, None when none came in time."""

        def final(_: Telemetry) -> int | None:
            results = [ack.result for ack in self.cache.acks_since(mark, command, component_id)]
            return next((result for result in reversed(results) if result != AckResult.IN_PROGRESS), None)

        result = await self.seen(final, self.timing.ack_s)
        if result is None and self.cache.acks_since(mark, command, component_id):
            result = await self.seen(final, self.timing.in_progress_s)
        return result

    async def _refusal(self, command: Cmd, result: int, mark: Mark, component_id: int) -> Refused:
        if component_id != common.AUTOPILOT_COMPONENT:
            words = common.ack_words(result)
            return Refused(f"The camera of {self.name} refused {command.name} {words}.", result)
        text = await self.seen(lambda _: self.explanation(mark), REFUSAL_TEXT_S)
        means = self.kind.refusal_means(command, result)
        why = f": '{text.text}'" if text else f": {means}" if means else ""
        return Refused(f"{self.kind.name} refused {command.name} {common.ack_words(result)}{why}.", result)

    def explanation(self, mark: Mark) -> StatusText | None:
        """The newest warning since `mark`."""
        texts = [text for text in self.cache.texts_since(mark) if text.severity <= WARNING]
        return texts[-1] if texts else None

    def _link_words(self) -> str:
        telemetry = self.telemetry()
        if telemetry.link is LinkState.LOST and telemetry.link_changed_s is not None:
            silent_s = self.clock.now_s() - telemetry.link_changed_s + self.timing.link_lost_s
            return f"it has not been heard for {silent_s:.0f} s"
        return "its telemetry arrives, so the way to it is broken or its receiver is busy"

    async def seen(self, look: Callable[[Telemetry], T | None], timeout_s: float) -> T | None:
        """Look after every message until `look` answers with something, at most for `timeout_s`."""
        loop = asyncio.get_running_loop()
        news = asyncio.Event()

        def ring() -> None:
            loop.call_soon_threadsafe(news.set)

        stop = self.cache.listen(ring)
        try:
            end = loop.time() + timeout_s
            while True:
                news.clear()
                found = look(self.telemetry())
                remaining = end - loop.time()
                if found is not None or remaining <= 0:
                    return found
                try:
                    async with asyncio.timeout(min(remaining, POLL_S)):
                        await news.wait()
                except TimeoutError:
                    continue
        finally:
            stop()


def command_message(
    target: tuple[int, int], command: Cmd, params: tuple[float | None, ...], place: Place | None, attempt: int
) -> tuple[str, dict[str, object]]:
    """To (system id, component id): COMMAND_LONG with up to seven parameters, or COMMAND_INT with up to four and a
    place (degrees times 1e7)."""
    count = 7 if place is None else 4
    values = (*params, *(0.0,) * (count - len(params)))
    fields: dict[str, object] = {
        "target_system": target[0],
        "target_component": target[1],
        "command": int(command),
        **{f"param{index}": value for index, value in enumerate(values, 1)},
    }
    if place is None:
        return "COMMAND_LONG", {**fields, "confirmation": attempt}
    return "COMMAND_INT", {
        **fields,
        "frame": common.FRAME_GLOBAL_INT,
        "current": 0,
        "autocontinue": 0,
        "x": round(place.position.latitude_deg * 1e7),
        "y": round(place.position.longitude_deg * 1e7),
        "z": place.altitude.m,
    }
