"""`dfr firmware` against the built-in autopilot: differences, writing, refusals while armed, restart; and the hash."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dfr.cli_firmware import app, apply_to
from dfr.core.clock import SystemClock
from dfr.fleet.firmware import load_parameters
from dfr.fleet.mavlink import MavlinkFleet
from dfr.fleet.mavlink.bench import Bench, BenchError, bench
from dfr.fleet.mavlink.parameters import ParameterCheck, read_hash
from dfr.site import load_site
from sim.autopilot.fleet import Fleet, running_fleet
from tests.protocol.fleet_rig import AIRFRAMES, SPEED, asset, free_port, spec
from tests.support.world import copy_site, vehicle_specs

WRONG = {"NAV_DLL_ACT": 0, "RTL_RETURN_ALT": 30.0, "MNT_MODE_IN": -1}


def driver(port: int, kind: str = "px4") -> MavlinkFleet:
    return MavlinkFleet(
        [asset(7, kind)],
        {"sky-7": f"udpin://127.0.0.1:{port}"},
        on_outcome=lambda outcome: None,
        clock=SystemClock(),
        parameter_files={},
    )


@asynccontextmanager
async def on_bench(kind: str = "px4", **parameters: float) -> AsyncIterator[tuple[Bench, Fleet]]:
    port = free_port()
    with running_fleet([spec(7, port, kind=kind, **parameters)], speed=SPEED) as fleet:
        async with bench(driver(port, kind), "sky-7", load_parameters(AIRFRAMES[kind])) as one:
            yield one, fleet


def test_an_aircraft_as_its_file_says_differs_in_nothing() -> None:
    async def scenario() -> None:
        async with on_bench() as (one, _):
            read: list[tuple[int, int]] = []
            assert await one.differences(lambda done, total: read.append((done, total))) == ()
            total = len(one.file.parameters)
            assert read[-1] == (total, total)
            assert [done for done, _ in read] == sorted(done for done, _ in read)
            assert await apply_to(one, lambda question: pytest.fail(question)) == 0

    asyncio.run(scenario())


def test_what_differs_is_written_read_back_restarted_and_checked_again(capsys: pytest.CaptureFixture[str]) -> None:
    async def scenario() -> None:
        asked: list[str] = []

        def agreed(question: str) -> bool:
            asked.append(question)
            return True

        async with on_bench(**WRONG) as (one, fleet):
            assert sorted(d.parameter.name for d in await one.differences()) == sorted(WRONG)
            assert await apply_to(one, agreed) == 0
            aircraft = fleet.vehicle(7)
            assert aircraft.parameters["NAV_DLL_ACT"] == 2
            assert aircraft.parameters["RTL_RETURN_ALT"] == 45.0
            assert aircraft.boot_ms / 1e3 < aircraft.now_s
        assert asked == ["Write these 3 to SKY-7?", "Restart the autopilot of SKY-7 now?"]

    asyncio.run(scenario())
    told = capsys.readouterr().out
    assert "parameter" in told.splitlines()[0]
    assert "MNT_MODE_IN" in told
    assert "SKY-7 has restarted." in told


def test_an_ardupilot_aircraft_is_compared_and_written_too() -> None:
    """An INT8, an INT32 and a FLOAT of its own."""
    wrong = {"FS_GCS_ENABLE": 0, "RTL_ALT": 1500, "FENCE_MARGIN": 7.5}

    async def scenario() -> None:
        async with on_bench("ardupilot", **wrong) as (one, fleet):
            found = {d.parameter.name: d.found for d in await one.differences()}
            assert found == wrong
            assert await apply_to(one, lambda question: True) == 0
            parameters = fleet.vehicle(7).parameters
            assert {name: parameters[name] for name in wrong} == {
                "FS_GCS_ENABLE": 1, "RTL_ALT": 4500, "FENCE_MARGIN": 2.0,
            }  # fmt: skip

    asyncio.run(scenario())


def test_the_command_line_finds_an_aircraft_of_either_kind_in_its_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = copy_site(tmp_path, 2)
    file = site / "dfr.toml"
    content = file.read_text(encoding="utf-8")
    file.write_text(content.replace('airframe = "x500_sitl"', 'airframe = "x500_copter"', 1), encoding="utf-8")
    loaded = load_site(site)  # once: it is a large site
    monkeypatch.setattr("dfr.site.load_site", lambda path: loaded)
    with running_fleet(vehicle_specs(site), SPEED) as fleet:
        fleet.vehicle(11).parameters.set("RTL_ALT", 1500)
        told = CliRunner().invoke(app, ["diff", "sky-1", "--site", str(site)])
        assert told.exit_code == 1, told.output
        assert "RTL_ALT" in told.output
        told = CliRunner().invoke(app, ["check", "sky-2", "--site", str(site)])
        assert told.exit_code == 0, told.output
        assert "parameters of x500_sitl." in told.output
    unknown = CliRunner().invoke(app, ["check", "sky-9", "--site", str(site)])
    assert unknown.exit_code == 2
    assert "The site has no aircraft sky-9" in unknown.output


def test_a_site_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "dfr.toml").write_text("no = site", encoding="utf-8")
    told = CliRunner().invoke(app, ["check", "sky-1", "--site", str(tmp_path)])
    assert told.exit_code == 2
    assert "dfr.toml" in told.output


@pytest.mark.parametrize(
    ("answers", "written"), [([False], False), ([True, False], True)], ids=["not written", "not restarted"]
)
def test_nothing_is_done_that_was_not_agreed_to(answers: list[bool], written: bool) -> None:
    async def scenario() -> None:
        async with on_bench(**WRONG) as (one, fleet):
            assert await apply_to(one, lambda question: answers.pop(0)) == 1
            aircraft = fleet.vehicle(7)
            assert (aircraft.parameters["NAV_DLL_ACT"] == 2) is written
            assert aircraft.boot_ms / 1e3 == pytest.approx(aircraft.now_s, abs=0.01)

    asyncio.run(scenario())


def test_without_a_parameter_that_needs_it_nothing_is_restarted() -> None:
    async def scenario() -> None:
        async with on_bench(NAV_DLL_ACT=0) as (one, _):
            asked: list[str] = []
            assert await apply_to(one, lambda question: not asked.append(question)) == 0
            assert asked == ["Write these 1 to SKY-7?"]

    asyncio.run(scenario())


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20.0):
        while not holds():
            await asyncio.sleep(0.02)


def test_an_armed_aircraft_is_written_nothing() -> None:
    async def scenario() -> None:
        async with on_bench(**WRONG) as (one, fleet):
            aircraft = fleet.vehicle(7)
            await one.must_be_on_ground()
            await _until(lambda: aircraft.commander.preflight_failure() is None)
            aircraft.commander.arm()
            await _until(lambda: aircraft.armed)
            await asyncio.sleep(0.3)
            with pytest.raises(BenchError, match="is armed; nothing is written"):
                await apply_to(one, lambda question: True)
            with pytest.raises(BenchError, match="is armed"):
                await one.write(one.file.parameters[0])
            with pytest.raises(BenchError, match="is armed"):
                await one.reboot()
            assert aircraft.parameters["NAV_DLL_ACT"] == 0

    asyncio.run(scenario())


def test_one_that_does_not_say_whether_it_is_armed_is_written_nothing() -> None:
    async def scenario() -> None:
        async with on_bench(**WRONG) as (one, fleet):
            await one.must_be_on_ground()
            fleet.vehicle(7).fault("link_drop")
            await asyncio.sleep(5.5)
            with pytest.raises(BenchError, match="does not say whether it is armed"):
                await one.must_be_on_ground()

    asyncio.run(scenario())


def test_a_value_that_is_not_taken_is_told() -> None:
    async def scenario() -> None:
        async with on_bench(NAV_DLL_ACT=0) as (one, fleet):
            fleet.vehicle(7).fault("parameters_kept")
            (difference,) = await one.differences()
            sentence = await one.write(difference.parameter)
            assert sentence.startswith("NAV_DLL_ACT was ")
            assert await apply_to(one, lambda question: True) == 1

    asyncio.run(scenario())


def test_a_value_that_is_taken_and_reads_back_as_another_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The autopilot says yes and keeps what it had."""

    async def says_yes(name: str, value: float, timeout_s: float) -> None:
        pass

    async def scenario() -> None:
        async with on_bench(NAV_DLL_ACT=0) as (one, _):
            monkeypatch.setattr(one._commander.connected(), "write_parameter", says_yes)
            (difference,) = await one.differences()
            assert await one.write(difference.parameter) == (
                "NAV_DLL_ACT was written as 2 and reads 0: the autopilot does not take it."
            )
            assert await apply_to(one, lambda question: True) == 1

    asyncio.run(scenario())


