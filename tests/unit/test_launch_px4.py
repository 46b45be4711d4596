"""launch/px4: which PX4 instances a site needs, which PX4 there is, and that none is left behind."""

import os
import signal
import socket
import subprocess
import sys
import time
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from launch import px4_find, px4_plan, px4_sitl
from launch.px4_plan import CannotStart, Instance

ROOT = Path(__file__).resolve().parents[2]
TUCSON = ROOT / "launch" / "sites" / "tucson" / "dfr.toml"


def site(*assets: dict[str, Any]) -> dict[str, Any]:
    docks = [{"id": "roof", "latitude_deg": 32.5, "longitude_deg": -110.25, "altitude_amsl_m": 740.0}]
    return {"docks": docks, "assets": list(assets)}


def asset(number: int, **changed: Any) -> dict[str, Any]:
    usual = {"id": f"sky-{number}", "dock": "roof", "system_id": 10 + number, "airframe": "quad"}
    return {**usual, "link": f"udpin://127.0.0.1:{14540 + number}", **changed}


def plan(*assets: dict[str, Any], count: int | None = None) -> tuple[Instance, ...]:
    return px4_plan.plan(site(*assets), lambda airframe: {"COM_DL_LOSS_T": 5, "RTL_RETURN_ALT": 45.0}, count)


def instance(number: int, **changed: Any) -> Instance:
    (only,) = plan(asset(1, **changed))
    names = ("asset_id", "system_id", "latitude_deg", "longitude_deg", "altitude_amsl_m", "link_host", "link_port")
    return Instance(number, *(getattr(only, name) for name in names), parameters=only.parameters)


# What is to be started


def test_each_asset_of_the_example_site_gets_its_dock_its_system_id_and_its_link() -> None:
    document = tomllib.loads(TUCSON.read_text())
    docks = {dock["id"]: dock for dock in document["docks"]}
    instances = px4_plan.plan(document, lambda airframe: {})
    assert [each.number for each in instances] == list(range(1, len(document["assets"]) + 1))
    for each, wanted in zip(instances, document["assets"], strict=True):
        dock = docks[wanted["dock"]]
        assert (each.asset_id, each.system_id) == (wanted["id"], wanted["system_id"])
        assert (each.latitude_deg, each.longitude_deg) == (dock["latitude_deg"], dock["longitude_deg"])
        assert each.altitude_amsl_m == dock["altitude_amsl_m"]
        assert wanted["link"] == f"udpin://{each.link_host}:{each.link_port}"
        assert each.payload_port == 14030 + each.number


@pytest.mark.parametrize("path", sorted((ROOT / "firmware_configs").glob("*/parameters.toml")), ids=str)
def test_the_parameters_of_every_airframe_can_be_given_to_px4(path: Path) -> None:
    document = tomllib.loads(path.read_text())
    assert dict(px4_plan.airframe_parameters(path.parent.name, document)).keys() == document.keys()


@pytest.mark.parametrize(
    "document",
    [
        {"COM_DL_LOSS_T": {"value": True}},
        {"COM_DL_LOSS_T": {"value": "5"}},
        {"COM_DL_LOSS_T": {"value": float("nan")}},
        {"COM_DL_LOSS_T": {"unit": "s"}},
        {"COM_DL_LOSS_T": 5},
        {"com_dl_loss_t": {"value": 5}},
        {"COM_DL_LOSS_T_TOO_LONG": {"value": 5}},
    ],
)
def test_what_is_not_a_parameter_is_refused_by_name(document: dict[str, Any]) -> None:
    (name,) = document
    with pytest.raises(CannotStart, match=name):
        px4_plan.airframe_parameters("quad", document)


def test_an_instance_is_told_its_home_its_system_id_and_its_airframes_parameters() -> None:
    (only,) = px4_plan.plan(
        site(asset(1)), lambda airframe: {"MAV_SYS_ID": 99, "SDLOG_MODE": 2, "RTL_RETURN_ALT": 45.0}
    )
    variables = px4_plan.environment(only, speed=1.0)
    assert variables["PX4_SIM_MODEL"] == "sihsim_quadx"
    assert (variables["PX4_HOME_LAT"], variables["PX4_HOME_LON"]) == ("32.5", "-110.25")
    assert variables["PX4_HOME_ALT"] == "740.0"
    assert variables["PX4_PARAM_MAV_SYS_ID"] == "11"
    assert variables["PX4_PARAM_SDLOG_MODE"] == "2"
    assert variables["PX4_PARAM_RTL_RETURN_ALT"] == "45.0"
    assert "PX4_SIM_SPEED_FACTOR" not in variables
    assert px4_plan.environment(only, speed=2.5)["PX4_SIM_SPEED_FACTOR"] == "2.5"


