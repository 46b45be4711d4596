"""Whose an aircraft is: by its system id, by its autopilot's serial number, by both."""

import pytest

from dfr.core.asset import Asset
from dfr.fleet.mavlink.identity import Identities
from dfr.fleet.serial_number import normalised, serial_number_of
from tests.unit.fleet.scripted import AIRFRAME, ASSET

BY_ID = Asset("a", "A", 7, ASSET.dock, AIRFRAME)
BY_BOTH = Asset("b", "B", 8, ASSET.dock, AIRFRAME, serial_number="0b")
BY_NUMBER = Asset("c", "C", None, ASSET.dock, AIRFRAME, serial_number="0c")


class Told:
    def __init__(self, may_claim: bool = True) -> None:
        self.changes: list[tuple[str, int | None]] = []
        self.of = Identities(
            (BY_ID, BY_BOTH, BY_NUMBER), 2.5, lambda *one: self.changes.append(one), lambda _: may_claim
        )

    def beat(self, system_id: int, now_s: float) -> str | None:
        return self.of.owner(system_id, "HEARTBEAT", {}, now_s)

    def tell(self, system_id: int, number: str, now_s: float) -> str | None:
        return self.of.owner(system_id, "AUTOPILOT_VERSION", {"uid2": list(bytes.fromhex(number))}, now_s)


def test_a_system_id_alone_is_enough_where_no_number_is_declared() -> None:
    told = Told()
    assert told.beat(7, 1.0) == "a"
    assert told.beat(7, 100.0) == "a"
    assert told.changes == [("a", 7)]
    assert told.of.to_ask(100.0) == []


def test_with_a_number_it_is_nobodys_until_it_has_told_it_and_again_after_a_silence() -> None:
    told = Told()
    assert told.beat(8, 1.0) is None
    assert told.of.to_ask(1.0) == [8]
    assert told.of.to_ask(1.2) == [], "not asked again at once"
    assert "being asked for" in told.of.problem_of("b", 1.2)
    assert told.tell(8, "0b", 1.3) == "b"
    assert told.beat(8, 2.0) == "b"
    assert told.beat(8, 10.0) is None
    assert told.changes == [("b", 8), ("b", None)]
    assert told.of.to_ask(10.0) == [8]
    assert told.tell(8, "ff", 10.2) is None
    assert "says the serial number ff and not 0b" in told.of.problem_of("b", 10.2)


def test_one_that_tells_no_number_is_not_taken() -> None:
    told = Told()
    for tenth in range(60):
        assert told.beat(8, 1.0 + tenth / 10) is None
    assert "does not tell its serial number" in told.of.sentence(8, 7.0)


def test_a_number_is_found_under_any_id_but_only_once_and_only_if_it_may_claim_it() -> None:
    told = Told()
    assert told.beat(33, 1.0) is None
    assert told.tell(33, "0c", 1.1) == "c"
    assert told.tell(34, "0c", 1.2) is None
    assert "already heard elsewhere" in told.of.sentence(34, 1.2)
    unsigned = Told(may_claim=False)
    assert unsigned.tell(33, "0c", 1.0) is None


def test_serial_numbers_are_compared_as_numbers_are_written() -> None:
    assert normalised("0x0A:0B 0c00") == "0a0b0c"
    assert serial_number_of({"uid2": [10, 11, 12, *[0] * 15], "uid": 5}) == "0a0b0c"
    assert serial_number_of({"uid2": [0] * 18, "uid": 0x1234}) == "0000000000001234"
    assert serial_number_of({"uid2": [0] * 18, "uid": 0}) == ""
    for text in ("", "xyz", "00", "0" * 40 + "1"):
        with pytest.raises(ValueError, match="serial number"):
            normalised(text)
