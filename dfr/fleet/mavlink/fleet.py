"""All PX4 aircraft of the site on one mavsdk object: the `Fleet` that dispatch knows."""

import asyncio
import contextlib
import logging
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
from dfr.fleet.mavlink.actor import Actor
from dfr.fleet.mavlink.cache import Cache
from dfr.fleet.mavlink.commander import Commander, OnSent
from dfr.fleet.mavlink.decode import Fields
from dfr.fleet.mavlink.frames import heartbeat_frame
from dfr.fleet.mavlink.links import Links
from dfr.fleet.mavlink.signing import Signer
from dfr.fleet.mavlink.strangers import STRANGER_MESSAGES, Strangers
from dfr.fleet.mavlink.timing import Timing
from dfr.fleet.mavlink.traffic import ADSB_VEHICLE, intruder
from dfr.fleet.mavlink.transport import Transport
from dfr.fleet.mavlink.wire import MavsdkWire

log = logging.getLogger(__name__)

OWN_SYSTEM_ID = 245
OWN_COMPONENT_ID = 191
"""MAV_COMP_ID_ONBOARD_COMPUTER: no ground station, so mavsdk's own heartbeat does not keep PX4's data link alive."""
DISCOVERY_S = 0.2
STOP_S = 5.0


class MavlinkFleet:
    """Implements `dfr.dispatch.ports.Fleet`. Made and used in the event loop; `start` before, `stop` after.

    `links` is asset id to URL (`udpin://127.0.0.1:14541`, `serial:///dev/ttyUSB0:57600`); several assets may share one.
    `signer` has the site's MAVLink key: with it everything is signed, and declared aircraft are believed only signed.
    `parameter_files` is airframe name to the parameters that its aircraft must have. `on_sent` is called when a command
    is put on the wire. `on_traffic` is called (in mavsdk's thread) when an
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
        self._transport = Transport(own_system_id, clock, signer, self._heartbeat_heard)
        self._links = Links(links, self._transport)
        self._own_ids = (own_system_id, OWN_COMPONENT_ID)
        self._strangers = Strangers()
        timing = timing or Timing()
        self._actors: dict[str, Actor] = {}
        self._by_system_id: dict[int, Actor] = {}
        for asset in assets:
            cache = Cache(asset.id, asset.system_id, own_system_id, timing.link_lost_s)
            commander = Commander(asset, cache, clock, timing, self._own_ids, on_sent)
            actor = Actor(commander, on_outcome, parameter_files.get(asset.airframe.name), on_sent)
            self._transport.protect(asset.system_id)
            commander.link_bytes_a_second = partial(self._transport.bytes_a_second, asset.system_id)
            self._actors[asset.id] = self._by_system_id[asset.system_id] = actor
        self._heartbeat = heartbeat_frame(*self._own_ids)
        self._mavsdk: Mavsdk | None = None
        self._wires: dict[int, MavsdkWire] = {}
        self._tasks: list[asyncio.Task[None]] = []

    # -- the Fleet of dispatch -----------------------------------------------------------------------------------

    def telemetry(self) -> Mapping[str, Telemetry]:
        """The last values of every declared asset, by asset id."""
        return {
            asset_id: replace(actor.commander.telemetry(), link_problem=self._link_problem(asset_id, actor))
            for asset_id, actor in self._actors.items()
        }

    def _link_problem(self, asset_id: str, actor: Actor) -> str:
        asset = actor.commander.asset
        disbelieved = (
            one.sentence(asset.name)
            for one in self._transport.disbelieved(self._clock.now_s())
            if one.system_id == asset.system_id
        )
        return " ".join(sentence for sentence in (self._links.problem_of(asset_id), *disbelieved) if sentence)

    def strangers(self) -> tuple[Stranger, ...]:
        """Aircraft that are heard but not declared, and whoever sends in the name of one of ours."""
        now_s = self._clock.now_s()
        pretenders = (
            Stranger(one.system_id, one.last_s, None, one.sentence(self._name_of(one.system_id)))
            for one in self._transport.disbelieved(now_s)
        )
        return (*self._strangers.heard(now_s), *pretenders)

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
        sentence = f"No PX4 aircraft {request.asset_id} is declared; nothing was sent."
        self._on_outcome(Outcome(request.id, request.asset_id, OutcomeKind.FAILED, sentence, self._clock.now_s()))

    def let_go(self, asset_id: str) -> None:
        """End every order under way for this aircraft. Never blocks and never raises."""
        actor = self._actors.get(asset_id)
        if actor is not None:
            actor.let_go()

    def heartbeat(self) -> None:
        """HEARTBEAT of type GCS on every link: what PX4 takes for its data link. Called by the engine's loop alone."""
        self._transport.send(self._heartbeat)

    def _heartbeat_heard(self, system_id: int, place: str) -> None:
        actor = self._by_system_id.get(system_id)
        if actor is not None:
            actor.commander.cache.heard_at(place, self._clock.now_s())

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
                for system in await asyncio.to_thread(mavsdk.get_systems):
                    system_id = system.get_system_id()
                    if system_id not in known:
                        known.add(system_id)
                        await asyncio.to_thread(self._connect, system, system_id)
            await asyncio.sleep(DISCOVERY_S)

    def _connect(self, system: System, system_id: int) -> None:
        wire = MavsdkWire(system, system_id, self._own_ids)
        self._wires[system_id] = wire
        actor = self._by_system_id.get(system_id)
        if actor is None:
            take = self._strangers.on_message
            wire.subscribe(
                STRANGER_MESSAGES,
                lambda name, component_id, fields: take(system_id, name, fields, self._clock.now_s()),
            )
            return
        cache = actor.commander.cache
        wire.subscribe(
            cache.messages,
            lambda name, component_id, fields: cache.on_message(name, component_id, fields, self._clock.now_s()),
        )
        if self._on_traffic is not None:
            wire.subscribe((ADSB_VEHICLE,), partial(self._heard_traffic, actor.commander.name))
        actor.commander.wire = wire

    def _heard_traffic(self, source: str, name: str, component_id: int, fields: Fields) -> None:
        """Called in mavsdk's thread."""
        now_s = self._clock.now_s()
        heard = intruder(fields, source, now_s)
        if heard is not None and self._on_traffic is not None:
            self._on_traffic(heard, now_s)


def _check_system_ids(assets: Sequence[Asset], own_system_id: int) -> None:
    names: dict[int, str] = {}
    for asset in assets:
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
