"""An airframe's parameters read side by side: what is lost comes in a second round, and a whole fleet takes turns."""

import asyncio
from collections import Counter
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dfr.fleet.firmware import Parameter, ParameterFile
from dfr.fleet.mavlink.commander import Commander, OrderFailed
from dfr.fleet.mavlink.parameters import ROUNDS, SIDE_BY_SIDE, ParameterCheck, read_parameters
from dfr.fleet.mavlink.progress import ProgressBoard
from dfr.fleet.mavlink.timing import Timing
from dfr.fleet.mavlink.wire import UnknownParameter, WireError

FILE = tuple(Parameter(f"P{i}", i, "", "") for i in range(40))


class LossyWire:
    """Loses each of `lost` so many times."""

    def __init__(self, lost: dict[str, int]) -> None:
        self.lost, self.asked, self.now, self.most = lost, Counter[str](), 0, 0

    async def read_parameter(self, name: str, like: float, timeout_s: float) -> float:
        self.asked[name] += 1
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.001)
        self.now -= 1
        if self.asked[name] <= self.lost.get(name, 0):
            raise WireError(f"Reading {name} was not answered.")
        if name == "P13":
            raise UnknownParameter("P13 is unknown.")
        return like


def read(wire: LossyWire) -> tuple[dict[str, int | float], tuple[str, ...]]:
    commander: Any = SimpleNamespace(connected=lambda: wire, timing=Timing())
    return asyncio.run(read_parameters(cast(Commander, commander), FILE))


def test_many_are_asked_for_side_by_side_and_never_more() -> None:
    wire = LossyWire({})
    found, unknown = read(wire)
    assert len(found) == len(FILE) - 1
    assert unknown == ("P13",)
    assert wire.most == SIDE_BY_SIDE
    assert set(wire.asked.values()) == {1}


def test_what_was_lost_is_asked_for_again_after_the_rest() -> None:
    wire = LossyWire({"P3": 1, "P39": 1})
    found, _ = read(wire)
    assert len(found) == len(FILE) - 1
    assert wire.asked["P3"] == wire.asked["P39"] == ROUNDS


def test_one_that_never_comes_is_named() -> None:
    with pytest.raises(WireError, match=r"1 of 40 parameters did not come \(P3\)"):
        read(LossyWire({"P3": 99}))


def test_an_aircraft_that_is_gone_in_mid_reading_ends_no_checking() -> None:
    """What is missing is a sentence, also when nobody knows any more who it is: it is read again when it is back."""

    def gone() -> LossyWire:
        raise OrderFailed("SKY-1 is not known to be on the air; nothing was sent.")

    cache = SimpleNamespace(parameter_hashes=0, progress=ProgressBoard())
    commander: Any = SimpleNamespace(connected=gone, timing=Timing(), cache=cache, system_id=7)
    (sentence,) = asyncio.run(ParameterCheck(ParameterFile("x", FILE)).missing(cast(Commander, commander)))
    assert sentence == (
        "The safety parameters could not be read: SKY-1 is not known to be on the air; nothing was sent."
    )


def test_where_nothing_comes_the_rest_is_not_asked_for() -> None:
    wire = LossyWire({one.name: 99 for one in FILE})
    with pytest.raises(WireError, match="not answered"):
        read(wire)
    assert sum(wire.asked.values()) <= SIDE_BY_SIDE