def test_a_link_that_somebody_else_holds_and_an_aircraft_that_is_not_there_are_said() -> None:
    async def scenario() -> None:
        port = free_port()
        holder = driver(port)
        await holder.start()
        try:
            await asyncio.sleep(0.5)
            with pytest.raises(BenchError, match="While the service runs it holds the link"):
                async with bench(driver(port), "sky-7", load_parameters(AIRFRAMES["px4"]), heard_s=3.0):
                    pytest.fail("the link was taken twice")
        finally:
            await holder.stop()
        with pytest.raises(BenchError, match="was not heard within 1 s"):
            async with bench(driver(free_port()), "sky-7", load_parameters(AIRFRAMES["px4"]), heard_s=1.0):
                pytest.fail("nobody is there")

    asyncio.run(scenario())


def test_a_hash_that_was_good_once_saves_the_reading() -> None:
    async def scenario() -> None:
        async with on_bench() as (one, fleet):
            commander, aircraft = one._commander, fleet.vehicle(7)
            first = await read_hash(commander)
            assert first is not None
            check = ParameterCheck(one.file)
            assert await check.missing(commander) == ()
            aircraft.fault("parameters_kept")
            reading = commander.connected().read_parameter
            asked: list[str] = []

            async def counted(name: str, like: float, timeout_s: float) -> float:
                asked.append(name)
                return await reading(name, like, timeout_s)

            commander.connected().read_parameter = counted  # type: ignore[method-assign]
            assert await check.missing(commander) == ()
            assert asked == []
            aircraft.parameters.set("NAV_DLL_ACT", 0)
            (sentence,) = await check.missing(commander)
            assert sentence.startswith("NAV_DLL_ACT is 0 on the aircraft")
            assert len(asked) == len(one.file.parameters)
            aircraft.parameters.set("NAV_DLL_ACT", 2)
            assert await read_hash(commander) == first

    asyncio.run(scenario())