def test_what_px4s_start_script_sets_itself_is_set_again_before_its_commander_starts() -> None:
    one = replace(instance(3), system_id=13, parameters={"COM_DL_LOSS_T": 10, "COM_RC_LOSS_T": 0.5, "GF_ACTION": 2})
    assert px4_plan.simulator_script(one).splitlines()[1:] == [
        "param set MAV_SYS_ID 13",
        "param set COM_DL_LOSS_T 10",
        "param set COM_RC_LOSS_T 0.5",
        ". ${R}etc/init.d-posix/px4-rc.simulator",
    ]


def test_mavlink_goes_to_the_link_of_the_site_and_to_the_camera() -> None:
    script = px4_plan.mavlink_script(instance(7, link="udpin://0.0.0.0:15999"))
    starts = [line for line in script.splitlines() if line.startswith("mavlink start")]
    assert "-u 14587 " in starts[0]
    assert starts[0].endswith("-t 127.0.0.1 -o 15999")
    assert "-u 14287 " in starts[1]
    assert starts[1].endswith("-o 14037")
    assert starts[2].endswith("-o 14550")
    assert all(" -f " in start for start in starts), "a gimbal on the camera's link must be heard on the others"
    assert "mavlink stream -u 14287 -s GIMBAL_DEVICE_SET_ATTITUDE -r 20" in script


def test_count_takes_the_first_and_links_that_px4_cannot_send_to_are_passed_over() -> None:
    assets = (asset(1, link="serial:///dev/ttyUSB0:57600"), asset(2), asset(3))
    assert [(each.number, each.asset_id) for each in plan(*assets)] == [(1, "sky-2"), (2, "sky-3")]
    assert [each.asset_id for each in plan(*assets, count=1)] == ["sky-2"]


@pytest.mark.parametrize(
    ("assets", "count", "said"),
    [
        ([asset(1, link="tcpout://127.0.0.1:5760")], None, "udpin://"),
        ([asset(1)], 2, "1 assets"),
        ([asset(1)], 0, "--count 0"),
        ([asset(1, link="udpin://127.0.0.1")], None, "sky-1"),
        ([asset(1, link="udpin://127.0.0.1:70000")], None, "sky-1"),
        ([asset(1, dock="cellar")], None, "cellar"),
        ([{"id": "sky-9", "link": "udpin://127.0.0.1:14541"}], None, "dock"),
        ([asset(1), asset(2, link="udpin://127.0.0.1:14541")], None, "14541"),
        ([asset(1), asset(2, system_id=11)], None, "system id 11"),
        ([asset(1, link="udpin://127.0.0.1:14581")], None, "14581"),
        ([asset(1, link="udpin://127.0.0.1:14550")], None, "14550"),
    ],
)
def test_a_site_that_px4_cannot_stand_in_for_is_refused(assets: list[Any], count: int | None, said: str) -> None:
    with pytest.raises(CannotStart, match=said):
        plan(*assets, count=count)


# Which PX4


def build(base: Path, start_script: str = "PX4_PARAM_", program: str = "exit 0") -> Path:
    (base / "bin").mkdir(parents=True)
    (base / "bin" / "px4").write_text(f"#!/bin/sh\n{program}\n")
    (base / "bin" / "px4").chmod(0o755)
    (base / "etc" / "init.d-posix").mkdir(parents=True)
    (base / "etc" / "init.d-posix" / "rcS").write_text(start_script)
    return base


def test_a_built_checkout_and_an_installed_package_are_both_found(tmp_path: Path) -> None:
    build(tmp_path / "checkout" / "build" / "px4_sitl_default")
    build(tmp_path / "package")
    checkout = px4_find.find_px4({"PX4_DIR": str(tmp_path / "checkout")}, no_docker)
    package = px4_find.find_px4({"PX4_DIR": str(tmp_path / "package")}, no_docker)
    assert checkout.binary == tmp_path / "checkout/build/px4_sitl_default/bin/px4"
    assert (package.binary, package.data) == (tmp_path / "package/bin/px4", tmp_path / "package/etc")
    assert checkout.image is None


