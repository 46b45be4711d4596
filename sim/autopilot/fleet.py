"""All aircraft of one simulation: one thread, one fixed step, any multiple of real time."""

import selectors
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sim.autopilot.dynamics import STEP_S
from sim.autopilot.vehicle import STEPS_A_THOUGHT, Vehicle, VehicleSpec, World

TICK_S = 0.01
MOST_BEHIND_S = 0.25
"""Wall seconds that a stalled machine may make up for; beyond it the simulation falls behind and counts it."""


class Fleet:
    """The wall clock only decides how many steps `run` makes, and the date that is told; what a step does depends on
    the seed and the messages."""

    def __init__(
        self,
        specs: Sequence[VehicleSpec],
        speed: float = 1.0,
        seed: int = 0,
        wind_ne_mps: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        self.speed = speed
        self.world = World(len(specs), wind_ne_mps, seed)
        self.vehicles = [Vehicle(spec, self.world, index) for index, spec in enumerate(specs)]
        self._sockets = selectors.DefaultSelector()
        for vehicle in self.vehicles:
            for link in vehicle.links:
                self._sockets.register(link, selectors.EVENT_READ, vehicle)
        self.steps = 0
        self.behind_s = 0.0
        """Wall seconds of simulation that were left out because the machine could not keep up."""
        self._stop = threading.Event()

    @property
    def now_s(self) -> float:
        """The aircraft's clock."""
        return self.steps * STEP_S

    def vehicle(self, system_id: int) -> Vehicle:
        """Raises KeyError when no aircraft has that system id."""
        for vehicle in self.vehicles:
            if vehicle.spec.system_id == system_id:
                return vehicle
        raise KeyError(f"No simulated aircraft has system id {system_id}.")

    def advance(self, steps: int, wall_s: float) -> None:
        """Hear what has come, fly so many steps, tell what is due. `wall_s` is the peers' clock."""
        for key, _ in self._sockets.select(0):
            key.data.receive(key.fileobj, wall_s)
        for vehicle in self.vehicles:
            vehicle.receive_late(wall_s)
        for _ in range(steps):
            self._step(wall_s)
        for vehicle in self.vehicles:
            vehicle.flush()

    def _step(self, wall_s: float) -> None:
        """One physics step; every aircraft thinks at each `STEPS_A_THOUGHT`-th of them, not all at the same."""
        self.world.step()
        self.steps += 1
        now_s = self.now_s
        for vehicle in self.vehicles[-self.steps % STEPS_A_THOUGHT :: STEPS_A_THOUGHT]:
            vehicle.think(now_s, wall_s)
        for vehicle in self.vehicles:
            vehicle.stream(now_s, wall_s, self.speed)

    def run(self) -> None:
        """Until `stop`."""
        last = time.monotonic()
        self.world.epoch_s = time.time() - self.now_s
        owed_s = 0.0
        while not self._stop.is_set():
            self._sockets.select(TICK_S)
            now = time.monotonic()
            owed_s += now - last
            last = now
            self.behind_s += max(0.0, owed_s - MOST_BEHIND_S)
            owed_s = min(owed_s, MOST_BEHIND_S)
            steps = int(owed_s * self.speed / STEP_S)
            owed_s -= steps * STEP_S / self.speed
            self.advance(steps, now)
            self._stop.wait(TICK_S / 4)  # a chatty peer must not make this a busy loop

    def stop(self) -> None:
        self._stop.set()

    def close(self) -> None:
        self._sockets.close()
        for vehicle in self.vehicles:
            vehicle.close()


@contextmanager
def running_fleet(
    specs: Sequence[VehicleSpec], speed: float = 1.0, seed: int = 0, wind_ne_mps: tuple[float, float] = (0.0, 0.0)
) -> Iterator[Fleet]:
    """A fleet that flies in a thread of its own until the block ends."""
    fleet = Fleet(specs, speed, seed, wind_ne_mps)
    thread = threading.Thread(target=fleet.run, name="autopilot", daemon=True)
    thread.start()
    try:
        yield fleet
    finally:
        fleet.stop()
        thread.join(timeout=5.0)
        fleet.close()
