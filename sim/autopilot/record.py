#!/usr/bin/env python3
# ruff: noqa: RET503, PTH123
"""Fly one scenario on whatever autopilot listens at URL and write what it said, as JSON lines.

    record.py SCENARIO URL OUT.jsonl          e.g.  record.py dispatch udpin:127.0.0.1:14550 out.jsonl
    record.py --list

Origin: the recorder that made the PX4 traces in tests/flight/px4_reference, kept as it was but for layout.
The traces were made with it from PX4 itself (see the README there), so the same
command pointed at another autopilot, or at a simulator, gives a trace to lay beside them.

Each line is one event: {"t": seconds of the vehicle's own clock, "type": ..., fields...}.
Positions are degrees (WGS84), altitudes metres (amsl unless 'rel'), speeds m/s NED, yaw degrees.
"""

import json
import math
import sys
import time

from pymavlink import mavutil
from pymavlink.dialects.v20 import common as mavlink

SAMPLE_HZ = 4.0
FRAME_REL = mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT_INT


def enum(name, value):
    entry = mavlink.enums[name].get(value)
    return entry.name if entry else str(value)


class Vehicle:
    """A pymavlink link that logs every event it sees and can wait for one."""

    def __init__(self, url, out):
        self.link = mavutil.mavlink_connection(url, source_system=245, source_component=190)
        self.out = out
        self.now = 0.0  # vehicle clock, s
        self.mode = self.armed = self.landed = None
        self.pos = None  # (lat, lon, amsl, rel)
        self.vel = (0.0, 0.0, 0.0)
        self.mission_seq = None
        self.reached = set()
        self.battery = None
        self.last_sample = -1e9
        self.last_beat = 0.0
        self.beat = True
        self.home = None

    def log(self, type_, **fields):
        self.out.write(json.dumps({"t": round(self.now, 3), "type": type_, **fields}) + "\n")
        self.out.flush()

    def pump(self, timeout=0.05):
        if self.beat and time.time() - self.last_beat > 0.2:
            self.last_beat = time.time()
            self.link.mav.heartbeat_send(mavlink.MAV_TYPE_GCS, mavlink.MAV_AUTOPILOT_INVALID, 0, 0, 4)
        msg = self.link.recv_match(blocking=True, timeout=timeout)
        if msg is None or (msg.get_srcSystem() == 245):
            return None
        kind = msg.get_type()
        if hasattr(msg, "time_boot_ms") and kind in ("GLOBAL_POSITION_INT", "ATTITUDE", "LOCAL_POSITION_NED"):
            self.now = msg.time_boot_ms / 1e3
        if kind == "HEARTBEAT" and msg.autopilot != mavlink.MAV_AUTOPILOT_INVALID:
            mode, armed = mavutil.mode_string_v10(msg), bool(msg.base_mode & 128)
            if (mode, armed) != (self.mode, self.armed):
                self.mode, self.armed = mode, armed
                self.log(
                    "mode",
                    mode=mode,
                    armed=armed,
                    custom_mode=msg.custom_mode,
                    system_status=enum("MAV_STATE", msg.system_status),
                )
        elif kind == "GLOBAL_POSITION_INT":
            self.pos = (msg.lat / 1e7, msg.lon / 1e7, msg.alt / 1e3, msg.relative_alt / 1e3)
            self.vel = (msg.vx / 100, msg.vy / 100, msg.vz / 100)
            if self.now - self.last_sample >= 1 / SAMPLE_HZ - 1e-3:
                self.last_sample = self.now
                self.log(
                    "pos",
                    lat=self.pos[0],
                    lon=self.pos[1],
                    amsl=self.pos[2],
                    rel=self.pos[3],
                    vn=self.vel[0],
                    ve=self.vel[1],
                    vd=self.vel[2],
                    yaw=msg.hdg / 100,
                )
        elif kind == "EXTENDED_SYS_STATE":
            landed = enum("MAV_LANDED_STATE", msg.landed_state)
            if landed != self.landed:
                self.landed = landed
                self.log("landed", state=landed)
        elif kind == "STATUSTEXT":
            self.log("text", severity=msg.severity, text=msg.text)
        elif kind == "COMMAND_ACK":
            self.log(
                "ack",
                command=enum("MAV_CMD", msg.command),
                result=enum("MAV_RESULT", msg.result),
                progress=msg.progress,
                result_param2=msg.result_param2,
            )
        elif kind == "MISSION_CURRENT":
            if msg.seq != self.mission_seq:
                self.mission_seq = msg.seq
                self.log(
                    "mission_current", seq=msg.seq, total=msg.total, state=msg.mission_state, mode=msg.mission_mode
                )
        elif kind == "MISSION_ITEM_REACHED":
            self.reached.add(msg.seq)
            self.log("mission_reached", seq=msg.seq)
        elif kind == "MISSION_ACK":
            self.log("mission_ack", mission_type=msg.mission_type, result=enum("MAV_MISSION_RESULT", msg.type))
        elif kind == "HOME_POSITION" and self.home is None:
            self.home = (msg.latitude / 1e7, msg.longitude / 1e7, msg.altitude / 1e3)
            self.log("home", lat=self.home[0], lon=self.home[1], amsl=self.home[2])
        elif kind == "BATTERY_STATUS":
            if msg.battery_remaining != self.battery:
                self.battery = msg.battery_remaining
                self.log("battery", remaining=msg.battery_remaining, voltage=msg.voltages[0] / 1e3)
        elif kind == "FENCE_STATUS":
            self.log("fence_status", breach=msg.breach_status, kind=msg.breach_type)
        elif kind == "AUTOPILOT_VERSION":
            self.log("version", capabilities=msg.capabilities, flight_sw=msg.flight_sw_version)
        return msg

    def until(self, what, predicate, limit):
        """Pump until predicate() holds; log whether it did, and how long it took on the vehicle's clock."""
        start, wall = self.now, time.time()
        while time.time() - wall < limit:
            self.pump()
            if predicate():
                self.log("reached", what=what, after=round(self.now - start, 2))
                return True
        self.log("timeout", what=what, after=round(self.now - start, 2))
        return False

    def wait(self, seconds):
        start, wall = self.now, time.time()
        while self.now - start < seconds and time.time() - wall < seconds + 30:
            self.pump()

    def command(self, command, *params, integer=False, frame=FRAME_REL):
        params = list(params) + [0.0] * (7 - len(params))
        self.log(
            "send",
            command=enum("MAV_CMD", command),
            params=[None if isinstance(p, float) and math.isnan(p) else p for p in params],
        )
        if integer:
            self.link.mav.command_int_send(
                1, 1, frame, command, 0, 0, *params[:4], int(params[4] * 1e7), int(params[5] * 1e7), params[6]
            )
        else:
            self.link.mav.command_long_send(1, 1, command, 0, *params)
        wall = time.time()
        while time.time() - wall < 5:
            msg = self.pump()
            if msg and msg.get_type() == "COMMAND_ACK" and msg.command == command and msg.result != 5:
                return msg.result
        self.log("timeout", what="ack " + enum("MAV_CMD", command))
        return None

    def param(self, name, value, type_=None):
        self.link.mav.param_request_read_send(1, 1, name.encode(), -1)
        wall, kind = time.time(), None
        while time.time() - wall < 3 and kind is None:
            msg = self.pump()
            if msg and msg.get_type() == "PARAM_VALUE" and msg.param_id == name:
                kind = msg.param_type
        if kind is None:
            self.log("param", name=name, error="no such parameter")
            return False
        import struct

        raw = (
            struct.unpack("<f", struct.pack("<i", int(value)))[0]
            if kind == mavlink.MAV_PARAM_TYPE_INT32
            else float(value)
        )
        self.link.mav.param_set_send(1, 1, name.encode(), raw, kind)
        wall = time.time()
        while time.time() - wall < 3:
            msg = self.pump()
            if msg and msg.get_type() == "PARAM_VALUE" and msg.param_id == name:
                got = (
                    struct.unpack("<i", struct.pack("<f", msg.param_value))[0]
                    if kind == mavlink.MAV_PARAM_TYPE_INT32
                    else msg.param_value
                )
                self.log("param", name=name, value=got)
                return True
        return False

    def upload(self, mission_type, items):
        """items: (frame, command, current, autocontinue, p1, p2, p3, p4, lat, lon, alt)"""
        self.log(
            "upload",
            mission_type=mission_type,
            items=[[None if isinstance(v, float) and math.isnan(v) else v for v in i] for i in items],
        )
        self.link.mav.mission_count_send(1, 1, len(items), mission_type)
        wall = time.time()
        while time.time() - wall < 15:
            msg = self.pump()
            if msg is None:
                continue
            if msg.get_type() in ("MISSION_REQUEST_INT", "MISSION_REQUEST") and msg.mission_type == mission_type:
                f, c, cur, auto, p1, p2, p3, p4, lat, lon, alt = items[msg.seq]
                self.link.mav.mission_item_int_send(
                    1, 1, msg.seq, f, c, cur, auto, p1, p2, p3, p4, int(lat * 1e7), int(lon * 1e7), alt, mission_type
                )
            elif msg.get_type() == "MISSION_ACK" and msg.mission_type == mission_type:
                return msg.type
        self.log("timeout", what="mission upload")
        return None

    # -- helpers in metres -------------------------------------------------
    def offset(self, north, east, origin=None):
        lat, lon = (origin or self.home or self.pos)[:2]
        return (lat + north / 111320.0, lon + east / (111320.0 * math.cos(math.radians(lat))))

    def distance(self, lat, lon):
        dn = (self.pos[0] - lat) * 111320.0
        de = (self.pos[1] - lon) * 111320.0 * math.cos(math.radians(lat))
        return math.hypot(dn, de)

    def polygon(self, corners, inclusion=True):
        cmd = (
            mavlink.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION
            if inclusion
            else mavlink.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_EXCLUSION
        )
        return [
            (mavlink.MAV_FRAME_GLOBAL_INT, cmd, 0, 1, float(len(corners)), 0.0, 0.0, 0.0, *self.offset(n, e), 0.0)
            for n, e in corners
        ]

    def circle(self, north, east, radius, inclusion=False):
        cmd = mavlink.MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION if inclusion else mavlink.MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION
        return [(mavlink.MAV_FRAME_GLOBAL_INT, cmd, 0, 1, float(radius), 0.0, 0.0, 0.0, *self.offset(north, east), 0.0)]

    def ready(self):
        self.until("first position", lambda: self.pos is not None and self.mode is not None, 30)
        self.command(mavlink.MAV_CMD_REQUEST_MESSAGE, float(mavlink.MAVLINK_MSG_ID_AUTOPILOT_VERSION))
        for mid in (mavlink.MAVLINK_MSG_ID_HOME_POSITION,):
            self.command(mavlink.MAV_CMD_REQUEST_MESSAGE, float(mid))
        self.until("home known", lambda: self.home is not None, 30)

    def arm_when_ready(self, limit=60):
        wall = time.time()
        while time.time() - wall < limit:
            if self.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1.0) == 0:
                return True
            self.wait(2)
        return False

    def takeoff(self, height):
        self.command(
            mavlink.MAV_CMD_NAV_TAKEOFF,
            float("nan"),
            0.0,
            0.0,
            float("nan"),
            float("nan"),
            float("nan"),
            self.home[2] + height,
        )
        self.arm_when_ready()
        return self.until("height", lambda: self.pos[3] > height - 1.0, 60)

    def goto(self, north, east, height, speed=-1.0):
        lat, lon = self.offset(north, east)
        return self.command(
            mavlink.MAV_CMD_DO_REPOSITION,
            speed,
            1.0,
            0.0,
            float("nan"),
            lat,
            lon,
            self.home[2] + height,
            integer=True,
            frame=mavlink.MAV_FRAME_GLOBAL_INT,
        )

    def arrived(self, north, east, within=3.0):
        lat, lon = self.offset(north, east)
        return lambda: self.distance(lat, lon) < within

    def home_and_down(self):
        self.command(mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH)
        self.until("landed", lambda: self.landed == "MAV_LANDED_STATE_ON_GROUND" and not self.armed, 180)


