"""The reader's edges: addresses, the ladder of waits, sentences without secrets, the bounded mailbox."""

import asyncio
import itertools
import threading

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfr.video import source
from dfr.video.h264 import AccessUnit, UnplayableError
from dfr.video.source import Connected, Disconnected, Gap, Item, Mailbox, Picture


@settings(deadline=None)
@given(st.floats(0, 1))
def test_the_ladder_doubles_from_a_fifth_of_a_second_to_five(fraction: float) -> None:
    waits = list(itertools.islice(source.delays_s(lambda: fraction), 12))
    assert waits[0] == pytest.approx(0.2 * (1 - fraction / 2))
    assert all(later >= earlier for earlier, later in itertools.pairwise(waits))
    assert 2.5 <= waits[-1] <= 5.0


@pytest.mark.parametrize("url", ["rtsp://camera/1", "rtsps://u:p@camera/1"])
def test_rtsp_is_read_over_tcp(url: str) -> None:
    assert source.open_arguments(url)["options"]["rtsp_transport"] == "tcp"


@pytest.mark.parametrize("url", ["site/camera.sdp", "file:///etc/camera.sdp", "data:application/sdp;base64,dj0w"])
def test_an_sdp_describes_rtp(url: str) -> None:
    assert source.open_arguments(url)["format"] == "sdp"


@pytest.mark.parametrize(
    "url", ["", "http://camera/video.mp4", "/etc/passwd", "rtmp://u:secret@camera/1", "concat:a|b"]
)
def test_other_addresses_are_refused_in_words(url: str) -> None:
    with pytest.raises(UnplayableError, match=r"rtsp://") as refused:
        source.open_arguments(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "kind", ["HTTPUnauthorizedError", "ConnectionRefusedError", "ExitError", "InvalidDataError", "OSError"]
)
def test_no_sentence_holds_the_address(kind: str) -> None:
    error = getattr(av.error, kind)(5, "Something", "rtsp://pilot:secret@camera/1")
    assert "secret" in str(error), "the library's own words would tell"
    sentence = source.failure_sentence(error)
    assert "secret" not in sentence
    assert sentence.startswith("The camera")
    assert sentence.endswith(".")


def picture(number: int) -> Picture:
    return Picture(AccessUnit(b"x", is_keyframe=False), number, 0.0, None)


def test_the_mailbox_keeps_order_and_what_is_not_fetched_is_dropped_and_counted() -> None:
    async def story() -> list[Item]:
        items: list[Item] = []
        mailbox = Mailbox(asyncio.get_running_loop(), items.append)

        def camera() -> None:
            mailbox.put(Connected())
            for number in range(1000):
                mailbox.put(picture(number))
            mailbox.put(Disconnected("Gone."))

        thread = threading.Thread(target=camera)
        thread.start()
        thread.join()  # the loop is busy: nothing is fetched meanwhile
        await asyncio.sleep(0.01)
        return items

    items = asyncio.run(story())
    assert len(items) <= 260
    assert isinstance(items[0], Connected)
    assert items[-1] == Disconnected("Gone.")
    gap = next(item for item in items if isinstance(item, Gap))
    kept = [item.timestamp for item in items if isinstance(item, Picture)]
    assert gap.pictures + len(kept) == 1000
    assert kept == list(range(gap.pictures, 1000)), "the oldest are dropped"


def test_a_closed_mailbox_delivers_nothing() -> None:
    async def story() -> list[Item]:
        items: list[Item] = []
        mailbox = Mailbox(asyncio.get_running_loop(), items.append)
        mailbox.put(picture(0))
        mailbox.close()
        await asyncio.sleep(0.01)
        return items

    assert asyncio.run(story()) == []
