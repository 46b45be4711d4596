"""The table of states: every event in every state, and the times a stream takes to be called lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfr.core.stream import StreamState
from dfr.video import status as states
from dfr.video.status import Ended, FrameArrived, Opened, PacketArrived, Status, Tick, Unplayable

EVENTS = [Opened(), PacketArrived(), FrameArrived(), Ended("Gone."), Unplayable("Not shown."), Tick()]


@pytest.mark.parametrize("state", list(StreamState))
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_event_means_something_in_every_state(state: StreamState, event: states.Event) -> None:
    sentence = "" if state is StreamState.LIVE else "Some reason."
    after = states.next_status(Status(state, sentence, 5.0, last_frame_s=9.9), event, 10.0)
    assert (after.sentence == "") == (after.state is StreamState.LIVE), "live needs no words, everything else does"
    assert after.changed_s == (5.0 if after.state is state else 10.0)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(EVENTS), st.floats(0, 3)), max_size=40))
def test_live_means_a_frame_within_the_last_second(events: list[tuple[states.Event, float]]) -> None:
    now_s, last_frame_s, status = 0.0, None, states.first_status(0.0)
    for event, passed_s in events:
        now_s += passed_s
        last_frame_s = now_s if isinstance(event, FrameArrived) else last_frame_s
        status = states.next_status(status, event, now_s)
        if status.state is StreamState.LIVE and isinstance(event, Tick):
            assert last_frame_s is not None
            assert now_s - last_frame_s <= states.SILENCE_S
    assert status.last_frame_s == last_frame_s


def test_silence_makes_a_live_stream_lost_and_a_frame_brings_it_back() -> None:
    live = states.next_status(states.first_status(0.0), FrameArrived(), 1.0)
    assert states.next_status(live, Tick(), 1.9).state is StreamState.LIVE
    lost = states.next_status(live, Tick(), 2.1)
    assert (lost.state, lost.changed_s) == (StreamState.LOST, 2.1)
    assert states.next_status(lost, FrameArrived(), 3.0).state is StreamState.LIVE


def test_a_stream_that_was_never_live_is_not_lost() -> None:
    assert states.next_status(states.first_status(0.0), Ended("Refused."), 1.0).state is StreamState.CONNECTING


def test_a_retry_of_a_failed_stream_does_not_blink() -> None:
    failed = states.next_status(states.first_status(0.0), Unplayable("Not H.264."), 1.0)
    assert states.next_status(failed, Opened(), 2.0) == failed


def test_pictures_without_a_keyframe_fail_with_a_sentence() -> None:
    waiting = states.next_status(states.first_status(0.0), PacketArrived(), 1.0)
    waiting = states.next_status(waiting, PacketArrived(), 9.0)
    assert states.next_status(waiting, Tick(), 10.9).state is StreamState.CONNECTING
    failed = states.next_status(waiting, Tick(), 11.1)
    assert failed.state is StreamState.FAILED
    assert "keyframe" in failed.sentence