NAN = float("nan")


def dispatch(v):
    """The main job: fence, take off, fly 400 m to an incident, orbit it, look at it, fly home, land."""
    v.ready()
    v.upload(1, v.polygon([(-600, -600), (-600, 600), (600, 600), (600, -600)]) + v.circle(200, -200, 60))
    v.takeoff(40)
    v.goto(400, 100, 40)
    v.until("on scene", v.arrived(400, 100), 120)
    lat, lon = v.offset(400, 100)
    v.command(
        mavlink.MAV_CMD_DO_SET_ROI_LOCATION,
        0,
        0,
        0,
        0,
        lat,
        lon,
        v.home[2],
        integer=True,
        frame=mavlink.MAV_FRAME_GLOBAL_INT,
    )
    v.command(
        mavlink.MAV_CMD_DO_ORBIT,
        30.0,
        3.0,
        0.0,
        0.0,
        lat,
        lon,
        v.home[2] + 40,
        integer=True,
        frame=mavlink.MAV_FRAME_GLOBAL_INT,
    )
    v.wait(40)
    v.home_and_down()


def mission(v):
    """A waypoint mission in AUTO.MISSION: take off, three legs with a speed change, hold 5 s, RTL."""
    v.ready()
    items = [
        (FRAME_REL, mavlink.MAV_CMD_NAV_TAKEOFF, 1, 1, 0.0, 0.0, 0.0, NAN, *v.offset(0, 0), 30.0),
        (mavlink.MAV_FRAME_MISSION, mavlink.MAV_CMD_DO_CHANGE_SPEED, 0, 1, 1.0, 10.0, -1.0, 0.0, 0.0, 0.0, 0.0),
    ]
    for n, e, hold in ((100, 0, 0.0), (100, 150, 0.0), (250, 150, 5.0)):
        items.append((FRAME_REL, mavlink.MAV_CMD_NAV_WAYPOINT, 0, 1, hold, 2.0, 0.0, NAN, *v.offset(n, e), 40.0))
    items.append(
        (mavlink.MAV_FRAME_MISSION, mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH, 0, 1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    )
    v.upload(0, items)
    v.command(mavlink.MAV_CMD_DO_SET_MODE, 1.0 + 128.0 - 128.0, 4.0, 4.0)  # base custom, AUTO, MISSION
    v.arm_when_ready()
    v.until("last leg", lambda: 4 in v.reached, 180)
    v.until("landed", lambda: v.landed == "MAV_LANDED_STATE_ON_GROUND" and not v.armed, 180)


def refusals(v):
    """What the autopilot refuses, and how: each command's ACK is the point."""
    v.ready()
    v.command(mavlink.MAV_CMD_NAV_LAND)  # on the ground, disarmed
    v.command(mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH)
    v.command(mavlink.MAV_CMD_DO_SET_MODE, 1.0, 4.0, 4.0)  # AUTO.MISSION with no mission
    v.goto(50, 0, 30)  # disarmed
    v.command(31999)  # unknown command
    v.upload(1, v.polygon([(0, 0), (10, 10)]))  # two vertices are no polygon
    v.upload(1, v.polygon([(-300, -300), (-300, 300), (300, 300), (300, -300)]))
    v.upload(0, [(99, mavlink.MAV_CMD_NAV_WAYPOINT, 1, 1, 0.0, 2.0, 0.0, NAN, *v.offset(10, 0), 20.0)])  # bad frame
    far = [
        (FRAME_REL, mavlink.MAV_CMD_NAV_TAKEOFF, 1, 1, 0.0, 0.0, 0.0, NAN, *v.offset(0, 0), 30.0),
        (FRAME_REL, mavlink.MAV_CMD_NAV_WAYPOINT, 0, 1, 0.0, 2.0, 0.0, NAN, *v.offset(700, 0), 30.0),
    ]
    v.upload(0, far)  # a leg outside the fence
    v.wait(2)
    v.command(mavlink.MAV_CMD_DO_SET_MODE, 1.0, 4.0, 4.0)
    v.wait(2)
    v.takeoff(30)
    v.goto(700, 0, 30)  # outside the fence, in the air
    v.wait(3)
    v.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 0.0)  # disarm in the air
    v.goto(100, 0, 30)
    v.until("on scene", v.arrived(100, 0), 60)
    v.upload(1, v.polygon([(-50, -50), (-50, 50), (50, 50), (50, -50)]))  # a fence that leaves the vehicle outside
    v.wait(5)
    v.command(mavlink.MAV_CMD_NAV_LAND)
    v.until("landed", lambda: v.landed == "MAV_LANDED_STATE_ON_GROUND" and not v.armed, 120)