def no_docker(image: str) -> str | None:
    return f"docker has no {image}."


@pytest.mark.parametrize(
    ("kind", "said"),
    [("nothing", "holds no PX4"), ("unbuilt", "is not built"), ("old", "older than 1.16"), ("unset", "is not set")],
)
def test_without_a_px4_it_says_what_is_missing_and_how_to_get_it(tmp_path: Path, kind: str, said: str) -> None:
    if kind == "unbuilt":
        (tmp_path / "Makefile").touch()
    if kind == "old":
        build(tmp_path / "build" / "px4_sitl_default", start_script="param select $PARAM_FILE")
    environ = {} if kind == "unset" else {"PX4_DIR": str(tmp_path)}
    with pytest.raises(CannotStart, match=said) as problem:
        px4_find.find_px4(environ, no_docker)
    assert "make px4_sitl_default" in str(problem.value)
    assert "docker pull" in str(problem.value)
    assert ("docker has no px4io" in str(problem.value)) == (kind == "unset")


def test_the_container_image_is_used_when_docker_has_it_and_no_px4_dir_is_set() -> None:
    px4 = px4_find.find_px4({"PX4_IMAGE": "px4io/px4-sitl:v1.17.0"}, lambda image: None)
    words = px4_find.command(px4, instance(3), {"PX4_PARAM_MAV_SYS_ID": "11"})
    image = words.index("px4io/px4-sitl:v1.17.0")
    directory = instance(3).directory
    assert words[image + 1 :] == ["-i", "3", "-d", "/opt/px4/etc"]
    assert {"--rm", "--network=host", "--env=PX4_PARAM_MAV_SYS_ID=11", "--name=dfr-px4-3"} <= set(words[:image])
    assert f"--volume={directory}:{directory}" in words
    assert any(word.startswith(f"--env=PATH={directory}:") for word in words), "our MAVLink links come before PX4's"


