"""What the Remote ID module's messages mean."""

import pytest

from dfr.core.remote_id import RemoteIdState
from dfr.core.telemetry import LinkState
from dfr.fleet.mavlink.cache import Cache
from dfr.fleet.mavlink.remote_id import ARM_STATUS

AUTOPILOT = {"autopilot": 12, "type": 2, "custom_mode": 50593792, "base_mode": 0}
MODULE = {"autopilot": 8, "type": 34, "custom_mode": 0, "base_mode": 0}


@pytest.fixture
def cache() -> Cache:
    made = Cache("sky-1", 7, 245, 2.5)
    for second in range(100, 140):
        made.on_message("HEARTBEAT", 1, AUTOPILOT, float(second))
    return made


def test_a_module_that_was_never_heard_is_unknown_and_says_so(cache: Cache) -> None:
    said = cache.telemetry(139.0).remote_id
    assert (said.state, said.since_s) == (RemoteIdState.UNKNOWN, None)
    assert "No Remote ID module" in said.sentence


def test_good_since_it_was_first_seen(cache: Cache) -> None:
    for second in (136.0, 137.0, 138.0):
        cache.on_message("HEARTBEAT", 236, MODULE, second)
        cache.on_message(ARM_STATUS, 236, {"status": 0, "error": ""}, second)
        said = cache.telemetry(second).remote_id
        assert (said.state, said.since_s) == (RemoteIdState.GOOD, 136.0)


def test_bad_says_why_and_good_again_counts_anew(cache: Cache) -> None:
    cache.on_message(ARM_STATUS, 236, {"status": 1, "error": "missing basic_id\0\0"}, 138.0)
    said = cache.telemetry(138.2).remote_id
    assert (said.state, said.since_s) == (RemoteIdState.BAD, 138.2)
    assert "'missing basic_id'" in said.sentence
    cache.on_message(ARM_STATUS, 236, {"status": 0, "error": ""}, 139.0)
    assert cache.telemetry(139.1).remote_id.since_s == 139.1


def test_a_module_that_falls_silent_is_bad_and_one_that_only_beats_is_unknown(cache: Cache) -> None:
    cache.on_message(ARM_STATUS, 236, {"status": 0, "error": ""}, 133.0)
    assert cache.telemetry(137.9).remote_id.state is RemoteIdState.GOOD
    assert cache.telemetry(138.1).remote_id.state is RemoteIdState.BAD
    cache.on_message("HEARTBEAT", 236, MODULE, 138.5)
    assert cache.telemetry(139.0).remote_id.state is RemoteIdState.UNKNOWN


def test_silence_of_the_whole_aircraft_is_not_the_modules_fault(cache: Cache) -> None:
    cache.on_message(ARM_STATUS, 236, {"status": 0, "error": ""}, 139.0)
    assert cache.telemetry(150.0).link is LinkState.LOST
    assert cache.telemetry(150.0).remote_id.state is RemoteIdState.UNKNOWN


def test_the_module_alone_does_not_make_the_aircraft_heard() -> None:
    cache = Cache("sky-1", 7, 245, 2.5)
    cache.on_message("HEARTBEAT", 236, MODULE, 100.0)
    cache.on_message(ARM_STATUS, 236, {"status": 0, "error": ""}, 100.0)
    assert cache.telemetry(100.0).link is LinkState.NEVER_SEEN
