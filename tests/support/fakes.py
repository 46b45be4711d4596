"""Aircraft inside the test's own process: they implement `dfr.dispatch.ports.Fleet` and can fail in named ways.

They move only when `step` is called, so a whole flight takes as long as the decisions about it. What they do is the
story of a dispatch as the service sees it, not a model of flight; aircraft that speak MAVLink are in `sim/`.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from dfr.core.asset import Asset
from dfr.core.clock import ManualClock
from dfr.core.command import (
    Command,
    Disarm,
    Fly,
    GoTo,
    Hold,
    Launch,
    LookAt,
    LookAtHorizon,
    Orbit,
    Outcome,
    OutcomeKind,
    Request,
    ReturnHome,
    UploadFence,
)
from dfr.core.geo import AboveTakeoff, Amsl, LocalFrame, Position, Waypoint
from dfr.core.onboard import Estimate, FixKind, SatelliteFix, Sensor, Storage
from dfr.core.telemetry import (
    Battery,
    FenceOnBoard,
    FlightMode,
    Health,
    Kinematics,
    LandedState,
    LinkState,
    Telemetry,
    Timed,
    Velocity,
)
from dfr.dispatch.gate import Authorized
from dfr.dispatch.ports import Stranger


class Fault(Enum):
    """Each way to fail, with what the aircraft does."""

    NEVER_ANSWERS = "Takes every order, carries none out and never says how one ended."
    REFUSES_LAUNCH = "Does not arm: the launch fails on the ground."
    STOPS_CLIMBING = "Lifts off and stops climbing: the launch fails in the air."
    DROPS_GOTO = "Accepts a flight to a waypoint and stays where it is: the order fails."
    IGNORES_RETURN = "Is told to return and hovers: the order fails."
    LOSES_LINK = "Is not heard any more and hears nothing; flies home by itself."
    FAILS_SAFE = "Its autopilot flies home of its own accord, and is heard."
    TAKEN_OVER = "Somebody else flies it, in a mode that this service never commands."
    EMPTY_BATTERY = "Its battery is at a quarter."
    FENCE_FAILS = "Its fence cannot be put on board."
    FENCE_DROPPED = "Its autopilot drops the fence that was on board."
    POSITION_STALLS = "It is heard, but its position is not."
    RUNS_AWAY = "It flies east at 15 m/s whatever it is told to, until it is told to stop."


LOST_RETURN_S = 5.0
"""PX4's COM_DL_LOSS_T: this long after the link went the aircraft starts for home."""
RETURN_HEIGHT_M = 45.0
SENSORS = tuple(
    Sensor(name, True, True, True) for name in ("gyroscope", "accelerometer", "compass", "barometer", "GPS")
)


@dataclass
class FakeAircraft:
    """One aircraft: metres east, north and up from its dock."""

    asset: Asset
    east_m: float = 0.0
    north_m: float = 0.0
    height_m: float = 0.0
    velocity: tuple[float, float, float] = (0.0, 0.0, 0.0)
    mode: FlightMode = FlightMode.HOLD
    armed: bool = False
    landed: LandedState = LandedState.ON_GROUND
    battery_fraction: float = 0.95
    fence: FenceOnBoard | None = None
    faults: set[Fault] = field(default_factory=set)
    order: Request | None = None
    goal: tuple[float, float, float] | None = None
    silent_s: float = 0.0
    by_stick: Request | None = None
    """The newest velocity that it flies by."""

    @property
    def frame(self) -> LocalFrame:
        return LocalFrame(self.asset.dock.position)

    @property
    def on_ground(self) -> bool:
        return self.landed is LandedState.ON_GROUND


