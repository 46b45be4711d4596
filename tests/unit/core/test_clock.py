"""The clock that deadlines hang on."""

import calendar
import time
from dataclasses import dataclass

import pytest

from dfr.core.clock import ManualClock, SystemClock, iso_utc


@dataclass
class Machine:
    """A machine whose clock can be set."""

    utc_s: float = 1.8e9
    up_s: float = 500.0

    def clock(self) -> SystemClock:
        return SystemClock(lambda: self.utc_s, lambda: self.up_s)

    def run(self, seconds: float) -> None:
        self.utc_s, self.up_s = self.utc_s + seconds, self.up_s + seconds


@pytest.mark.parametrize("jump_s", [3600.0, -3600.0, 1e9, -0.4])
def test_a_machine_clock_that_is_set_moves_no_age_and_is_known(jump_s: float) -> None:
    machine = Machine()
    clock = machine.clock()
    before_s = clock.now_s()
    assert before_s == machine.utc_s
    machine.run(10.0)
    machine.utc_s += jump_s
    assert clock.now_s() - before_s == pytest.approx(10.0)
    assert clock.machine_ahead_s() == pytest.approx(jump_s)
    machine.run(10.0)
    assert clock.now_s() - before_s == pytest.approx(20.0)
    assert machine.clock().machine_ahead_s() == 0.0, "a start takes the machine's clock as it is"


def test_it_never_goes_back() -> None:
    clock = SystemClock()
    times = [clock.now_s() for _ in range(1000)]
    assert times == sorted(times)


def test_the_system_clock_is_the_machines() -> None:
    assert SystemClock().now_s() == pytest.approx(time.time(), abs=1.0)


def test_a_manual_clock_moves_when_it_is_told() -> None:
    clock = ManualClock(10.0)
    assert clock.now_s() == clock.now_s() == 10.0
    clock.advance(2.5)
    assert clock.now_s() == 12.5


def test_times_are_written_in_utc() -> None:
    assert iso_utc(calendar.timegm((2026, 11, 21, 3, 32, 59)) + 0.1234) == "2026-11-21T03:32:59.123Z"
    assert iso_utc(0.0) == "1970-01-01T00:00:00.000Z"
