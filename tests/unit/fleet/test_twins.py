"""Two aircraft with one system id, told by the number of their autopilots."""

from dfr.fleet.mavlink.cache import Cache
from dfr.fleet.mavlink.kinds import PX4
from dfr.fleet.mavlink.twins import REMEMBER_S, SILENCE_S, TwinWatch


def test_a_number_that_changes_without_a_silence_is_a_second_aircraft() -> None:
    watch = TwinWatch()
    for now_s in (0.0, 1.0, 2.0):
        watch.heard_at("here", now_s)
    watch.numbered("0a0b", 0.5)
    watch.numbered("0a0b", 1.5)
    assert watch.sentence(7, 2.0) == ""
    watch.numbered("ff01", 2.1)
    said = watch.sentence(7, 2.2)
    assert said.startswith("Two aircraft claim system id 7: one says the serial number 0a0b, one ff01.")
    assert "neither is commanded" in said
    assert watch.sentence(7, 2.1 + REMEMBER_S + 1.0) == ""


def test_after_a_silence_another_autopilot_may_be_there() -> None:
    watch = TwinWatch()
    watch.heard_at("here", 0.0)
    watch.numbered("0a0b", 0.1)
    watch.heard_at("here", SILENCE_S + 0.1)
    watch.numbered("ff01", SILENCE_S + 0.2)
    assert watch.sentence(7, SILENCE_S + 0.3) == ""


def test_an_answer_without_a_number_says_nothing() -> None:
    watch = TwinWatch()
    watch.heard_at("here", 0.0)
    for number in ("0a0b", "", "0a0b"):
        watch.numbered(number, 0.5)
    assert watch.sentence(7, 1.0) == ""


def test_the_aircraft_says_so() -> None:
    cache = Cache("sky-7", 7, 245, 2.5, PX4)
    cache.heard_at("here", 0.0)
    for byte in (1, 2):
        cache.on_message("AUTOPILOT_VERSION", 1, {"uid2": [byte] * 18, "uid": 0}, 0.5)
    assert "Two aircraft claim system id 7" in cache.twins(1.0)
