"""All MAVLink aircraft of the site on one mavsdk object: the `Fleet` that dispatch knows."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from mavsdk import Configuration, LogLevel, Mavsdk, System, log_subscribe

from dfr.core.asset import Asset
from dfr.core.clock import Clock
from dfr.core.command import Outcome, OutcomeKind
from dfr.core.telemetry import Telemetry
from dfr.core.traffic import Intruder
from dfr.dispatch.gate import Authorized
from dfr.dispatch.ports import Stranger
from dfr.fleet.firmware import ParameterFile
from dfr.fleet.mavlink import common, frames
from dfr.fleet.mavlink.actor import Actor
from dfr.fleet.mavlink.cache import Cache
from dfr.fleet.mavlink.commander import Commander, OnSent, command_message
from dfr.fleet.mavlink.decode import Fields
from dfr.fleet.mavlink.frames import heartbeat_frame
from dfr.fleet.mavlink.identity import Identities
from dfr.fleet.mavlink.kinds import KINDS
from dfr.fleet.mavlink.links import Links
from dfr.fleet.mavlink.messages import MessageReader
from dfr.fleet.mavlink.signing import Signer
from dfr.fleet.mavlink.strangers import STRANGER_MESSAGES, Strangers
from dfr.fleet.mavlink.timing import Timing
from dfr.fleet.mavlink.traffic import ADSB_VEHICLE, intruder
from dfr.fleet.mavlink.transport import Disbelief, Transport
from dfr.fleet.mavlink.wire import MavsdkWire, WireError

log = logging.getLogger(__name__)

OWN_SYSTEM_ID = 245
OWN_COMPONENT_ID = 191
"""MAV_COMP_ID_ONBOARD_COMPUTER: no ground station, so mavsdk's own heartbeat does not keep PX4's data link alive."""
AUTOPILOT_VERSION, AUTOPILOT_VERSION_ID = "AUTOPILOT_VERSION", 148
DISCOVERY_S = 0.2
TELEMETRY_KEPT_S = 0.05
AT_A_TIME = 8
"""Aircraft whose parameters are read at the same time, and as many whose fences are written: a whole fleet that comes
up at once is read aircraft by aircraft, and not by all of them too slowly."""
STOP_S = 5.0
NO_KEY = (
    "{name} signs its messages and this service has no MAVLink key, so it is heard and takes no orders: "
    "give the service its key (DFR_MAVLINK_KEY, or key_file in the site file)."
)


class MavlinkFleet:
    """Implements `dfr.dispatch.ports.Fleet`. Made and used in the event loop; `start` before, `stop` after.

    `links` is asset id to URL (`udpin://127.0.0.1:14541`, `serial:///dev/ttyUSB0:57600`); several assets may share one.
    `signer` has the site's MAVLink key: with it everything is signed, and declared aircraft are believed only signed.
    `parameter_files` is airframe name to the parameters that its aircraft must have. `on_sent` is called when a command
    is put on the wire. `on_traffic` is called (in the reading thread) when an
    aircraft's own receiver hears another. Raises ValueError when two assets declare one system id.
    """

    def __init__(
        self,
        assets: Sequence[Asset],
        links: Mapping[str, str],
        *,
        on_outcome: Callable[[Outcome], None],
        clock: Clock,
        parameter_files: Mapping[str, ParameterFile],
        on_sent: OnSent | None = None,
        timing: Timing | None = None,
        own_system_id: int = OWN_SYSTEM_ID,
        signer: Signer | None = None,
        on_traffic: Callable[[Intruder, float], None] | None = None,
    ) -> None:
        _check_system_ids(assets, own_system_id)
        self._clock = clock
        self._on_traffic = on_traffic
        self._on_outcome = on_outcome
        self._transport = Transport(
            own_system_id,
            clock,
            signer,
            self._heartbeat_heard,
            self._parameter_heard,
            self._may_send,
            self._frame_heard,
        )
        self._links = Links(links, self._transport)
        self._own_ids = (own_system_id, OWN_COMPONENT_ID)
        self._strangers = Strangers()
        timing = timing or Timing()
        self._actors: dict[str, Actor] = {}
        self._by_system_id: dict[int, Actor] = {}
        parameter_turns, fence_turns = asyncio.Semaphore(AT_A_TIME), asyncio.Semaphore(AT_A_TIME)
        for asset in assets:
            cache = Cache(
                asset.id,
                asset.system_id,
                own_system_id,
                timing.link_lost_s,
                KINDS[asset.airframe.autopilot],
                OWN_COMPONENT_ID,
                asset.camera_host,
            )
            commander = Commander(asset, cache, clock, timing, self._own_ids, on_sent)
            actor = Actor(commander, self._ended, parameter_files.get(asset.airframe.name), on_sent)
            commander.parameter_turns, commander.fence_turns = parameter_turns, fence_turns
            commander.link_bytes_a_second = partial(self._bytes_a_second, cache)
            self._actors[asset.id] = actor
            if asset.system_id is not None:
                self._transport.protect(asset.system_id)
                self._by_system_id[asset.system_id] = actor
        may_claim = self._transport.is_protected if signer is not None else lambda _: True
        self._identities = Identities(assets, timing.link_lost_s, self._found, may_claim)
        self._heartbeat = heartbeat_frame(*self._own_ids)
        self._known: tuple[float, dict[str, Telemetry]] | None = None
        """When the telemetry was last put together (monotonic seconds), and it."""
        self._mavsdk: Mavsdk | None = None
        self._wires: dict[int, MavsdkWire] = {}
        wanted = {name for actor in self._actors.values() for name in actor.cache.messages}
        self._reader = MessageReader(wanted | {*STRANGER_MESSAGES, AUTOPILOT_VERSION, ADSB_VEHICLE})
        self._tasks: list[asyncio.Task[None]] = []

    # -- the Fleet of dispatch -----------------------------------------------------------------------------------

    def telemetry(self) -> Mapping[str, Telemetry]:
        """The last values of every declared asset, by asset id; the same ones for `TELEMETRY_KEPT_S`, as one turn of
        the engine asks several times."""
        now_s = time.monotonic()
        if self._known is None or now_s - self._known[0] > TELEMETRY_KEPT_S:
            disbelieved = self._transport.disbelieved(self._clock.now_s())
            heard = {asset_id: self._heard(asset_id, actor, disbelieved) for asset_id, actor in self._actors.items()}
            self._known = time.monotonic(), heard
        return self._known[1]

    def _ended(self, outcome: Outcome) -> None:
        """Who is told of an order's end sees what it led to: a fence verified just now lets a launch go."""
        self._known = None
        self._on_outcome(outcome)

    def _heard(self, asset_id: str, actor: Actor, disbelieved: Sequence[Disbelief]) -> Telemetry:
        telemetry, problem = actor.commander.telemetry(), self._link_problem(asset_id, actor, disbelieved)
        return replace(telemetry, link_problem=problem) if problem else telemetry

    def _link_problem(self, asset_id: str, actor: Actor, disbelieved: Sequence[Disbelief]) -> str:
        now_s, commander = self._clock.now_s(), actor.commander
        system_id = commander.cache.system_id
        of_it = (one.sentence(commander.name) for one in disbelieved if one.system_id == system_id)
        unsigned = NO_KEY.format(name=commander.name) if self._transport.has_key_we_lack(system_id or 0) else ""
        problems = (self._links.problem_of(asset_id), self._identities.problem_of(asset_id, now_s))
        sentences = (*problems, unsigned, *of_it)
        return " ".join(sentence for sentence in sentences if sentence)

    def _bytes_a_second(self, cache: Cache) -> float | None:
        return None if cache.system_id is None else self._transport.bytes_a_second(cache.system_id)

    def strangers(self) -> tuple[Stranger, ...]:
        """Aircraft that are heard but not declared, and whoever sends in the name of one of ours."""
        now_s = self._clock.now_s()
        pretenders = (
            Stranger(one.system_id, one.last_s, None, one.sentence(self._name_of(one.system_id)))
            for one in self._transport.disbelieved(now_s)
        )
        strangers = (
            replace(one, sentence=self._identities.sentence(one.system_id, now_s) or one.sentence)
            for one in self._strangers.heard(now_s)
            if not self._identities.is_owned(one.system_id)
        )
        return (*strangers, *pretenders)

    def _name_of(self, system_id: int) -> str:
        actor = self._by_system_id.get(system_id)
        return "an aircraft with our key" if actor is None else actor.commander.name

    def submit(self, order: Authorized) -> None:
        """Carry it out. Never blocks and never raises."""
        request = order.request
        actor = self._actors.get(request.asset_id)
        if actor is not None:
            actor.submit(request)
            return
        sentence = f"No MAVLink aircraft {request.asset_id} is declared; nothing was sent."
        self._ended(Outcome(request.id, request.asset_id, OutcomeKind.FAILED, sentence, self._clock.now_s()))

    def let_go(self, asset_id: str) -> None:
        """End every order under way for this aircraft. Never blocks and never raises."""
        actor = self._actors.get(asset_id)
        if actor is not None:
            actor.let_go()

    def heartbeat(self) -> None:
        """HEARTBEAT of type GCS on every link: what an autopilot takes for its ground station.

        Called by the engine's loop alone.
        """
        self._transport.send(self._heartbeat)

    def _heartbeat_heard(self, system_id: int, place: str) -> None:
        actor = self._by_system_id.get(system_id)
        if actor is not None:
            actor.commander.cache.heard_at(place, self._clock.now_s())

    def _parameter_heard(self, system_id: int, frame: bytes) -> None:
        wire = self._wires.get(system_id)
        if wire is not None:
            wire.parameters.heard(frame)

    def _may_send(self, system_id: int, frame: bytes) -> bool:
        """Whoever is not ours is sent nothing but the question who it is, and that only where it may be ours."""
        if self._identities.is_owned(system_id):
            return True
        return frames.asks_who(frame) and self._identities.may_be_ours(system_id)

    def commander(self, asset_id: str) -> Commander:
        """For the bench alone, where no engine runs. Raises KeyError."""
        return self._actors[asset_id].commander

    # -- life ----------------------------------------------------------------------------------------------------

    @property
    def link_problems(self) -> tuple[str, ...]:
        """A sentence for each link that does not work."""
        return self._links.problems

    async def start(self) -> None:
        """Open the links (in the background) and begin to listen."""
        log_subscribe(_log_mavsdk)
        self._mavsdk = Mavsdk(Configuration.create_manual(*self._own_ids, False))
        self._tasks = [asyncio.create_task(actor.run()) for actor in self._actors.values()]
        self._transport.attach(self._mavsdk)
        self._tasks.append(asyncio.create_task(self._links.keep_open()))
        self._tasks.append(asyncio.create_task(self._discover(self._mavsdk)))

    async def stop(self) -> None:
        """End every order under way as superseded, and let the links go. The aircraft are left as they are."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        self._transport.detach()
        wires = list(self._wires.values())
        self._wires.clear()
        await asyncio.gather(*(wire.close(STOP_S) for wire in wires))
        mavsdk, self._mavsdk = self._mavsdk, None
        if mavsdk is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_S):
                    await asyncio.to_thread(mavsdk.destroy)

    async def _discover(self, mavsdk: Mavsdk) -> None:
        """Every system that mavsdk hears is one of ours or a stranger. Looked at off the event loop."""
        known: set[int] = set()
        while True:
            if await asyncio.to_thread(mavsdk.system_count) != len(known):
                found = {system.get_system_id(): system for system in await asyncio.to_thread(mavsdk.get_systems)}
                new = [(system, system_id) for system_id, system in found.items() if system_id not in known]
                known |= found.keys()
                for at in range(0, len(new), AT_A_TIME):
                    # Each waits for turns of this process's threads some hundred times: side by side, not one by one.
                    connecting = (asyncio.to_thread(self._connect, *one) for one in new[at : at + AT_A_TIME])
                    await asyncio.gather(*connecting)
            for system_id in self._identities.to_ask(self._clock.now_s()):
                self._ask_who(system_id)
            await asyncio.sleep(DISCOVERY_S)

    def _connect(self, system: System, system_id: int) -> None:
        self._wires[system_id] = MavsdkWire(system, system_id, self._own_ids)

    def _frame_heard(self, system_id: int, component_id: int, frame: bytes) -> None:
        """In the reading thread. Whom mavsdk has not found yet cannot be spoken to, and counts as not heard."""
        if system_id not in self._wires:
            return
        read = self._reader.read(frame)
        if read is None:
            return
        name, fields = read
        try:
            self._take(system_id, name, component_id, fields)
        except (KeyError, ValueError, TypeError, AttributeError):
            log.exception("A %s of system %d could not be read.", name, system_id)

    def _take(self, system_id: int, name: str, component_id: int, fields: Fields) -> None:
        """One message, in the reading thread: of an asset, or of a stranger."""
        now_s = self._clock.now_s()
        if component_id == common.AUTOPILOT_COMPONENT:
            asset_id = self._identities.owner(system_id, name, fields, now_s)
        else:
            asset_id = self._identities.owner_now(system_id)
        if asset_id is None:
            if name in STRANGER_MESSAGES:
                self._strangers.on_message(system_id, name, fields, now_s)
            return
        actor = self._actors[asset_id]
        if name in actor.cache.messages:
            actor.cache.on_message(name, component_id, fields, now_s)
        if name == ADSB_VEHICLE:
            self._heard_traffic(actor.commander.name, fields, now_s)

    def _found(self, asset_id: str, system_id: int | None) -> None:
        """An asset was found behind a system id, or is not known to be there any more."""
        actor = self._actors[asset_id]
        if system_id is None:
            actor.commander.wire = None
            return
        actor.cache.system_id = system_id
        self._by_system_id[system_id] = actor
        self._transport.protect(system_id)
        wire = self._wires.get(system_id)
        if wire is not None:
            wire.parameters.as_bits = actor.commander.kind.integers_as_bits
        actor.commander.wire = wire

    def _ask_who(self, system_id: int) -> None:
        """The one thing that an aircraft is asked before it is known whose it is; it moves nothing."""
        wire = self._wires.get(system_id)
        if wire is None:
            return
        try:
            target = (system_id, common.AUTOPILOT_COMPONENT)
            wire.send(*command_message(target, common.Cmd.REQUEST_MESSAGE, (float(AUTOPILOT_VERSION_ID),), None, 0))
        except WireError as error:
            log.warning("%s", error)

    def _heard_traffic(self, source: str, fields: Fields, now_s: float) -> None:
        """Called in the reading thread."""
        heard = intruder(fields, source, now_s)
        if heard is not None and self._on_traffic is not None:
            self._on_traffic(heard, now_s)


def _check_system_ids(assets: Sequence[Asset], own_system_id: int) -> None:
    names: dict[int, str] = {}
    for asset in assets:
        if asset.system_id is None:
            continue
        if asset.system_id == own_system_id:
            raise ValueError(f"{asset.name} has the system id {own_system_id}, which is this service's own.")
        if asset.system_id in names:
            raise ValueError(f"{names[asset.system_id]} and {asset.name} both have the system id {asset.system_id}.")
        names[asset.system_id] = asset.name


_LEVELS = {
    LogLevel.DEBUG: logging.DEBUG,
    LogLevel.INFO: logging.DEBUG,
    LogLevel.WARN: logging.INFO,
    LogLevel.ERROR: logging.INFO,  # one a second for a TCP link that nobody answers; `link_problems` says the rest
}


def _log_mavsdk(level: LogLevel, message: str, file: str | None, line: int) -> bool:
    """mavsdk prints to the terminal unless its log is taken."""
    log.log(_LEVELS[level], "mavsdk: %s", message)
    return True
