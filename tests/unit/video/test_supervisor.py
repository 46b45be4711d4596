"""How quickly a dying video process is started again."""

import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from dfr.video import supervisor
from dfr.video.wanted import WantedStream


def test_restarts_come_quickly_then_slower_and_beyond_the_budget_rarely() -> None:
    now_s, restarts_s, delays_s = 1000.0, [], []
    for _ in range(14):
        delay_s = supervisor.restart_delay_s(restarts_s, now_s)
        delays_s.append(delay_s)
        restarts_s.append(now_s)
        now_s += delay_s
    assert delays_s[:6] == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0]
    assert delays_s[10] == supervisor.SLOW_RESTART_S


@settings(deadline=None)
@given(st.lists(st.floats(0, 1000)))
def test_an_old_restart_is_forgiven(restarts_s: list[float]) -> None:
    assert supervisor.restart_delay_s(restarts_s, 1000 + supervisor.BUDGET_PERIOD_S + 1) == 0.2


def test_the_service_loads_no_codec_for_its_side() -> None:
    """Video in the service's own process would cost it start-up time, memory, and a crash in FFmpeg its flights."""
    loads = "import sys, dfr.video.supervisor; print(sorted({'av', 'aiortc', 'aioice'} & set(sys.modules)))"
    seen = subprocess.run([sys.executable, "-c", loads], capture_output=True, text=True, check=True, timeout=60)
    assert seen.stdout.strip() == "[]"


def test_a_wanted_stream_does_not_show_its_url() -> None:
    assert "secret" not in repr(WantedStream("a", "a", "SKY-1", "rtsp://pilot:secret@camera/1"))
