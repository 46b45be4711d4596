"""The clock that deadlines hang on."""

import calendar
import time

import pytest

from dfr.core.clock import ManualClock, SystemClock, iso_utc


def test_a_corrected_machine_clock_moves_no_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    before_s = clock.now_s()
    assert before_s == pytest.approx(time.time(), abs=1.0)
    for jump_s in (3600.0, -3600.0, 1e9):
        true_time = time.time()
        monkeypatch.setattr(time, "time", lambda true_time=true_time, jump_s=jump_s: true_time + jump_s)
        assert 0.0 <= clock.now_s() - before_s < 60.0
        monkeypatch.undo()


def test_it_never_goes_back() -> None:
    clock = SystemClock()
    times = [clock.now_s() for _ in range(1000)]
    assert times == sorted(times)


def test_it_follows_the_monotonic_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    before_s, monotonic_s = clock.now_s(), time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: monotonic_s + 100.0)
    assert clock.now_s() - before_s == pytest.approx(100.0, abs=1.0)


def test_a_manual_clock_moves_when_it_is_told() -> None:
    clock = ManualClock(10.0)
    assert clock.now_s() == clock.now_s() == 10.0
    clock.advance(2.5)
    assert clock.now_s() == 12.5


def test_times_are_written_in_utc() -> None:
    assert iso_utc(calendar.timegm((2026, 11, 21, 3, 32, 59)) + 0.1234) == "2026-11-21T03:32:59.123Z"
    assert iso_utc(0.0) == "1970-01-01T00:00:00.000Z"
