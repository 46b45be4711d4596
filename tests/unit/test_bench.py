"""The benchmark's own judgement: percentiles, verdicts, arguments, and what the tap sees on the wire."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import common as mavlink

from tests.bench import __main__ as bench
from tests.bench.run import LEAST_SAMPLES, QUICK_SAMPLING_ENDS_S, Run
from tests.bench.table import Row, at_most, number, percentile, text
from tests.bench.tap import Tap
from tests.support.world import Service


@given(st.lists(st.floats(-1e6, 1e6), min_size=1), st.floats(1, 100))
def test_so_many_samples_do_not_exceed_a_percentile_and_one_is_equal(samples: list[float], percent: float) -> None:
    found = percentile(samples, percent)
    assert found in samples
    assert sum(one <= found for one in samples) >= percent / 100 * len(samples) - 1e-9
    assert sum(one < found for one in samples) < percent / 100 * len(samples)


def test_the_p95_of_a_hundred_leaves_five_out_and_of_few_none() -> None:
    assert percentile(list(range(1, 101)), 95) == 95
    assert percentile([3.0, 9.0, 1.0], 95) == 9.0


def test_a_percentile_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="no sample"):
        percentile([], 95)


def test_the_limit_itself_is_kept_and_anything_above_falls_short() -> None:
    assert at_most("x", [100.0], 100.0, "ms").verdict == "ok"
    assert at_most("x", [100.1], 100.0, "ms").verdict == "falls short"
    assert at_most("x", [], 100.0, "ms").verdict == "falls short"


def test_one_bad_sample_in_twenty_is_left_out_and_two_are_not() -> None:
    good = [10.0] * 19
    assert at_most("x", [*good, 500.0], 100.0, "ms").kept
    assert not at_most("x", [*good[1:], 500.0, 500.0], 100.0, "ms").kept


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, "0"), (0.01234, "0.0123"), (1.5, "1.5"), (42.0, "42"), (1234.5, "1234")]
)
def test_numbers_have_three_digits(value: float, shown: str) -> None:
    assert number(value) == shown


def test_the_table_has_its_four_columns() -> None:
    lines = text([Row("a thing", "p95 7 ms", "p95 9 ms", True), Row("b", "no sample", "p95 1 s", False)]).splitlines()
    cells = [[cell.strip() for cell in line.split("|")] for line in lines]
    assert cells[0] == ["what", "measured", "limit", "verdict"]
    assert cells[2] == ["a thing", "p95 7 ms", "p95 9 ms", "ok"]
    assert cells[3][-1] == "falls short"


def test_without_a_section_all_are_measured_and_each_is_a_file() -> None:
    assert bench.wanted([]) == (bench.names(), False)
    assert {"start", "calls", "video"} <= set(bench.names())
    assert bench.wanted(["--quick", "--video"]) == (["video"], True)


@pytest.mark.parametrize("argument", ["--nonsense", "video"])
def test_an_unknown_section_gets_a_sentence_that_names_those_there_are(
    argument: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.main([argument]) == 2
    assert f"There is no section {argument}. There are --airspace, --calls" in capsys.readouterr().err


@pytest.mark.parametrize(("samples_ms", "code"), [([1.0], 0), ([3.0], 1), ([], 1)])
def test_the_exit_code_says_whether_a_row_fell_short(
    samples_ms: list[float], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def measure(run: Run) -> Iterator[Row]:
        run.note("a remark")
        yield at_most("a promise", samples_ms, 2.0, "ms")

    _only(measure, monkeypatch)
    assert bench.main(["--one"]) == code
    printed = capsys.readouterr().out
    assert "a promise" in printed
    assert "--one: a remark" in printed


def test_a_section_that_breaks_falls_short_and_keeps_its_rows(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def measure(run: Run) -> Iterator[Row]:
        yield at_most("a promise", [1.0], 2.0, "ms")
        raise RuntimeError("The aircraft went away.")

    _only(measure, monkeypatch)
    assert bench.main([]) == 1
    printed = capsys.readouterr().out
    assert "a promise" in printed
    assert "The aircraft went away." in printed


def _only(measure: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "names", lambda: ["one"])
    monkeypatch.setattr(bench, "_module", lambda name: SimpleNamespace(measure=measure, __doc__="One."))


def test_a_quick_run_stops_sampling_in_time_with_a_few_samples_at_least(tmp_path: Path) -> None:
    late_s = time.monotonic() - QUICK_SAMPLING_ENDS_S - 1.0
    late = Run("x", True, tmp_path, started_s=late_s)
    assert late.goes_on(LEAST_SAMPLES - 1, 100)
    assert not late.goes_on(LEAST_SAMPLES, 100)
    assert Run("x", False, tmp_path, started_s=late_s).goes_on(99, 100)
    assert not Run("x", False, tmp_path, started_s=late_s).goes_on(100, 100)


def test_the_tap_hands_on_both_ways_and_notes_the_command_alone() -> None:
    with _udp() as service, _udp() as aircraft, Tap([service.getsockname()]) as tap:
        aircraft.sendto(b"from the aircraft", ("127.0.0.1", tap.lines[0].port))
        heard, back = service.recvfrom(2000)
        assert heard == b"from the aircraft"
        codec = mavlink.MAVLink(None, srcSystem=245, srcComponent=191)
        begun_s = time.monotonic()
        for system_id, command in ((11, mavlink.MAV_CMD_DO_SET_MODE), (12, mavlink.MAV_CMD_NAV_TAKEOFF)):
            packed = mavlink.MAVLink_command_long_message(system_id, 1, command, 0, *[0.0] * 7).pack(codec)
            service.sendto(packed, back)
            assert aircraft.recv(2000) == packed
        at_s = tap.first(12, begun_s, within_s=5.0)
        assert at_s is not None
        assert begun_s <= at_s <= time.monotonic()
        assert tap.first(11, begun_s, within_s=0.0) is None
        assert tap.first(12, time.monotonic(), within_s=0.0) is None


def _udp() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", 0))
    made.settimeout(5.0)
    return made


def test_a_service_that_is_not_healthy_in_time_is_not_left_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service(tmp_path, tmp_path, healthy_within_s=0.1)

    def launch(it: Service) -> None:
        it.process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])

    monkeypatch.setattr(Service, "launch", launch)
    monkeypatch.setattr(Service, "is_healthy", lambda _: False)
    with pytest.raises(AssertionError, match="healthy"):
        service.start()
    service.http.close()
    assert service.process is not None
    assert service.process.poll() == -signal.SIGKILL