def test_the_command_ends_with_2_and_starts_nothing_without_a_px4(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PX4_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setattr(px4_plan, "STATE", tmp_path / "state")
    assert px4_sitl.main(["--site", str(TUCSON.parent)]) == 2
    assert "holds no PX4" in capsys.readouterr().err
    assert px4_sitl.main(["--site", str(tmp_path)]) == 2
    assert "dfr.toml is not there" in capsys.readouterr().err
    assert not (tmp_path / "state").exists()


# Running: with a stand-in for the binary, which the real one is started exactly as


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> px4_sitl.Fleet:
    monkeypatch.setattr(px4_plan, "STATE", tmp_path / "state")
    program = f'echo "$PX4_PARAM_MAV_SYS_ID $@"; cat px4-rc.*; echo "{px4_sitl.STARTED}"; exec sleep 60'
    build(tmp_path / "px4", program=program)
    return px4_sitl.Fleet(px4_find.find_px4({"PX4_DIR": str(tmp_path / "px4")}, no_docker), speed=1.0)


def gone(pid: int, limit_s: float = 5.0) -> bool:
    until_s = time.monotonic() + limit_s
    while time.monotonic() < until_s:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


def test_a_started_px4_runs_in_an_emptied_directory_and_is_gone_after_stop(fleet: px4_sitl.Fleet) -> None:
    one = instance(190)
    one.directory.mkdir(parents=True)
    (one.directory / "parameters.bson").touch()
    fleet.start(one)
    try:
        fleet.wait_until_started()
        (running,) = fleet.running
        assert f"11 -i 190 -d {fleet.px4.data}" in running.printed
        assert "param set MAV_SYS_ID 11" in running.printed
        assert "-o 14541" in running.printed
        assert not (one.directory / "parameters.bson").exists(), "a fresh aircraft each time"
    finally:
        fleet.stop()
    assert gone(running.process.pid)


def test_a_px4_that_ends_at_start_is_told_with_the_end_of_its_log(fleet: px4_sitl.Fleet) -> None:
    fleet.px4.binary.write_text("#!/bin/sh\nseq 100\necho 'ERROR [init] Unknown model'\nexit 3\n")
    fleet.start(instance(191))
    try:
        with pytest.raises(CannotStart, match="sky-1") as problem:
            fleet.wait_until_started()
    finally:
        fleet.stop()
    said = str(problem.value)
    assert "code 3" in said
    assert said.endswith("ERROR [init] Unknown model")
    assert "    100\n" in said
    assert "    50\n" not in said


def test_one_that_ends_in_flight_is_told_and_leaves_the_others_running(fleet: px4_sitl.Fleet) -> None:
    for number in (194, 195):
        fleet.start(instance(number))
    try:
        fleet.wait_until_started()
        lost, other = fleet.running
        lost.process.kill()
        lost.process.wait(5)
        (words,) = fleet.take_ended()
        assert str(lost.instance.log) in words
        assert fleet.running == [other]
        assert other.process.poll() is None
        assert fleet.take_ended() == []
    finally:
        fleet.stop()


def test_a_taken_port_is_named_before_anything_is_started(fleet: px4_sitl.Fleet) -> None:
    one = instance(192)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", px4_plan.own_ports(one)[0]))
        with pytest.raises(CannotStart, match=str(px4_plan.own_ports(one)[0])):
            fleet.start(one)
    assert fleet.running == []
    assert not one.directory.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_no_px4_outlives_a_killed_launcher(tmp_path: Path) -> None:
    build(tmp_path / "px4", program="exec sleep 60")
    (tmp_path / "launcher.py").write_text(
        "import sys, time\n"
        "from pathlib import Path\n"
        "from launch import px4_find, px4_plan, px4_sitl\n"
        f"px4_plan.STATE = Path({str(tmp_path / 'state')!r})\n"
        f"px4 = px4_find.find_px4({{'PX4_DIR': {str(tmp_path / 'px4')!r}}}, lambda image: image)\n"
        "fleet = px4_sitl.Fleet(px4, 1.0)\n"
        "fleet.start(px4_plan.Instance(193, 'sky-1', 11, 32.0, -110.0, 700.0, '127.0.0.1', 14541, {}))\n"
        "print(fleet.running[0].process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    launcher = subprocess.Popen(
        [sys.executable, str(tmp_path / "launcher.py")],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert launcher.stdout is not None
    with launcher.stdout:
        child = int(launcher.stdout.readline())
        launcher.send_signal(signal.SIGKILL)
        launcher.wait(5)
    assert gone(child)


def test_parameters_that_this_px4_lacks_are_told_and_those_of_its_own_script_are_not() -> None:
    log = "ERROR [param] Parameter UXRCE_DDS_KEY not found.\nERROR [param] Parameter RTL_RETURN_ALT not found.\n"
    assert px4_sitl.unknown_parameters(instance(1), log) == ["RTL_RETURN_ALT"]


@pytest.mark.parametrize("word", ["0", "-1", "nan", "fast", "21"])
def test_an_impossible_speed_is_refused(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        px4_sitl.arguments(["--speed", word])
    assert "0.1 to 20" in capsys.readouterr().err


@pytest.mark.px4
@pytest.mark.skipif("PX4_DIR" not in os.environ, reason="PX4_DIR is not set")
def test_a_real_px4_sends_its_heartbeat_to_the_link_with_its_assets_system_id(tmp_path: Path) -> None:
    from pymavlink import mavutil

    port = 15941
    dock = '[[docks]]\nid = "roof"\nlatitude_deg = 32.2217\nlongitude_deg = -110.9265\naltitude_amsl_m = 740.0\n'
    links = f'[[assets]]\nid = "sky-1"\ndock = "roof"\nsystem_id = 77\nairframe = "x500_sitl"\nlink = "udpin://127.0.0.1:{port}"\n'
    (tmp_path / "dfr.toml").write_text(dock + links)
    link = mavutil.mavlink_connection(f"udpin:127.0.0.1:{port}")
    launcher = subprocess.Popen([str(ROOT / "launch" / "px4"), "--site", str(tmp_path)])
    try:
        heartbeat = link.recv_match(type="HEARTBEAT", blocking=True, timeout=30)
        position = link.recv_match(type="GLOBAL_POSITION_INT", blocking=True, timeout=30)
    finally:
        launcher.send_signal(signal.SIGINT)
        ended_with = launcher.wait(15)
        link.close()
    assert heartbeat is not None
    assert heartbeat.get_srcSystem() == 77
    assert position is not None
    assert position.lat / 1e7 == pytest.approx(32.2217, abs=1e-4)
    assert position.alt / 1e3 == pytest.approx(740.0, abs=5.0)
    assert ended_with == 0
