"""All frames between the links and mavsdk: whom to believe, whom to answer where, and our own numbering and signatures.

mavsdk 4.1 cannot sign, and opens its own sockets without saying who was heard on which. So it has none here: one raw://
connection, fed and emptied by this file, with signing and without. It is fed what its own protocols go by and no more:
telemetry is read here (`messages`).
"""

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from mavsdk import Mavsdk

from dfr.core.clock import Clock, iso_utc
from dfr.fleet.mavlink import frames
from dfr.fleet.mavlink.frames import MAGIC_2, Deframer
from dfr.fleet.mavlink.lines import Channel, Line
from dfr.fleet.mavlink.parameter_values import PARAM_VALUE_ID
from dfr.fleet.mavlink.signing import Signer

log = logging.getLogger(__name__)

RAW = "raw://"
FOR_MAVSDK = frozenset({0, 20, 22, 23, 40, 43, 44, 45, 47, 51, 73, 77, 111, 148, 345})
"""What it finds systems by and what its parameter and mission protocols hear: HEARTBEAT, PARAM_REQUEST_READ,
PARAM_VALUE, PARAM_SET, MISSION_REQUEST, MISSION_REQUEST_LIST, MISSION_COUNT, MISSION_CLEAR_ALL, MISSION_ACK,
MISSION_REQUEST_INT, MISSION_ITEM_INT, COMMAND_ACK, TIMESYNC, AUTOPILOT_VERSION, PARAM_ERROR."""
PING_ID = 4
"""mavsdk pings all systems for each system that it knows: with 200 aircraft 8,000 frames a second that nobody needs."""
AUTOPILOT_COMPONENT = 1
REMEMBER_S = 60.0
"""What was not believed is told for so long after it was last heard."""

OnHeartbeat = Callable[[int, str], None]
"""System id and place of an autopilot's heartbeat; called by the reading thread."""
OnParameter = Callable[[int, bytes], None]
"""System id and frame of an autopilot's PARAM_VALUE; called by the reading thread."""
OnFrame = Callable[[int, int, bytes], None]
"""System id, component id, and a frame that is believed; called by the reading thread."""
MaySend = Callable[[int, bytes], bool]
"""Whether a frame may go to a system id; called by whoever sends. mavsdk asks every aircraft that it hears of its own
accord, also those that are none of ours."""


@dataclass(frozen=True, slots=True)
class Disbelief:
    """Frames in the name of an aircraft that are not believed: why, from where, since when (UTC seconds), how many."""

    system_id: int
    why: str
    place: str
    since_s: float
    last_s: float
    count: int = 1

    def sentence(self, name: str) -> str:
        """`name` is the aircraft's."""
        return (
            f"Messages in the name of {name} (system id {self.system_id}) come {self.why} since "
            f"{iso_utc(self.since_s)[11:19]} UTC ({self.place}); they are not believed."
        )