class FakeFleet:
    """Aircraft for every asset, heard and ready on their docks. Outcomes come with the next `step`, as over a radio."""

    def __init__(self, assets: Mapping[str, Asset], clock: ManualClock) -> None:
        self.clock = clock
        self.aircraft = {asset_id: FakeAircraft(asset) for asset_id, asset in assets.items()}
        self.on_outcome: Callable[[Outcome], None] = lambda outcome: None
        self.before_submit: Callable[[Request], None] = lambda request: None
        self.submitted: list[Request] = []
        self.heartbeats_s: list[float] = []
        self._outcomes: list[Outcome] = []
        self._telemetry: dict[str, Telemetry] = {}
        self._look()

    # -- what dispatch sees ---------------------------------------------------------------------------------------

    def telemetry(self) -> Mapping[str, Telemetry]:
        return dict(self._telemetry)

    def strangers(self) -> tuple[Stranger, ...]:
        return ()

    def heartbeat(self) -> None:
        self.heartbeats_s.append(self.clock.now_s())

    def let_go(self, asset_id: str) -> None:
        self._ended(self.aircraft[asset_id], OutcomeKind.SUPERSEDED, "It was let go.")

    def submit(self, order: Authorized) -> None:
        request = order.request
        self.before_submit(request)
        self.submitted.append(request)
        aircraft = self.aircraft[request.asset_id]
        if Fault.NEVER_ANSWERS in aircraft.faults:
            return
        if Fault.LOSES_LINK in aircraft.faults:
            self._end(request, OutcomeKind.FAILED, "Nothing came back.")
            return
        self._take(aircraft, request)

    # -- what tests do --------------------------------------------------------------------------------------------

    def commands(self, asset_id: str) -> list[Command]:
        """Everything that was sent to one aircraft, oldest first."""
        return [request.command for request in self.submitted if request.asset_id == asset_id]

    def sent(self, asset_id: str, kind: type[Command]) -> list[Command]:  # type: ignore[valid-type]
        return [command for command in self.commands(asset_id) if isinstance(command, kind)]

    def fail(self, asset_id: str, fault: Fault) -> None:
        aircraft = self.aircraft[asset_id]
        aircraft.faults.add(fault)
        match fault:
            case Fault.FAILS_SAFE:
                self._ended(aircraft, OutcomeKind.FAILED, "It flies home instead.")
                self._go_home(aircraft)
            case Fault.TAKEN_OVER:
                self._ended(aircraft, OutcomeKind.FAILED, "It is flown by hand instead.")
                aircraft.mode, aircraft.goal, aircraft.velocity = FlightMode.MANUAL, None, (0.0, 0.0, 0.0)
            case Fault.EMPTY_BATTERY:
                aircraft.battery_fraction = 0.25
            case Fault.FENCE_DROPPED:
                aircraft.fence = None
            case Fault.LOSES_LINK:
                aircraft.silent_s = 0.0
        self._look()

    def mend(self, asset_id: str, fault: Fault) -> None:
        aircraft = self.aircraft[asset_id]
        aircraft.faults.discard(fault)
        if fault is Fault.TAKEN_OVER:
            aircraft.mode = FlightMode.HOLD
        self._look()

    def step(self, seconds: float) -> None:
        """Move the clock and every aircraft on, then say how orders ended."""
        self.clock.advance(seconds)
        for aircraft in self.aircraft.values():
            self._move(aircraft, seconds)
        self._look()
        ended, self._outcomes = self._outcomes, []
        for outcome in ended:
            self.on_outcome(outcome)

    # -- orders ---------------------------------------------------------------------------------------------------

    def _take(self, aircraft: FakeAircraft, request: Request) -> None:
        match request.command:
            case UploadFence(plan=plan):
                if Fault.FENCE_FAILS in aircraft.faults:
                    self._end(request, OutcomeKind.FAILED, "The autopilot dropped the fence.")
                    return
                aircraft.fence = FenceOnBoard(plan.digest, self.clock.now_s())
                self._end(request, OutcomeKind.DONE, "Read back and equal.")
            case LookAt() | LookAtHorizon():
                self._end(request, OutcomeKind.DONE, "The camera looks there.")
            case Fly() if aircraft.by_stick is not None and aircraft.by_stick.id == request.id:
                aircraft.by_stick = request
            case command:
                aircraft.by_stick = None
                if aircraft.order is not None:
                    self._end(aircraft.order, OutcomeKind.SUPERSEDED, "A newer order took its place.")
                aircraft.order = request
                self._fly(aircraft, request, command)

    def _fly(self, aircraft: FakeAircraft, request: Request, command: Command) -> None:
        match command:
            case Launch(height=height):
                if Fault.REFUSES_LAUNCH in aircraft.faults:
                    self._ended(aircraft, OutcomeKind.FAILED, "It does not arm.")
                    return
                aircraft.armed, aircraft.mode, aircraft.goal = True, FlightMode.TAKEOFF, (0.0, 0.0, height.m)
            case GoTo(waypoint=waypoint):
                aircraft.mode = FlightMode.HOLD
                if Fault.DROPS_GOTO in aircraft.faults:
                    self._ended(aircraft, OutcomeKind.FAILED, "It did not begin to move.")
                    return
                east_m, north_m = aircraft.frame.to_local(waypoint.position)
                aircraft.goal = (east_m, north_m, waypoint.altitude.m - aircraft.asset.dock.altitude.m)
            case Orbit():
                aircraft.mode, aircraft.goal = FlightMode.ORBIT, None
                self._ended(aircraft, OutcomeKind.DONE, "It orbits.")
            case Fly():
                aircraft.mode, aircraft.goal, aircraft.by_stick = FlightMode.OFFBOARD, None, request
                self._ended(aircraft, OutcomeKind.DONE, "It flies by stick.")
            case Hold():
                aircraft.faults.discard(Fault.RUNS_AWAY)
                aircraft.mode, aircraft.goal, aircraft.velocity = FlightMode.HOLD, None, (0.0, 0.0, 0.0)
                self._ended(aircraft, OutcomeKind.DONE, "It holds.")
            case ReturnHome():
                if Fault.IGNORES_RETURN in aircraft.faults:
                    aircraft.goal = None
                    self._ended(aircraft, OutcomeKind.FAILED, "It did not enter Return.")
                    return
                self._go_home(aircraft)
                self._ended(aircraft, OutcomeKind.DONE, "It flies home.")
            case Disarm():
                aircraft.armed = False
                self._ended(aircraft, OutcomeKind.DONE, "It is disarmed.")

    def _go_home(self, aircraft: FakeAircraft) -> None:
        aircraft.faults.discard(Fault.RUNS_AWAY)
        aircraft.mode = FlightMode.RETURN
        # On the ground PX4 accepts Return and does nothing.
        aircraft.goal = None if aircraft.on_ground else (0.0, 0.0, max(aircraft.height_m, RETURN_HEIGHT_M))

    def _ended(self, aircraft: FakeAircraft, kind: OutcomeKind, sentence: str) -> None:
        if aircraft.order is not None:
            self._end(aircraft.order, kind, sentence)
            aircraft.order = None

    def _end(self, request: Request, kind: OutcomeKind, sentence: str) -> None:
        self._outcomes.append(Outcome(request.id, request.asset_id, kind, sentence, self.clock.now_s()))

    # -- flying ---------------------------------------------------------------------------------------------------

    def _move(self, aircraft: FakeAircraft, seconds: float) -> None:
        if Fault.LOSES_LINK in aircraft.faults and not aircraft.on_ground:
            aircraft.silent_s += seconds
            if aircraft.silent_s > LOST_RETURN_S and aircraft.mode not in (FlightMode.RETURN, FlightMode.LAND):
                self._go_home(aircraft)
        if not aircraft.on_ground and Fault.RUNS_AWAY in aircraft.faults:
            aircraft.velocity = (15.0, 0.0, 0.0)
            aircraft.east_m += 15.0 * seconds
        elif aircraft.mode is FlightMode.RETURN and aircraft.on_ground:
            aircraft.armed = False
        elif aircraft.by_stick is not None and isinstance(fly := aircraft.by_stick.command, Fly):
            wanted = fly.velocity
            aircraft.velocity = (wanted.east_mps, wanted.north_mps, -wanted.down_mps)
            aircraft.east_m += wanted.east_mps * seconds
            aircraft.north_m += wanted.north_mps * seconds
            aircraft.height_m -= wanted.down_mps * seconds
        elif aircraft.goal is not None:
            self._move_to_goal(aircraft, aircraft.goal, seconds)
        else:
            aircraft.velocity = (0.0, 0.0, 0.0)

    def _move_to_goal(self, aircraft: FakeAircraft, goal: tuple[float, float, float], seconds: float) -> None:
        # Up before along, along before down, as a launch and PX4's Return do it; a leg climbs evenly along its way.
        airframe = aircraft.asset.airframe
        if aircraft.landed is LandedState.ON_GROUND:
            aircraft.landed = LandedState.TAKING_OFF
        away_m = math.hypot(goal[0] - aircraft.east_m, goal[1] - aircraft.north_m)
        if aircraft.mode is FlightMode.HOLD and away_m > airframe.cruise_mps * seconds:
            share = airframe.cruise_mps * seconds / away_m
            aircraft.height_m += max(goal[2] - aircraft.height_m, 0.0) * share
        elif aircraft.height_m < goal[2]:
            if Fault.STOPS_CLIMBING in aircraft.faults and aircraft.height_m > 5.0:
                aircraft.goal, aircraft.velocity = None, (0.0, 0.0, 0.0)
                self._ended(aircraft, OutcomeKind.FAILED, "It stopped climbing.")
                return
            aircraft.height_m = min(aircraft.height_m + airframe.climb_mps * seconds, goal[2])
            aircraft.velocity = (0.0, 0.0, airframe.climb_mps)
            launch = aircraft.order.command if aircraft.order is not None else None
            if isinstance(launch, Launch) and launch.clear_height and aircraft.height_m >= launch.clear_height.m:
                self._ended(aircraft, OutcomeKind.DONE, "It is clear of its dock and climbs on.")
            return
        aircraft.landed = LandedState.IN_AIR if aircraft.landed is LandedState.TAKING_OFF else aircraft.landed
        east_m, north_m = goal[0] - aircraft.east_m, goal[1] - aircraft.north_m
        away_m, run_m = math.hypot(east_m, north_m), airframe.cruise_mps * seconds
        if away_m > 0.1:
            share = min(run_m / away_m, 1.0)
            aircraft.east_m, aircraft.north_m = aircraft.east_m + east_m * share, aircraft.north_m + north_m * share
            arriving = share == 1.0
            speed = 0.0 if arriving else airframe.cruise_mps
            aircraft.velocity = (east_m / away_m * speed, north_m / away_m * speed, 0.0)
            return
        if aircraft.mode is FlightMode.RETURN:
            self._descend(aircraft, seconds)
        elif aircraft.height_m > goal[2]:
            aircraft.height_m = max(aircraft.height_m - airframe.descent_mps * seconds, goal[2])
        else:
            aircraft.mode, aircraft.goal, aircraft.velocity = FlightMode.HOLD, None, (0.0, 0.0, 0.0)
            self._ended(aircraft, OutcomeKind.DONE, "It is there.")

    def _descend(self, aircraft: FakeAircraft, seconds: float) -> None:
        aircraft.landed, aircraft.goal = LandedState.LANDING, (0.0, 0.0, 0.0)
        aircraft.height_m = max(aircraft.height_m - 5.0 * seconds, 0.0)
        aircraft.velocity = (0.0, 0.0, -5.0)
        if aircraft.height_m == 0.0:
            aircraft.landed, aircraft.armed, aircraft.goal = LandedState.ON_GROUND, False, None
            aircraft.mode, aircraft.velocity = FlightMode.HOLD, (0.0, 0.0, 0.0)

    # -- looking --------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        for asset_id, aircraft in self.aircraft.items():
            self._telemetry[asset_id] = self._heard(aircraft, self._telemetry.get(asset_id))

    def _heard(self, aircraft: FakeAircraft, before: Telemetry | None) -> Telemetry:
        now_s = self.clock.now_s()
        link_changed_s = now_s if before is None else before.link_changed_s
        if Fault.LOSES_LINK in aircraft.faults and before is not None:
            if before.link is LinkState.LOST:
                return before
            return replace(before, link=LinkState.LOST, link_changed_s=now_s)
        if before is not None and before.link is LinkState.LOST:
            link_changed_s = now_s
        kinematics = Timed(self._kinematics(aircraft), now_s)
        if Fault.POSITION_STALLS in aircraft.faults and before is not None and before.kinematics is not None:
            kinematics = before.kinematics
        dock = aircraft.asset.dock
        dropped = Fault.FENCE_DROPPED in aircraft.faults and aircraft.fence is None
        return Telemetry(
            aircraft.asset.id,
            link=LinkState.ONLINE,
            link_changed_s=link_changed_s,
            kinematics=kinematics,
            mode=Timed(aircraft.mode, now_s),
            armed=Timed(aircraft.armed, now_s),
            landed=Timed(aircraft.landed, now_s),
            battery=Timed(Battery(aircraft.battery_fraction), now_s),
            home=Timed(Waypoint(dock.position, dock.altitude), now_s),
            health=Timed(Health(True), now_s),
            satellites=Timed(14, now_s),
            satellite_fix=Timed(SatelliteFix(FixKind.FULL, 0.7, 0.9, 1.8), now_s),
            estimate=Timed(Estimate(0.4, 0.6, 0.1), now_s),
            sensors=Timed(SENSORS, now_s),
            storage=Timed(Storage(True, 32_000.0, 20_000.0), now_s),
            parameter_faults=(),
            fence=aircraft.fence,
            fence_problem="The autopilot dropped its fence." if dropped else "",
        )

    def _kinematics(self, aircraft: FakeAircraft) -> Kinematics:
        position: Position = aircraft.frame.to_position(aircraft.east_m, aircraft.north_m)
        east_mps, north_mps, up_mps = aircraft.velocity
        return Kinematics(
            position,
            Amsl(aircraft.asset.dock.altitude.m + aircraft.height_m),
            AboveTakeoff(aircraft.height_m),
            Velocity(north_mps, east_mps, -up_mps),
            0.0,
        )
