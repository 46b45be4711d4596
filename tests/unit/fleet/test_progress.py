"""Long operations are shown while they last, and only then."""

import pytest

from dfr.fleet.mavlink.cache import FENCE_READ_BACK, FENCE_UPLOAD, Cache
from dfr.fleet.mavlink.progress import ProgressBoard


def shown(board: ProgressBoard) -> list[str]:
    return [progress.sentence for progress in board.shown]


def test_an_operation_is_on_the_board_while_its_block_runs() -> None:
    board = ProgressBoard()
    board.count("Parameters", 3)
    with board.show("Parameters", 31, "read"):
        assert shown(board) == ["Parameters: 0 of 31 read."]
        board.count("Parameters", 7)
        board.count("Parameters", 5)
        assert shown(board) == ["Parameters: 7 of 31 read."], "an item that is sent again does not count back"
        board.count("Parameters", 40)
        assert shown(board) == ["Parameters: 31 of 31 read."]
    assert shown(board) == []


def test_an_operation_that_fails_leaves_the_board() -> None:
    board = ProgressBoard()
    with pytest.raises(RuntimeError), board.show("Fence upload", 4, "items"):
        raise RuntimeError
    assert board.shown == ()


def test_the_messages_of_a_fence_transfer_count() -> None:
    cache = Cache("sky-1", 7, 245, 2.5)
    with cache.progress.show(FENCE_UPLOAD, 34, "items"):
        cache.on_message("MISSION_REQUEST_INT", 1, {"mission_type": 0, "seq": 20}, 1.0)
        cache.on_message("MISSION_REQUEST_INT", 1, {"mission_type": 1, "seq": 12}, 1.0)
        assert [one.sentence for one in cache.telemetry(1.0).progress] == ["Fence upload: 12 of 34 items."]
    with cache.progress.show(FENCE_READ_BACK, 34, "items"):
        cache.on_message("MISSION_ITEM_INT", 1, {"mission_type": 1, "seq": 12}, 1.0)
        assert [one.sentence for one in cache.telemetry(1.0).progress] == ["Fence read-back: 13 of 34 items."]