def offboard(v, vn, ve, vd, until, limit):
    """Stream a NED velocity (m/s) at 10 Hz of wall time and fly it in OFFBOARD until `until` holds."""
    sent, asked, wall = 0.0, False, time.time()
    while time.time() - wall < limit:
        if time.time() - sent > 0.1:
            sent = time.time()
            v.link.mav.set_position_target_local_ned_send(
                0, 1, 1, mavlink.MAV_FRAME_LOCAL_NED, 0b010111000111, 0, 0, 0, vn, ve, vd, 0, 0, 0, 0, 0
            )
        v.pump()
        if not asked and time.time() - wall > 1.0:
            asked = True
            v.log("send", command="MAV_CMD_DO_SET_MODE", params=[1.0, 6.0, 0.0])
            v.link.mav.command_long_send(1, 1, mavlink.MAV_CMD_DO_SET_MODE, 0, 1.0, 6.0, 0.0, 0, 0, 0, 0)
        if asked and until():
            return v.log("reached", what="offboard over")
    v.log("timeout", what="offboard")


def breach(v, action):
    """Take off inside a 120 m inclusion circle, fly north out of it at 8 m/s, let the autopilot react."""
    v.ready()
    v.param("GF_ACTION", action)
    v.upload(1, v.circle(0, 0, 120, inclusion=True))
    v.takeoff(30)
    v.log("note", text="flying north at 8 m/s under OFFBOARD")
    offboard(
        v,
        8.0,
        0.0,
        0.0,
        lambda: (
            v.mode not in ("OFFBOARD", "TAKEOFF", "LOITER")
            or (v.pos and v.mode == "LOITER" and v.distance(*v.home[:2]) > 100)
        ),
        60,
    )


