"""The simulated camera over its sockets: RTSP as real readers speak it, and MAVLink as an autopilot does."""

import contextlib
import itertools
import math
import socket
import time
from collections.abc import Callable, Iterator, Mapping

import av
import pytest
from pymavlink.dialects.v20 import common as mavlink

from sim.camera import timecode
from sim.camera.encoder import VideoFormat
from sim.camera.pose import Attitude, attitude_from_quaternion, quaternion_from_attitude
from sim.camera.running import CameraHandle, running_cameras
from sim.camera.site import CameraSpec, Place
from sim.camera.timecode import TimeCode

VIDEO = VideoFormat(480, 270, 20, 800_000)
DOCK = Place(32.2217, -110.9265, 768.0)
SPECS = [CameraSpec(f"sky-{i}", f"SKY-{i}", DOCK, f"sky-{i}", video=VIDEO) for i in (1, 2)]


@pytest.fixture(scope="module")
def cameras() -> Iterator[Mapping[str, CameraHandle]]:
    with running_cameras(SPECS) as running:
        yield running


@contextlib.contextmanager
def reading(url: str, transport: str = "tcp") -> Iterator[av.container.InputContainer]:
    container = av.open(url, options={"rtsp_transport": transport, "analyzeduration": "200000"}, timeout=10)
    try:
        yield container
    finally:
        container.close()


def read_codes(url: str, count: int, transport: str = "tcp") -> list[tuple[int, TimeCode]]:
    """Presentation time (90 kHz) and time code of `count` pictures."""
    found = []
    with reading(url, transport) as container:
        for frame in container.decode(video=0):
            code = timecode.decode(frame.to_ndarray(format="gray"))
            assert code is not None
            found.append((frame.pts or 0, code))
            if len(found) == count:
                break
    return found


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_pictures_arrive_with_their_time_codes(cameras: Mapping[str, CameraHandle], transport: str) -> None:
    before_ms = time.time() * 1000
    found = read_codes(cameras["sky-1"].url, 30, transport)
    for (early_pts, early), (late_pts, late) in itertools.pairwise(found):
        steps = (late.frame - early.frame) % 1024
        assert steps >= 1
        assert late_pts - early_pts == steps * 90_000 // VIDEO.frames_per_second
        assert late.utc_ms > early.utc_ms
    assert before_ms - 1 <= found[0][1].utc_ms <= found[-1][1].utc_ms <= time.time() * 1000


def test_several_watch_at_once_and_nobody_costs_nothing(cameras: Mapping[str, CameraHandle]) -> None:
    camera = cameras["sky-1"]
    with reading(camera.url) as one, reading(camera.url, "udp") as other:
        assert next(one.decode(video=0)).width == next(other.decode(video=0)).width == VIDEO.width_px
        assert camera.viewers == 2
    eventually(lambda: camera.viewers == 0)
    eventually(lambda: rests(camera))


def test_a_source_that_vanishes_and_returns(cameras: Mapping[str, CameraHandle]) -> None:
    camera = cameras["sky-2"]
    with reading(camera.url) as container:
        pictures = container.decode(video=0)
        next(pictures)
        camera.stop()
        with contextlib.suppress(av.FFmpegError):
            assert len(list(itertools.islice(pictures, 200))) < 200, "the stream must end"
    with pytest.raises(av.HTTPNotFoundError):
        av.open(camera.url, options={"rtsp_transport": "tcp"}, timeout=5)
    camera.start()
    assert len(read_codes(camera.url, 3)) == 3


def test_a_source_that_freezes_keeps_the_connection(cameras: Mapping[str, CameraHandle]) -> None:
    camera = cameras["sky-2"]
    with reading(camera.url) as container:
        pictures = container.decode(video=0)
        next(pictures)
        camera.freeze()
        eventually(lambda: rests(camera))
        assert camera.viewers == 1
        camera.freeze(False)
        for _ in range(20):
            next(pictures)


