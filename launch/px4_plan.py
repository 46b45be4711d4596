"""Which PX4 instances stand in for the assets of a site: numbers, ports, home, parameters. Pure."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".state" / "px4"
MODEL = "sihsim_quadx"

# PX4's own numbers (init.d-posix/px4-rc.mavlink); the instance's number is added, except to the last.
AUTOPILOT_PORT = 14580
PAYLOAD_AUTOPILOT_PORT = 14280
PAYLOAD_PORT = 14030
GROUND_STATION_AUTOPILOT_PORT = 18570
GROUND_STATION_PORT = 14550

# For a simulated aircraft, where its airframe's file does not say otherwise: log only while armed and only the default
# topics; the gimbal is a MAVLink device on the camera's link, which the simulated camera is.
SITL_PARAMETERS: Mapping[str, int | float] = {"SDLOG_MODE": 0, "SDLOG_PROFILE": 1, "MNT_MODE_IN": 4, "MNT_MODE_OUT": 2}

# What PX4's start script sets itself once it has read ours: 1.16 and 1.17 number their systems by instance, and
# lengthen these timeouts by the speed.
SET_AGAIN = ("MAV_SYS_ID", "COM_DL_LOSS_T", "COM_RC_LOSS_T", "COM_OF_LOSS_T", "COM_OBC_LOSS_T")

Parameters = Mapping[str, int | float]


class CannotStart(Exception):
    """Sentences for the person who started it: what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One PX4 to start. Altitude in metres above mean sea level, position in WGS84 degrees."""

    number: int
    asset_id: str
    system_id: int
    latitude_deg: float
    longitude_deg: float
    altitude_amsl_m: float
    link_host: str
    link_port: int
    parameters: Parameters

    @property
    def payload_port(self) -> int:
        """Where a camera listens for this aircraft's pose and gimbal."""
        return PAYLOAD_PORT + self.number

    @property
    def directory(self) -> Path:
        """Its working directory, emptied at each start."""
        return STATE / f"instance-{self.number}"

    @property
    def log(self) -> Path:
        """What it prints."""
        return self.directory / "px4.log"


def airframe_parameters(airframe: str, document: Mapping[str, Any]) -> Parameters:
    """The parameters of firmware_configs/<airframe>/parameters.toml: a table a parameter, its number under `value`."""
    parameters: dict[str, int | float] = {}
    for name, table in document.items():
        value = table.get("value") if isinstance(table, Mapping) else None
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not is_number or not re.fullmatch(r"[A-Z][A-Z0-9_]{0,15}", name):
            raise CannotStart(
                f"firmware_configs/{airframe}/parameters.toml: [{name}] is not a PX4 parameter with a number under "
                "`value`. Write the parameter's name as the table and its number under value."
            )
        parameters[name] = value
    return parameters


def plan(
    site: Mapping[str, Any], parameters_of: Callable[[str], Parameters], count: int | None = None
) -> tuple[Instance, ...]:
    """The instances for the first `count` (default: all) assets of a site whose link listens on UDP.

    `parameters_of` gives the parameters of an airframe. Raises CannotStart for a site that PX4 cannot be pointed at.
    """
    docks = {dock["id"]: dock for dock in site.get("docks", ())}
    assets = [asset for asset in site.get("assets", ()) if str(asset.get("link", "")).startswith("udpin://")]
    if not assets:
        raise CannotStart('The site has no asset whose link begins with "udpin://", which is where PX4 sends to.')
    if count is not None and not 1 <= count <= len(assets):
        raise CannotStart(f"--count {count} cannot be met: the site has {len(assets)} assets with a udpin:// link.")
    instances = tuple(
        _instance(number, asset, docks, parameters_of) for number, asset in enumerate(assets[:count], start=1)
    )
    _refuse_shared_numbers(instances)
    return instances


def _instance(
    number: int, asset: Mapping[str, Any], docks: Mapping[str, Any], parameters_of: Callable[[str], Parameters]
) -> Instance:
    name = asset.get("id", f"number {number}")
    link = re.fullmatch(r"udpin://([0-9.]*):(\d{1,5})", asset["link"])
    if link is None or not 0 < int(link[2]) < 65536:
        raise CannotStart(f'The link of asset {name} is "{asset["link"]}"; it must be udpin://IPv4 address:port.')
    try:
        dock = docks[asset["dock"]]
        return Instance(
            number=number,
            asset_id=asset["id"],
            system_id=asset["system_id"],
            latitude_deg=float(dock["latitude_deg"]),
            longitude_deg=float(dock["longitude_deg"]),
            altitude_amsl_m=float(dock["altitude_amsl_m"]),
            link_host="127.0.0.1" if link[1] in ("", "0.0.0.0") else link[1],
            link_port=int(link[2]),
            parameters=parameters_of(asset["airframe"]),
        )
    except KeyError as missing:
        raise CannotStart(f"Asset {name}: the site's file has no {missing}. `dfr check` names every error.") from None