def fence_return(v):
    """An OFFBOARD flight leaves its inclusion circle with GF_ACTION=3 (Return)."""
    breach(v, 3)
    v.until("landed", lambda: v.landed == "MAV_LANDED_STATE_ON_GROUND" and not v.armed, 180)


def fence_stop(v):
    """The same breach with GF_ACTION=2 (Hold), then home."""
    breach(v, 2)
    v.wait(10)
    v.home_and_down()


def ceiling(v):
    """A reposition above GF_MAX_VER_DIST=50: acknowledged, then not flown."""
    v.ready()
    v.param("GF_ACTION", 2)
    v.param("GF_MAX_VER_DIST", 50.0)
    v.takeoff(30)
    v.goto(0, 0, 80)
    v.wait(15)
    v.goto(100, 0, 45)
    v.until("on scene", v.arrived(100, 0), 60)
    v.home_and_down()


def link_loss(v):
    """The ground station falls silent for 25 s in mid flight: NAV_DLL_ACT=RTL, COM_DL_LOSS_T=5."""
    v.ready()
    v.param("NAV_DLL_ACT", 2)
    v.param("COM_DL_LOSS_T", 5)
    v.takeoff(30)
    v.goto(300, 0, 30)
    v.wait(10)
    v.log("note", text="ground station heartbeats stop")
    v.beat = False
    v.until("mode left hold", lambda: v.mode not in ("LOITER",), 40)
    v.wait(5)
    v.log("note", text="ground station heartbeats resume")
    v.beat = True
    v.wait(5)
    v.until("landed", lambda: v.landed == "MAV_LANDED_STATE_ON_GROUND" and not v.armed, 180)