class Transport:
    """Thread-safe: the reading thread brings frames in, mavsdk's threads and the event loop send."""

    def __init__(
        self,
        own_system_id: int,
        clock: Clock,
        signer: Signer | None,
        on_heartbeat: OnHeartbeat | None = None,
        on_parameter: OnParameter | None = None,
        may_send: MaySend = lambda system_id, frame: True,
        on_frame: OnFrame = lambda system_id, component_id, frame: None,
    ) -> None:
        self._own_system_id = own_system_id
        self._clock = clock
        self._signer = signer
        self._on_heartbeat = on_heartbeat
        self._on_parameter = on_parameter
        self._may_send = may_send
        self._on_frame = on_frame
        self._mavsdk: Mavsdk | None = None
        self._lines: tuple[Line, ...] = ()
        self._routes: dict[int, Channel] = {}
        self._protected: set[int] = set()
        self._disbelieved: dict[tuple[int, str], Disbelief] = {}
        self._signing: set[int] = set()
        self._lock = threading.Lock()

    @property
    def signs(self) -> bool:
        return self._signer is not None

    def attach(self, mavsdk: Mavsdk) -> None:
        """Let mavsdk hear and speak through this."""
        mavsdk.add_any_connection(RAW)
        mavsdk.subscribe_raw_bytes_to_be_sent(self._from_mavsdk)
        self._mavsdk = mavsdk

    def detach(self) -> None:
        """Nothing reaches mavsdk any more; before it is destroyed."""
        self._mavsdk = None

    def has_key_we_lack(self, system_id: int) -> bool:
        """Whether this autopilot signs, and we do not: it is heard, and takes no orders from us."""
        return self._signer is None and system_id in self._signing

    def protect(self, system_id: int) -> None:
        """An aircraft of the site: with signing, its frames are believed only when they are signed."""
        self._protected.add(system_id)

    def is_protected(self, system_id: int) -> bool:
        """Whether this id is a declared one or has sent a frame that was signed with the site's key."""
        return system_id in self._protected

    # -- lines -------------------------------------------------------------------------------------------------------

    def add(self, line: Line) -> None:
        with self._lock:
            self._lines = (*self._lines, line)

    def remove(self, line: Line) -> None:
        with self._lock:
            self._lines = tuple(one for one in self._lines if one is not line)

    def bytes_a_second(self, system_id: int) -> float | None:
        """This aircraft's share of the link it is heard on; None where that is not known to be slow."""
        channel = self._routes.get(system_id)
        whole = channel.line.url.bytes_a_second if channel is not None else None
        if channel is None or whole is None:
            return None
        sharing = sum(1 for other in list(self._routes.values()) if other.line.url == channel.line.url)
        return whole / max(1, sharing)

    def place(self, system_id: int) -> str:
        """Where an aircraft was heard last, "" for nowhere."""
        channel = self._routes.get(system_id)
        return "" if channel is None else channel.place

    # -- in ----------------------------------------------------------------------------------------------------------

    def take(self, channel: Channel, came: Iterable[bytes]) -> None:
        """Frames of one channel, in the reading thread."""
        for_mavsdk = []
        for frame in came:
            system_id, component_id = frames.source_of(frame)
            if system_id == self._own_system_id or (self._signer and not self._is_believed(channel, frame, system_id)):
                continue
            channel.frames += 1
            if component_id == AUTOPILOT_COMPONENT or system_id not in self._routes:
                self._routes[system_id] = channel
            if component_id == AUTOPILOT_COMPONENT:
                self._look_at(channel, system_id, frame)
            if frames.message_id(frame) in FOR_MAVSDK:
                for_mavsdk.append(frame)
            self._on_frame(system_id, component_id, frame)
        mavsdk = self._mavsdk
        if for_mavsdk and mavsdk is not None:
            mavsdk.pass_received_raw_bytes(b"".join(for_mavsdk))

    def _look_at(self, channel: Channel, system_id: int, frame: bytes) -> None:
        """What the driver reads itself of an autopilot's frames."""
        message_id = frames.message_id(frame)
        if message_id == frames.HEARTBEAT_ID:
            (self._signing.add if frames.is_signed(frame) else self._signing.discard)(system_id)
            if self._on_heartbeat:
                self._on_heartbeat(system_id, channel.place)
        elif message_id == PARAM_VALUE_ID and self._on_parameter:
            self._on_parameter(system_id, frame)

    def _is_believed(self, channel: Channel, frame: bytes, system_id: int) -> bool:
        """Strangers are shown as they are; whoever has once signed with our key is held to it."""
        assert self._signer is not None
        why = self._signer.problem(frame)
        if not why:
            if frames.is_signed(frame):
                self._protected.add(system_id)
            return True
        if system_id not in self._protected:
            return True
        now_s = self._clock.now_s()
        key = (system_id, why)
        known = self._disbelieved.get(key)
        if known is None or now_s - known.last_s > REMEMBER_S:
            known = Disbelief(system_id, why, channel.place, now_s, now_s, 0)
        self._disbelieved[key] = replace(known, place=channel.place, last_s=now_s, count=known.count + 1)
        return False

    def disbelieved(self, now_s: float) -> tuple[Disbelief, ...]:
        """What was not believed within the last minute, by system id."""
        return tuple(
            self._disbelieved[key]
            for key in sorted(self._disbelieved.copy())
            if now_s - self._disbelieved[key].last_s < REMEMBER_S
        )

    # -- out ---------------------------------------------------------------------------------------------------------

    def _from_mavsdk(self, data: bytes) -> None:
        for frame in Deframer().datagram(data):
            if frames.message_id(frame) != PING_ID:
                self.send(frame)

    def send(self, frame: bytes) -> None:
        """To the aircraft it is meant for, where that was last heard, or to everybody. Never blocks."""
        target = frames.target_of(frame)
        if target and not self._may_send(target, frame):
            return
        if target:
            channel = self._routes.get(target)
            channels: tuple[Channel, ...] = () if channel is None else (channel,)
        else:
            channels = tuple(channel for line in self._lines for channel in line.channels)
        for channel in channels:
            self._put(channel, frame)

    def _put(self, channel: Channel, frame: bytes) -> None:
        """Numbered for each channel, so that the aircraft's count of lost messages is true. Signed and written in one
        go: a frame that another thread's overtakes would be refused as a replay."""
        if frame[0] != MAGIC_2:
            log.warning("A MAVLink 1 frame was not sent: this service speaks MAVLink 2.")
            return
        with channel.line.sending:
            sequence = channel.sequence = (channel.sequence + 1) % 256
            if self._signer is None:
                channel.write(frames.renumbered(frame, sequence, signed=False))
            else:
                channel.write(self._signer.sign(frame, sequence, channel.line.number % 256, self._clock.now_s()))
