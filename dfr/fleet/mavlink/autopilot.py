"""The contract of an autopilot's kind: what PX4 and ArduPilot Copter say and understand differently. Pure.

The driver's orders are the same for both; which commands an order is made of, what a mode number means and which texts
take an acknowledgement back is asked here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from dfr.core.command import GoTo, Orbit
from dfr.core.geo import AboveTakeoff, Amsl, Position
from dfr.core.telemetry import FlightMode
from dfr.fleet.mavlink.common import Cmd


@dataclass(frozen=True, slots=True)
class Place:
    """Where a COMMAND_INT points; altitude AMSL."""

    position: Position
    altitude: Amsl


@dataclass(frozen=True, slots=True)
class Ask:
    """One command: its parameters from the first on, None is NaN; `place` makes it a COMMAND_INT."""

    command: Cmd
    params: tuple[float | None, ...] = ()
    place: Place | None = None


class CannotFly(ValueError):
    """This kind of autopilot has no such flight; the message is a sentence."""


class Autopilot(Protocol):
    """One kind of autopilot. Immutable."""

    @property
    def name(self) -> str:
        """As people call it: PX4, ArduPilot."""
        ...

    @property
    def number(self) -> int:
        """MAV_AUTOPILOT in its HEARTBEAT."""
        ...

    @property
    def integers_as_bits(self) -> bool:
        """Whether a parameter that is an integer is sent as its own bits, or as a float of its size."""
        ...

    def flight_mode(self, custom_mode: int) -> FlightMode:
        """The domain's word for HEARTBEAT.custom_mode; OTHER for what this service never commands."""
        ...

    def takes_back(self, text: str) -> bool:
        """Whether a status text says that it dropped the order it had accepted."""
        ...

    def drops_fence(self, text: str) -> bool:
        """Whether a status text says that it ignores the fence it stores."""
        ...

    def motor_lost(self, text: str) -> bool:
        """Whether a status text says that a motor does not carry its share any more."""
        ...

    def fence_off(self, sys_status: Mapping[str, Any]) -> str:
        """ "" unless SYS_STATUS says that the stored fence is not enforced; then a sentence."""
        ...

    def refusal_means(self, command: Cmd, result: int) -> str:
        """What a refusal that came without a text means there, as the end of a sentence; "" where that is not known."""
        ...

    def fence_parameters(self, ceiling: AboveTakeoff | None) -> tuple[tuple[str, int | float], ...]:
        """The parameters that make a fence's ceiling, written with each fence."""
        ...

    def before_arming(self, height: AboveTakeoff, home: Amsl) -> tuple[Ask, ...]:
        """What a launch to `height` above home begins with."""
        ...

    def after_arming(self, height: AboveTakeoff) -> tuple[Ask, ...]:
        """What makes the armed aircraft climb."""
        ...

    def stand_down(self) -> tuple[Ask, ...]:
        """After a launch that failed on the ground: nobody who arms it later may see it climb."""
        ...

    def go_to(self, order: GoTo) -> tuple[Ask, ...]:
        """Fly there and hold; safe to send twice."""
        ...

    def orbit(self, order: Orbit) -> tuple[Ask, ...]:
        """Raises CannotFly."""
        ...

    @property
    def velocity_mode(self) -> FlightMode:
        """The mode in which it flies by the velocities that it is sent."""
        ...

    def by_velocity(self) -> tuple[Ask, ...]:
        """Into that mode; velocities are on their way to it already."""
        ...

    def stop(self) -> tuple[Ask, ...]:
        """Ways to stop and stay, the best first; the next one where one is refused or does nothing."""
        ...
