"""Fan-out: what a joiner gets first, what a slow viewer loses, and that its time never goes back."""

import asyncio
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfr.video import viewer as fan_out
from dfr.video.h264 import AccessUnit
from dfr.video.viewer import Frame, GroupCache, Viewer, ViewerClosed


def frame(number: int, keyframe: bool = False, size: int = 10) -> Frame:
    return Frame(AccessUnit(b"x" * size, keyframe), number * 3000)


def frames(first: int, count: int, group: int = 10) -> list[Frame]:
    return [frame(number, number % group == 0) for number in range(first, first + count)]


async def take(viewer: Viewer, count: int) -> list[Frame]:
    return [await asyncio.wait_for(viewer.next(), 1) for _ in range(count)]


def test_the_cache_holds_the_pictures_since_the_last_keyframe() -> None:
    cache = GroupCache()
    for picture in frames(5, 20):
        cache.add(picture)
    assert [f.timestamp // 3000 for f in cache.frames] == [20, 21, 22, 23, 24]


@pytest.mark.parametrize("size", [10, 100_000])
def test_a_group_without_end_is_forgotten_until_the_next_keyframe(size: int) -> None:
    cache = GroupCache()
    for number in range(700):
        cache.add(frame(number, number == 0, size))
        assert sum(len(f.unit.data) for f in cache.frames) <= fan_out.MAX_GROUP_BYTES
        assert len(cache.frames) <= fan_out.MAX_GROUP_FRAMES
    assert cache.frames == ()
    cache.add(frame(700, keyframe=True))
    assert len(cache.frames) == 1


def test_a_joiner_sees_the_cached_group_first_and_then_what_is_live() -> None:
    async def story() -> None:
        viewer = Viewer(frames(20, 5))
        for live in frames(25, 3):
            viewer.offer(live)
        assert [f.timestamp // 3000 for f in await take(viewer, 8)] == list(range(20, 28))

    asyncio.run(story())


def test_a_joiner_without_a_cached_group_begins_with_the_next_keyframe() -> None:
    async def story() -> None:
        viewer = Viewer(())
        for live in frames(25, 8):
            viewer.offer(live)
        assert (await take(viewer, 1))[0].timestamp == 30 * 3000
        assert viewer.dropped_frames == 0, "a joiner's wait is no loss"

    asyncio.run(story())


def test_a_slow_viewer_loses_pictures_up_to_a_keyframe_and_gains_no_delay() -> None:
    async def story() -> None:
        viewer = Viewer(frames(0, 3))
        await take(viewer, 3)
        for live in frames(3, 200):
            viewer.offer(live)
        received = await take(viewer, 200 - viewer.dropped_frames)
        assert len(received) <= fan_out.MAX_LIVE_FRAMES
        assert received[0].unit.is_keyframe
        assert received[-1].timestamp == 202 * 3000
        assert viewer.dropped_frames + len(received) == 200, "every picture was sent or counted as lost"

    asyncio.run(story())


def test_a_hole_in_the_stream_is_skipped_to_the_next_keyframe() -> None:
    async def story() -> None:
        viewer = Viewer(frames(0, 3))
        viewer.skip_to_keyframe()
        for live in frames(5, 10):
            viewer.offer(live)
        assert [f.timestamp // 3000 for f in await take(viewer, 5)] == [0, 1, 2, 10, 11]

    asyncio.run(story())


def test_a_repeated_group_comes_later_than_all_before() -> None:
    async def story() -> None:
        group = frames(0, 6)
        viewer = Viewer(group)
        first = await take(viewer, 6)
        viewer.repeat(group)
        viewer.offer(frame(6))
        again = await take(viewer, 7)
        assert again[0].unit.is_keyframe
        stamps = [f.timestamp for f in first + again]
        assert all(later > earlier for earlier, later in itertools.pairwise(stamps))
        assert again[-1].timestamp == 6 * 3000, "the live picture keeps its own time"

    asyncio.run(story())


@settings(deadline=None)
@given(st.lists(st.sampled_from(["offer", "keyframe", "take", "repeat", "gap"]), max_size=120))
def test_whatever_happens_time_rises_and_the_first_picture_is_a_keyframe(acts: list[str]) -> None:
    async def story() -> None:
        cache, viewer, received = GroupCache(), Viewer(()), []
        for number, act in enumerate(acts):
            if act in ("offer", "keyframe"):
                picture = frame(number, act == "keyframe")
                cache.add(picture)
                viewer.offer(picture)
            elif act == "repeat":
                viewer.repeat(cache.frames)
            elif act == "gap":
                cache.clear()
                viewer.skip_to_keyframe()
            elif viewer._burst or viewer._live:
                received.append(await viewer.next())
        assert not received or received[0].unit.is_keyframe
        stamps = [f.timestamp for f in received]
        assert all(later > earlier for earlier, later in itertools.pairwise(stamps))

    asyncio.run(story())


def test_a_closed_viewer_wakes_whoever_waits_for_it() -> None:
    async def story() -> None:
        viewer = Viewer(())
        waiting = asyncio.create_task(viewer.next())
        await asyncio.sleep(0)
        viewer.close()
        with pytest.raises(ViewerClosed):
            await asyncio.wait_for(waiting, 1)

    asyncio.run(story())