def _refuse_shared_numbers(instances: Sequence[Instance]) -> None:
    links = [(f"udp port {instance.link_port}", instance) for instance in instances]
    own = [(f"udp port {port}", instance) for instance in instances for port in own_ports(instance)]
    payload = [(f"udp port {instance.payload_port}", instance) for instance in instances]
    systems = [(f"system id {instance.system_id}", instance) for instance in instances]
    taken: dict[str, str] = {f"udp port {GROUND_STATION_PORT}": "the ground station link of every PX4"}
    for what, instance in links + own + payload + systems:
        if what in taken:
            raise CannotStart(f"{what} is wanted by {taken[what]} and by asset {instance.asset_id}. Give each its own.")
        taken[what] = f"asset {instance.asset_id}"


def own_ports(instance: Instance) -> tuple[int, ...]:
    """The UDP ports that this PX4 itself binds."""
    bases = (AUTOPILOT_PORT, PAYLOAD_AUTOPILOT_PORT, GROUND_STATION_AUTOPILOT_PORT)
    return tuple(base + instance.number for base in bases)


def all_parameters(instance: Instance) -> Parameters:
    """Every parameter that this PX4 starts with beside its own defaults."""
    return {**SITL_PARAMETERS, **instance.parameters, "MAV_SYS_ID": instance.system_id}


def environment(instance: Instance, speed: float) -> dict[str, str]:
    """What PX4's start script reads (rcS): model, home, speed, and PX4_PARAM_<name> for each parameter."""
    variables = {
        "PX4_SIM_MODEL": MODEL,
        "PX4_HOME_LAT": repr(instance.latitude_deg),
        "PX4_HOME_LON": repr(instance.longitude_deg),
        "PX4_HOME_ALT": repr(instance.altitude_amsl_m),
    }
    if speed != 1.0:
        variables["PX4_SIM_SPEED_FACTOR"] = f"{speed:g}"
    return variables | {f"PX4_PARAM_{name}": repr(value) for name, value in all_parameters(instance).items()}


def simulator_script(instance: Instance) -> str:
    """px4-rc.simulator for this instance, found as `mavlink_script` is: the last that is read before PX4's commander
    starts, which takes its system id once. It goes on to PX4's own."""
    parameters = all_parameters(instance)
    again = [f"param set {name} {parameters[name]!r}" for name in SET_AGAIN if name in parameters]
    return "\n".join(["#!/bin/sh", *again, ". ${R}etc/init.d-posix/px4-rc.simulator", ""])


def mavlink_script(instance: Instance) -> str:
    """px4-rc.mavlink for this instance; PX4's start script takes one found earlier on PATH in place of its own.

    PX4's own would send to ports counted from 14540, and would give the camera 4 kB/s: a position each few seconds.
    """
    own, payload, ground_station = own_ports(instance)
    streams = {
        "GLOBAL_POSITION_INT": 25,
        "ATTITUDE": 50,
        "AUTOPILOT_STATE_FOR_GIMBAL_DEVICE": 10,
        "GIMBAL_DEVICE_SET_ATTITUDE": 20,
        "GIMBAL_DEVICE_ATTITUDE_STATUS": 20,
    }
    return "\n".join(
        [
            "#!/bin/sh",
            "# The link of the site's asset.",
            f"mavlink start -x -u {own} -r 4000000 -f -m onboard -t {instance.link_host} -o {instance.link_port}",
            "# The camera: pose and gimbal.",
            f"mavlink start -x -u {payload} -r 100000 -f -m custom -o {instance.payload_port}",
            *(f"mavlink stream -u {payload} -s {name} -r {rate}" for name, rate in streams.items()),
            "# Any ground station program beside it.",
            f"mavlink start -x -u {ground_station} -r 100000 -f -o {GROUND_STATION_PORT}",
            "",
        ]
    )