class Rtsp:
    """A hand-made RTSP client."""

    def __init__(self, url: str) -> None:
        host, port = url.split("/")[2].split(":")
        self.url, self._number = url, 0
        self.socket = socket.create_connection((host, int(port)), timeout=5)
        self._file = self.socket.makefile("rb")

    def ask(self, method: str, path: str = "", **headers: str) -> tuple[int, dict[str, str], str]:
        self._number += 1
        lines = [f"{method} {self.url}{path} RTSP/1.0", f"CSeq: {self._number}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while (first := self._file.read(1)) == b"$":
            self.rest_of_packet()
        status = int((first + self._file.readline()).split()[1])
        answer = {}
        while line := self._file.readline().decode().strip():
            name, _, value = line.partition(":")
            answer[name.lower()] = value.strip()
        assert answer["cseq"] == str(self._number)
        return status, answer, self._file.read(int(answer.get("content-length", 0))).decode()

    def rest_of_packet(self) -> tuple[int, bytes]:
        channel, high, low = self._file.read(3)
        return channel, self._file.read(high << 8 | low)

    def packet(self) -> tuple[int, bytes]:
        """Channel and content of the next interleaved packet."""
        assert self._file.read(1) == b"$"
        return self.rest_of_packet()

    def play(self) -> str:
        _, answer, _ = self.ask("SETUP", "/trackID=0", Transport="RTP/AVP/TCP;unicast;interleaved=4-5")
        assert "interleaved=4-5" in answer["transport"]
        session = answer["session"].partition(";")[0]
        status, answer, _ = self.ask("PLAY", Session=session)
        assert status == 200
        assert "seq=" in answer["rtp-info"]
        return session


@pytest.fixture
def rtsp(cameras: Mapping[str, CameraHandle]) -> Iterator[Rtsp]:
    client = Rtsp(cameras["sky-1"].url)
    yield client
    client.socket.close()


def test_the_description_is_what_a_browser_relay_needs(rtsp: Rtsp) -> None:
    assert "DESCRIBE" in rtsp.ask("OPTIONS")[1]["public"]
    status, headers, sdp = rtsp.ask("DESCRIBE", Accept="application/sdp")
    assert status == 200
    assert headers["content-type"] == "application/sdp"
    assert headers["content-base"] == rtsp.url + "/"
    assert "packetization-mode=1" in sdp
    assert "profile-level-id=42c0" in sdp.lower()
    assert "sprop-parameter-sets=" in sdp


def test_a_session_from_setup_to_teardown(rtsp: Rtsp) -> None:
    session = rtsp.play()
    channel, report = rtsp.packet()
    assert (channel, report[1]) == (5, 200), "a sender report comes first, so that a reader can map times at once"
    channel, head = rtsp.packet()
    assert (channel, head[12] & 31) == (4, 24), "the first picture begins with its parameter sets"
    assert rtsp.ask("GET_PARAMETER", Session=session)[0] == 200
    assert rtsp.ask("TEARDOWN", Session=session)[0] == 200


def test_what_it_does_not_serve_is_refused_by_the_right_number(rtsp: Rtsp) -> None:
    assert rtsp.ask("DESCRIBE", "-unknown")[0] == 404
    assert rtsp.ask("RECORD")[0] == 501
    assert rtsp.ask("PLAY", Session="nobody")[0] == 454
    for transport in (
        "RTP/AVP;multicast;client_port=5000-5001",
        "RAW/RAW/UDP",
        "RTP/AVP/TCP;interleaved=300-301",
        "RTP/AVP;client_port=0-1",
    ):
        assert rtsp.ask("SETUP", "/trackID=0", Transport=transport)[0] == 461, transport
    rtsp.play()
    assert rtsp.ask("SETUP", "/trackID=0", Transport="RTP/AVP/TCP;interleaved=0-1")[0] == 455


@pytest.mark.parametrize(
    "noise", [b"\0" * 5000, b"GET / HTTP/1.1\r\n\r\n", b"x" * 20_000, b"A B RTSP/1.0\r\nContent-Length: -4\r\n\r\n"]
)
def test_noise_ends_that_connection_alone(cameras: Mapping[str, CameraHandle], noise: bytes) -> None:
    client = Rtsp(cameras["sky-1"].url)
    client.socket.sendall(noise)
    client.socket.shutdown(socket.SHUT_WR)
    with contextlib.suppress(ConnectionResetError):
        while client.socket.recv(4096):
            pass
    client.socket.close()
    assert len(read_codes(cameras["sky-1"].url, 2)) == 2


def eventually(is_so: Callable[[], bool], within_s: float = 8.0) -> None:
    deadline_s = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline_s, "it did not come about"
        time.sleep(0.02)


def rests(camera: CameraHandle) -> bool:
    """Whether the camera makes no picture for six of its intervals."""
    made = camera.counts.pictures
    time.sleep(6 / VIDEO.frames_per_second)
    return camera.counts.pictures == made


class Autopilot:
    """What an aircraft sends on its payload link, and what it hears back."""

    def __init__(self, port: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self._to = ("127.0.0.1", port)
        self._sender = mavlink.MAVLink(None, srcSystem=42, srcComponent=1)
        self._parser = mavlink.MAVLink(None)
        self.heard: dict[str, mavlink.MAVLink_message] = {}

    def send(self, message: mavlink.MAVLink_message) -> None:
        self.socket.sendto(message.pack(self._sender), self._to)

    def send_pose(self, yaw_rad: float = 0.0) -> None:
        self.send(mavlink.MAVLink_attitude_message(0, 0.0, 0.0, yaw_rad, 0.0, 0.0, 0.0))
        place = (round(32.2217e7), round(-110.9265e7), 828_000, 60_000)
        self.send(mavlink.MAVLink_global_position_int_message(0, *place, 0, 0, 0, 65535))

    def listen(self) -> dict[str, mavlink.MAVLink_message]:
        with contextlib.suppress(BlockingIOError):
            while True:
                for message in self._parser.parse_buffer(self.socket.recv(4096)) or []:
                    self.heard[message.get_type()] = message
        return self.heard


@pytest.fixture
def aircraft() -> Iterator[Autopilot]:
    with running_cameras(SPECS[:1]) as running:
        autopilot = Autopilot(running["sky-1"].payload_port)
        yield autopilot
        autopilot.socket.close()


def test_it_is_the_gimbal_of_an_aircraft_without_one(aircraft: Autopilot) -> None:
    def spoken(kind: str) -> bool:
        aircraft.send_pose(yaw_rad=1.0)
        return kind in aircraft.listen()

    eventually(lambda: spoken("GIMBAL_DEVICE_ATTITUDE_STATUS"))
    eventually(lambda: spoken("GIMBAL_DEVICE_INFORMATION"))
    heartbeat = aircraft.heard["HEARTBEAT"]
    assert heartbeat.type == mavlink.MAV_TYPE_GIMBAL
    assert (heartbeat.get_srcSystem(), heartbeat.get_srcComponent()) == (42, 154)
    aircraft.heard.clear()
    request = (42, 154, mavlink.MAV_CMD_REQUEST_MESSAGE, 0, mavlink.MAVLINK_MSG_ID_GIMBAL_DEVICE_INFORMATION)
    aircraft.send(mavlink.MAVLink_command_long_message(*request, 0, 0, 0, 0, 0, 0))
    eventually(lambda: spoken("COMMAND_ACK") and aircraft.heard["COMMAND_ACK"].result == mavlink.MAV_RESULT_ACCEPTED)
    wanted = quaternion_from_attitude(Attitude(0, math.radians(-40), math.radians(20)))
    lock = mavlink.GIMBAL_DEVICE_FLAGS_YAW_LOCK
    aircraft.send(
        mavlink.MAVLink_gimbal_device_set_attitude_message(42, 154, lock, wanted, math.nan, math.nan, math.nan)
    )

    def points_there() -> bool:
        if not spoken("GIMBAL_DEVICE_ATTITUDE_STATUS"):
            return False
        status = aircraft.heard["GIMBAL_DEVICE_ATTITUDE_STATUS"]
        now = attitude_from_quaternion(*status.q)
        earth = status.flags & mavlink.GIMBAL_DEVICE_FLAGS_YAW_IN_EARTH_FRAME
        return bool(earth) and abs(math.degrees(now.pitch_rad) + 40) < 0.1 and abs(math.degrees(now.yaw_rad) - 20) < 0.1

    eventually(points_there)


def test_it_leaves_the_part_to_a_gimbal_of_the_aircrafts_own(aircraft: Autopilot) -> None:
    def silent_beside_a_gimbal() -> None:
        q = quaternion_from_attitude(Attitude(0, -0.5, 0))
        status = mavlink.MAVLink_gimbal_device_attitude_status_message(0, 0, 0, 12, q, 0, 0, 0, 0)
        aircraft.send_pose()
        aircraft.send(status)

    began_s = time.monotonic()
    while time.monotonic() < began_s + 2.6:
        silent_beside_a_gimbal()
        time.sleep(0.1)
    heard = aircraft.listen()
    senders = {message.get_srcComponent() for message in heard.values()}
    assert senders <= {mavlink.MAV_COMP_ID_CAMERA}, "a camera it is, a gimbal it is not"
    assert "GIMBAL_DEVICE_ATTITUDE_STATUS" not in heard


def test_the_picture_follows_the_pose(aircraft: Autopilot) -> None:
    """Straight up there is sky alone, straight down there is none."""
    with running_cameras([CameraSpec("sky-9", "SKY-9", DOCK, "sky-9", video=VIDEO)]) as running:
        autopilot = Autopilot(running["sky-9"].payload_port)

        def blueness(pitch_deg: float) -> float:
            q = quaternion_from_attitude(Attitude(0, math.radians(pitch_deg), 0))
            status = mavlink.MAVLink_gimbal_device_attitude_status_message(0, 0, 0, 12, q, 0, 0, 0, 0)
            with reading(running["sky-9"].url) as container:
                for number, frame in enumerate(container.decode(video=0)):
                    autopilot.send_pose()
                    autopilot.send(status)
                    if number >= 25:
                        part = frame.to_ndarray(format="bgr24")[60:200].astype(int)
                        return float((part[..., 0] - part[..., 2]).mean())
            raise AssertionError("the stream ended")

        assert blueness(45) > 40
        assert blueness(-90) < 15
        autopilot.socket.close()
