"""The engine's loop: its heartbeat says that it works, and one bad request does not end it."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from dfr.core.clock import SystemClock
from dfr.core.command import Outcome, OutcomeKind
from dfr.core.flight import FlightState
from dfr.core.incident import Incident
from dfr.core.pilot import PilotAction, PilotCommand
from dfr.dispatch import choosing
from dfr.dispatch import engine as engine_module
from dfr.dispatch.choice import choose
from dfr.dispatch.engine import Engine
from dfr.dispatch.memory import Memory
from dfr.dispatch.refusal import NotDone, RefusalKind
from dfr.journal.journal import Journal
from tests.support.fakes import FakeFleet
from tests.unit.dispatch.small import SCENE, a_report, small_site


class Stand:
    """An engine that runs in this test's loop on the real clock, and its aircraft."""

    def __init__(self, folder: Path) -> None:
        site = small_site()
        self.clock = SystemClock()
        self.journal = Journal(folder / "journal.sqlite")
        self.memory = Memory(self.journal)
        self.fleet = FakeFleet(site.assets, self.clock)  # type: ignore[arg-type]
        self.engine = Engine(site, self.memory, self.fleet, self.clock)

    @property
    def beats(self) -> int:
        return len(self.fleet.heartbeats_s)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(10.0):
            while not holds():
                self.fleet._look()  # its aircraft go on saying where they are
                await asyncio.sleep(0.01)


def running(folder: Path, work: Callable[[Stand], Awaitable[None]]) -> Stand:
    """Run the engine while `work` goes on; the stand afterwards, with the journal still open."""

    async def main() -> Stand:
        stand = Stand(folder)
        task = asyncio.create_task(stand.engine.run())
        try:
            await stand.until(lambda: stand.beats > 0)
            await work(stand)
            assert not task.done(), task.exception()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            stand.journal.close()
        return stand

    return asyncio.run(main())


def test_the_heart_beats_with_every_good_turn(tmp_path: Path) -> None:
    async def work(stand: Stand) -> None:
        await stand.until(lambda: stand.beats >= 5)
        assert stand.engine.last_turn_s == pytest.approx(stand.fleet.heartbeats_s[-1], abs=0.5)

    running(tmp_path, work)


def test_it_begins_with_a_note_in_the_journal(tmp_path: Path) -> None:
    async def work(stand: Stand) -> None:
        (entry,) = stand.journal.read(kinds=("service_started",))
        assert entry.content == {"flights_under_way": 0}

    running(tmp_path, work)


@pytest.mark.parametrize("part", ["watch", "tend"])
def test_a_turn_that_fails_sends_no_heartbeat_and_the_next_good_one_does(tmp_path: Path, part: str) -> None:
    async def work(stand: Stand) -> None:
        owner: Any = stand.engine.director if part == "watch" else stand.engine._standby
        good, failed = getattr(owner, part), []

        def bad(now_s: float) -> None:
            failed.append(now_s)
            raise ZeroDivisionError

        setattr(owner, part, bad)
        await stand.until(lambda: len(failed) > 0)
        beats = stand.beats
        await stand.until(lambda: len(failed) > 3)
        assert stand.beats == beats
        assert "The engine failed" in stand.memory.alarms[-1].sentence
        setattr(owner, part, good)
        await stand.until(lambda: stand.beats > beats)

    running(tmp_path, work)


def test_a_loop_that_is_stuck_is_silent(tmp_path: Path) -> None:
    """Whatever blocks the loop blocks the heartbeat too: nothing else sends it."""

    async def work(stand: Stand) -> None:
        before: list[int] = []

        def stick(outcome: Outcome, now_s: float) -> None:
            before.append(stand.beats)
            time.sleep(0.5)
            before.append(stand.beats)

        stand.engine.director.order_ended = stick  # type: ignore[method-assign]
        stand.engine.on_outcome(Outcome("r", "sky-1", OutcomeKind.DONE, "", 0.0))
        await stand.until(lambda: len(before) == 2)
        assert before[0] == before[1]
        await stand.until(lambda: stand.beats > before[1])

    running(tmp_path, work)


def test_a_request_that_raises_reaches_its_asker_alone(tmp_path: Path) -> None:
    async def work(stand: Stand) -> None:
        def bad(*_: object) -> None:
            raise ZeroDivisionError("a fault of ours")

        stand.engine.calls.take = bad  # type: ignore[assignment]
        with pytest.raises(ZeroDivisionError):
            await stand.engine.report_call(a_report(), "raw", "cad")
        beats = stand.beats
        await stand.until(lambda: stand.beats > beats)
        assert not stand.memory.alarms

    running(tmp_path, work)


def test_an_outcome_that_raises_does_not_end_the_loop(tmp_path: Path) -> None:
    async def work(stand: Stand) -> None:
        stand.engine.on_outcome(Outcome("r", "no-such-aircraft", OutcomeKind.DONE, "", float("nan")))
        beats = stand.beats
        await stand.until(lambda: stand.beats > beats)

    running(tmp_path, work)


def test_a_refusal_reaches_whoever_asked(tmp_path: Path) -> None:
    async def work(stand: Stand) -> None:
        with pytest.raises(NotDone) as caught:
            await stand.engine.command("flight-0", PilotCommand(PilotAction.HOLD), "pat")
        assert caught.value.kind is RefusalKind.UNKNOWN
        with pytest.raises(NotDone):
            await stand.engine.launch("incident-0", None, "pat")
        with pytest.raises(NotDone) as caught:
            await stand.engine.report_call(a_report(position=None), "raw", "cad")
        assert caught.value.record in stand.memory.refusals

    running(tmp_path, work)


