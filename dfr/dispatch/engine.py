"""The engine: the one loop that commands. It owns every decision and feeds the aircraft's heartbeat itself."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import TypeVar

from dfr.core.clock import Clock
from dfr.core.command import Outcome
from dfr.core.flight import Flight
from dfr.core.pilot import PilotCommand
from dfr.core.record import Severity
from dfr.core.report import Report
from dfr.core.temporary_zone import TemporaryZone
from dfr.core.zone import Zone
from dfr.dispatch.airspace_keeper import AirspaceKeeper
from dfr.dispatch.calls import CallDesk, CallTaken
from dfr.dispatch.clock_watch import ClockWatch
from dfr.dispatch.director import FlightDirector
from dfr.dispatch.memory import Memory
from dfr.dispatch.picture import Site
from dfr.dispatch.ports import Fleet
from dfr.dispatch.refusal import NotDone, RefusalKind
from dfr.dispatch.standby import Standby
from dfr.journal.journal import JournalError

log = logging.getLogger(__name__)
T = TypeVar("T")

TICK_S = 0.1
INBOX_SIZE = 4096
ANSWER_WITHIN_S = 5.0
AT_ONCE_S = 0.02
"""Messages are handled one after the other for so long before everything else gets its turn."""
KEPT = "The call is kept; it need not be sent again."
FAILING = (
    "The engine failed at a turn of its work (the log says where). While this goes on no heartbeat is sent, and "
    "aircraft in the air come home by their own link-loss failsafe."
)
AIRCRAFT_HEARD_S = 10.0
"""After a start: when the aircraft should have been heard, calls that a crash left undecided are decided."""


class Engine:
    """One asyncio task. Everything else puts a message into its bounded inbox and waits for the answer.

    The heartbeat is sent at the end of a turn that went through: an engine that hangs or fails at every turn falls
    silent, and the aircraft's own link-loss failsafe brings it home (DESIGN.md, rule 2).
    """

    def __init__(self, site: Site, memory: Memory, fleet: Fleet, clock: Clock) -> None:
        self._fleet = fleet
        self._memory = memory
        self._clock = clock
        self.director = FlightDirector(site, memory, fleet)
        self.calls = CallDesk(memory, self.director, wake=self._wake_calls)
        self._standby = Standby(self.director)
        self.airspace = AirspaceKeeper(memory, self.director)
        self._inbox: asyncio.Queue[Callable[[float], None]] = asyncio.Queue(maxsize=INBOX_SIZE)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failing = False
        self._clock_watch = ClockWatch()
        self.last_turn_s: float | None = None

    async def run(self) -> None:
        """Turn until cancelled: handle each message as it comes, and look at every aircraft ten times a second."""
        self._loop = asyncio.get_running_loop()
        now_s = self._clock.now_s()
        self._memory.note("service_started", {"flights_under_way": len(self._memory.under_way())}, now_s)
        self.director.adopt_from_journal(now_s)
        next_turn_s = now_s
        look_back_s: float | None = now_s + AIRCRAFT_HEARD_S
        while True:
            await self._handle_until(next_turn_s)
            now_s = self._clock.now_s()
            self._turn(now_s)
            self._watch_clock(now_s)
            if look_back_s is not None and now_s >= look_back_s:
                look_back_s = None
                self._guarded(self.calls.decide_what_was_cut_short)
            next_turn_s = max(next_turn_s + TICK_S, now_s)

    async def report_call(self, report: Report, raw: str, received_by: str) -> CallTaken:
        """Take a CAD report in and act on it. Raises NotDone.

        It is kept at once; when choosing an aircraft takes longer than anybody should wait, the answer says so.
        """
        taken = await self._ask(lambda now_s: self.calls.take(report, raw, received_by, now_s))
        if taken.decided is None:
            return taken
        if await _done_in_time(taken.decided):
            return self.calls.as_decided(taken)
        return replace(taken, sentence=f"{taken.sentence} {KEPT}")

    async def unreadable_call(self, title: str, sentence: str, raw: str, received_by: str) -> str:
        """Keep a document that is no report, with why; the kept refusal's id."""
        return await self._ask(lambda now_s: self.calls.keep_unreadable(title, sentence, raw, received_by, now_s))

    async def launch(self, incident_id: str, asset_id: str | None, user: str, regime_id: str = "") -> Flight:
        """A person sends an aircraft. Raises NotDone. Nothing is launched for whoever does not wait any more."""
        flight = await self._ask(lambda now_s: self.calls.launch_by_hand(incident_id, asset_id, user, now_s, regime_id))
        try:
            if not await _done_in_time(flight) and flight.cancel():
                why = f"No aircraft could be chosen within {ANSWER_WITHIN_S:.0f} s; nothing is launched. Try again."
                raise NotDone(RefusalKind.BUSY, "No answer in time", (why,))
            return flight.result()
        finally:
            flight.cancel()

    async def command(self, flight_id: str, command: PilotCommand, user: str) -> tuple[str, ...]:
        """A pilot commands a flight; sentences that say what is being done. Raises NotDone."""
        return await self._ask(lambda now_s: self.director.pilot_command(flight_id, command, user, now_s))

    async def add_zone(self, zone: TemporaryZone) -> TemporaryZone:
        """A person adds a temporary zone: in force within a second. Raises NotDone."""
        return await self._ask(lambda now_s: self.airspace.add(zone, now_s))

    async def lift_zone(self, zone_id: str, user: str) -> TemporaryZone:
        """Before its time is over. Raises NotDone."""
        return await self._ask(lambda now_s: self.airspace.lift(zone_id, user, now_s))

    async def take_zones(self, zones: tuple[Zone, ...]) -> None:
        """The site's zone files were read anew. Raises NotDone."""
        await self._ask(lambda now_s: self.airspace.take_zones(zones))

    def on_outcome(self, outcome: Outcome) -> None:
        """For the fleet: an order ended. Never blocks."""
        try:
            self._inbox.put_nowait(lambda now_s: self.director.order_ended(outcome, now_s))
        except asyncio.QueueFull:
            log.error("The engine's inbox is full: the outcome of %s is dropped", outcome.request_id)

    def _wake_calls(self) -> None:
        """From the worker's thread: an aircraft was chosen, and is not to wait for the next turn."""
        if self._loop is None:
            return
        try:
            self._loop.call_soon_threadsafe(self._tend_calls_soon)
        except RuntimeError:
            log.info("An aircraft was chosen when the engine had stopped; the call is decided after the next start")

    def _tend_calls_soon(self) -> None:
        if not self._inbox.full():  # else the next turn does it
            self._inbox.put_nowait(self.calls.tend)

    async def _ask(self, question: Callable[[float], T]) -> T:
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def handle(now_s: float) -> None:
            if answer.cancelled():
                return
            try:
                answer.set_result(question(now_s))
            except Exception as error:
                if not isinstance(error, NotDone):
                    log.exception("A request to the engine failed")
                answer.set_exception(error)

        try:
            self._inbox.put_nowait(handle)
        except asyncio.QueueFull as error:
            raise NotDone(
                RefusalKind.BUSY, "Overloaded", ("The service has too much waiting; send this again in a second.",)
            ) from error
        try:
            return await asyncio.wait_for(answer, ANSWER_WITHIN_S)
        except TimeoutError as error:
            raise NotDone(
                RefusalKind.BUSY,
                "No answer in time",
                ("The engine did not answer; it may still act on this. Look before you send it again.",),
            ) from error

    async def _handle_until(self, until_s: float) -> None:
        while (left_s := until_s - self._clock.now_s()) > 0:
            try:
                # Not wait_for: Python 3.11's loses a cancellation that comes together with a message.
                async with asyncio.timeout(left_s):
                    handle = await self._inbox.get()
            except TimeoutError:
                return
            self._guarded(handle)
            self._handle_what_waits()
            await asyncio.sleep(0)
        # Under a flood of messages the aircraft still get their turn; the rest waits a tenth of a second.
        await asyncio.sleep(0)

    def _handle_what_waits(self) -> None:
        """Not one message a round of the loop: with a large fleet a round is long, and people and CAD wait."""
        until_s = self._clock.now_s() + AT_ONCE_S
        while not self._inbox.empty() and self._clock.now_s() < until_s:
            self._guarded(self._inbox.get_nowait())

    def _turn(self, now_s: float) -> None:
        work = (self.airspace.tend, self.calls.tend, self.director.watch, self._standby.tend)
        if all(self._guarded(part) for part in work):
            self._failing = False
            self._fleet.heartbeat()
            self.last_turn_s = now_s

    def _watch_clock(self, now_s: float) -> None:
        ahead_s = self._clock.machine_ahead_s()
        sentence = self._clock_watch.look(now_s, ahead_s)
        if sentence:
            self._memory.note("machine_clock", {"ahead_s": ahead_s, "sentence": sentence}, now_s)
            self._memory.raise_alarm(Severity.WARNING, sentence, now_s)

    def _guarded(self, work: Callable[[float], None]) -> bool:
        """Whether the work went through. A failure is told once, until a turn is good again.

        A journal that cannot be written raises out of here and ends the loop: nothing is flown that is not recorded.
        """
        now_s = self._clock.now_s()
        try:
            work(now_s)
        except JournalError:
            raise
        except Exception:
            log.exception("The engine's turn failed")
            if not self._failing:
                self._failing = True
                self._memory.raise_alarm(Severity.CRITICAL, FAILING, now_s)
            return False
        return True


async def _done_in_time(future: Future[T]) -> bool:
    """Whether it is done within `ANSWER_WITHIN_S`. The engine's loop ends it, in which this waits."""
    done = asyncio.Event()
    future.add_done_callback(lambda _: done.set())
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await done.wait()
    except TimeoutError:
        return False
    return True