def battery(v):
    """A draining battery: COM_LOW_BAT_ACT=3 (return at critical, land at emergency), SIM_BAT_DRAIN=60 s."""
    v.ready()
    v.param("COM_LOW_BAT_ACT", 3)
    v.param("SIM_BAT_DRAIN", 60.0)
    v.param("SIM_BAT_MIN_PCT", 3.0)
    v.takeoff(30)
    v.goto(300, 0, 30)
    v.until("landed", lambda: v.landed == "MAV_LANDED_STATE_ON_GROUND" and not v.armed, 240)


def speeds(v):
    """Step responses: cruise 5, 10 and 15 m/s over 300 m legs, climb 30 m, descend 30 m, yaw; for timing a model."""
    v.ready()
    v.takeoff(30)
    for i, speed in enumerate((5.0, 10.0, 15.0)):
        v.command(mavlink.MAV_CMD_DO_CHANGE_SPEED, 1.0, speed, -1.0)
        n = 300 if i % 2 == 0 else 0
        v.goto(n, 0, 30, speed)
        v.until(f"leg at {speed}", v.arrived(n, 0, 1.5), 120)
        v.wait(4)
    v.goto(300, 0, 60)
    v.until("climb", lambda: v.pos[3] > 59.5, 60)
    v.wait(3)
    v.goto(300, 0, 30)
    v.until("descend", lambda: v.pos[3] < 30.5, 60)
    v.home_and_down()


SCENARIOS = {
    f.__name__: f for f in (dispatch, mission, refusals, fence_return, fence_stop, ceiling, link_loss, battery, speeds)
}


def main():
    if len(sys.argv) == 2 and sys.argv[1] == "--list":
        for name, f in SCENARIOS.items():
            print(f"{name:14} {f.__doc__}")
        return
    if len(sys.argv) != 4 or sys.argv[1] not in SCENARIOS:
        sys.exit(__doc__)
    with open(sys.argv[3], "w") as out:
        v = Vehicle(sys.argv[2], out)
        SCENARIOS[sys.argv[1]](v)
        v.log("end", scenario=sys.argv[1])


if __name__ == "__main__":
    main()
