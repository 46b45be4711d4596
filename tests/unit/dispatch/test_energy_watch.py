"""A battery that empties faster than its model is told once, and believed as long as it does."""

from dataclasses import replace

from dfr.core.energy import Endurance
from dfr.core.geo import AboveTakeoff, Amsl, Waypoint
from dfr.core.telemetry import Battery, Kinematics, LinkState, Telemetry, Timed, Velocity
from dfr.dispatch.energy_watch import DISAGREES_S, MOST_DRAIN, SETTLES_S, EnergyWatch
from tests.unit.dispatch.small import ORIGIN, SKY_1, place

EVERY_S = 0.5


def at(now_s: float, battery: Battery | None, metres: float = 500.0) -> Telemetry:
    here = Kinematics(place(metres, 0.0), Amsl(755.0), AboveTakeoff(50.0), Velocity(0.0, 0.0, 0.0), 0.0)
    return Telemetry(
        "sky-1",
        link=LinkState.ONLINE,
        kinematics=Timed(here, now_s),
        battery=None if battery is None else Timed(battery, now_s),
        home=Timed(Waypoint(ORIGIN, Amsl(705.0)), now_s),
    )


class Flown:
    def __init__(self) -> None:
        self.watch = EnergyWatch(0.0, AboveTakeoff(45.0))
        self.now_s, self.charge = 1000.0, 1.0
        self.news: list[str] = []
        self.left: Endurance | None = None

    def hover(self, seconds: float, times_the_model: float = 1.0, **battery: float) -> Endurance:
        for _ in range(round(seconds / EVERY_S)):
            self.now_s += EVERY_S
            self.charge -= times_the_model * EVERY_S / SKY_1.airframe.endurance_s
            gauge = Battery(round(self.charge, 2), **battery)
            self.left, news = self.watch.look(SKY_1, at(self.now_s, gauge), self.now_s)
            self.news += news
        assert self.left is not None
        return self.left


def test_a_battery_as_the_model_says_is_no_news() -> None:
    flown = Flown()
    first = flown.hover(1.0)
    last = flown.hover(300.0)
    assert flown.news == []
    assert last.drain == 1.0
    assert last.sentence == ""
    assert abs(first.left_s - last.left_s - 300.0) < 15.0
    assert flown.watch.of("sky-1") == last
    flown.watch.forget("sky-1")
    assert flown.watch.of("sky-1") is None


def test_one_that_empties_twice_as_fast_is_told_once_and_shortens_the_time() -> None:
    flown = Flown()
    honest = flown.hover(SETTLES_S)
    fast = flown.hover(90.0, times_the_model=2.0)
    assert 1.5 < fast.drain <= 2.2
    assert fast.left_s < honest.left_s - 180.0
    assert "times as fast as its model says" in fast.sentence
    flown.hover(60.0, times_the_model=2.0)
    assert len(flown.news) == 1
    recovered = flown.hover(120.0)
    assert recovered.drain == 1.0
    flown.hover(30.0, times_the_model=24.0)
    assert flown.left is not None
    assert flown.left.drain == MOST_DRAIN


def test_a_charge_from_before_a_silence_does_not_make_the_one_after_it_a_leap() -> None:
    """Seen on PX4: its link came back after 38 s, and the gauge was read a second after the position."""
    flown = Flown()
    flown.hover(SETTLES_S - 10.0)
    before = at(flown.now_s, Battery(round(flown.charge, 2)))
    flown.now_s += 60.0
    flown.charge -= 60.0 / SKY_1.airframe.endurance_s
    back = at(flown.now_s, None)
    assert flown.watch.look(SKY_1, replace(back, battery=before.battery), flown.now_s)[1] == ()
    assert flown.hover(90.0).drain == 1.0
    assert flown.news == []
    assert flown.hover(90.0, times_the_model=2.0).drain > 1.5


def test_a_voltage_that_says_less_counts_after_a_while_and_only_while_it_does() -> None:
    flown = Flown()
    flown.hover(20.0, voltage_v=16.0)
    low = flown.hover(DISAGREES_S - 1.0, voltage_v=14.8)
    assert low.sentence == ""
    low = flown.hover(2.0, voltage_v=14.8)
    assert abs(low.charge_fraction - 0.22) < 0.01
    assert len(flown.news) == 1
    assert flown.news[0].startswith("SKY-1's battery is emptier than its gauge: its voltage of 14.8 V under load")
    assert flown.hover(1.0, voltage_v=16.0).sentence == ""


def test_unknown_is_unknown() -> None:
    watch = EnergyWatch(5.0, AboveTakeoff(45.0))
    assert watch.look(SKY_1, at(1.0, None), 1.0) == (None, ())
    assert watch.look(SKY_1, replace(at(1.0, Battery(0.5)), kinematics=None), 1.0) == (None, ())
    assert watch.look(SKY_1, replace(at(1.0, Battery(0.5)), home=None), 1.0) == (None, ())
    assert watch.of("sky-1") is None