def test_a_call_launches_through_the_loop(tmp_path: Path) -> None:
    async def work(stand: Stand) -> None:
        taken = await stand.engine.report_call(a_report(), "raw", "cad")
        assert taken.flight_id is not None
        assert stand.memory.flights[taken.flight_id].state is FlightState.PREPARING
        refusal_id = await stand.engine.unreadable_call("Unreadable call", "It is no JSON.", "}{", "cad")
        assert stand.memory.refusals[-1].id == refusal_id

    running(tmp_path, work)


class SlowChooser:
    """Chooses as ever, but not before it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go = threading.Event()
        self.asked = 0

        def slow(*args: Any) -> Any:
            self.asked += 1
            assert self.go.wait(20.0)
            return choose(*args)

        monkeypatch.setattr(choosing, "choose", slow)


def test_the_engine_turns_while_an_aircraft_is_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chooser = SlowChooser(monkeypatch)

    async def work(stand: Stand) -> None:
        calls = [asyncio.create_task(stand.engine.report_call(a_report(str(i)), "raw", "cad")) for i in range(2)]
        await stand.until(lambda: chooser.asked == 1)
        beats = stand.beats
        await stand.until(lambda: stand.beats >= beats + 5)
        assert chooser.asked == 1, "one at a time"
        assert not any(call.done() for call in calls)
        chooser.go.set()
        await stand.until(lambda: all(call.done() for call in calls))
        taken = [call.result() for call in calls]
        assert len({one.flight_id for one in taken} - {None}) == 2, taken

    running(tmp_path, work)


def test_a_choice_that_was_made_does_not_wait_for_the_next_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(stand: Stand) -> None:
        monkeypatch.setattr(engine_module, "TICK_S", 3600.0)
        await asyncio.sleep(0.2)  # the turn that was due comes, and the one after it in an hour
        taken = await stand.engine.report_call(a_report(), "raw", "cad")
        assert taken.flight_id is not None

    running(tmp_path, work)


def test_whoever_waits_too_long_for_a_choice_is_told_how_things_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chooser = SlowChooser(monkeypatch)
    monkeypatch.setattr(engine_module, "ANSWER_WITHIN_S", 0.3)

    async def work(stand: Stand) -> None:
        taken = await stand.engine.report_call(a_report(), "raw", "cad")
        assert (taken.flight_id, taken.created) == (None, True)
        assert taken.sentence.endswith("An aircraft is being chosen. The call is kept; it need not be sent again.")
        advised = await stand.engine.report_call(a_report("2", type="ROBBERY", priority=3), "raw", "cad")
        with pytest.raises(NotDone, match="nothing is launched") as caught:
            await stand.engine.launch(advised.incident.id, None, "pat")
        assert caught.value.kind is RefusalKind.BUSY
        chooser.go.set()
        await stand.until(lambda: bool(stand.memory.flights_of(taken.incident.id)))
        beats = stand.beats
        await stand.until(lambda: stand.beats >= beats + 3)
        assert not stand.memory.flights_of(advised.incident.id)

    running(tmp_path, work)


def test_a_full_inbox_says_busy_and_outcomes_are_dropped_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(engine_module, "INBOX_SIZE", 2)

    async def main() -> None:
        stand = Stand(tmp_path)
        waiting = [asyncio.create_task(stand.engine.report_call(a_report(str(i)), "raw", "cad")) for i in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(NotDone) as caught:
            await stand.engine.report_call(a_report("3"), "raw", "cad")
        assert caught.value.kind is RefusalKind.BUSY
        stand.engine.on_outcome(Outcome("request-9", "sky-1", OutcomeKind.DONE, "", 0.0))
        assert "request-9" in caplog.text
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        stand.journal.close()

    asyncio.run(main())


def test_whoever_stops_waiting_is_not_acted_for(tmp_path: Path) -> None:
    """A caller who went away must not launch an aircraft seconds later."""

    async def main() -> None:
        stand = Stand(tmp_path)
        asking = asyncio.create_task(stand.engine.report_call(a_report(), "raw", "cad"))
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        task = asyncio.create_task(stand.engine.run())
        await stand.until(lambda: stand.beats > 1)
        assert not stand.memory.incidents
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        stand.journal.close()

    asyncio.run(main())


def test_under_a_flood_of_requests_the_aircraft_still_get_their_turn(tmp_path: Path) -> None:
    async def work(stand: Stand) -> None:
        stop = False

        async def flood() -> None:
            while not stop:
                stand.engine.on_outcome(Outcome("r", "sky-1", OutcomeKind.DONE, "", 0.0))
                await asyncio.sleep(0)

        flooding = asyncio.create_task(flood())
        beats = stand.beats
        await stand.until(lambda: stand.beats > beats + 3)
        stop = True
        await flooding

    running(tmp_path, work)


def test_a_call_that_a_crash_left_undecided_is_decided_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "AIRCRAFT_HEARD_S", 0.1)
    with Journal(tmp_path / "journal.sqlite") as journal:
        now_s = SystemClock().now_s()
        incident = Incident("incident-1", "cad", "1", "ACTSHOOT", 1, SCENE, now_s, now_s)
        Memory(journal).keep_incident(incident, now_s)

    async def work(stand: Stand) -> None:
        await stand.until(lambda: "incident-1" in stand.memory.decided)
        assert stand.memory.flights_of("incident-1")

    running(tmp_path, work)
