"""The zones in force: a new set counts when all of it can be flown with; until then the last good one stays."""

import asyncio
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dfr.airspace.load import load_zones
from dfr.config import ConfigError, read_config
from dfr.core.zone import Zone
from dfr.site import load_site
from dfr.state import zone_store_path
from dfr.zone_reload import ZoneReload, request_reload
from dfr.zone_set import ZoneSet
from dfr.zone_store import ZoneStore

TUCSON = Path(__file__).parents[3] / "launch" / "sites" / "tucson"


def change(site: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    file = site / "zones.geojson"
    document = json.loads(file.read_text())
    edit(document)
    file.write_text(json.dumps(document))


def rename(document: dict[str, Any]) -> None:
    document["features"][-1]["properties"]["name"] = "another name"


def spoil(document: dict[str, Any]) -> None:
    document["features"][-1]["properties"]["kind"] = "nofly"


def close_all(document: dict[str, Any]) -> None:
    document["features"] = [f for f in document["features"] if f["properties"]["kind"] != "operating_area"]


def test_a_reload_says_whether_another_set_is_in_force(site: Path) -> None:
    zones = load_site(site).zone_set
    before = zones.airspace
    assert not zones.reload()
    assert zones.airspace is before
    change(site, rename)
    assert zones.reload()
    assert zones.zones[-1].name == "another name"
    assert zones.airspace is not before
    assert not zones.faults


@pytest.mark.parametrize("edit", [spoil, close_all])
def test_files_that_became_faulty_leave_the_set_before_in_force(
    site: Path, edit: Callable[[dict[str, Any]], None]
) -> None:
    zones = load_site(site).zone_set
    before = zones.zones
    change(site, edit)
    assert not zones.reload()
    assert zones.faults
    assert zones.zones == before
    with pytest.raises(ConfigError):
        load_site(site)


def started(site: Path) -> ZoneSet:
    """As a service starts, whose state is beside the site."""
    return load_site(site, last_good_zones=lambda config: zone_store_path(site / "state")).zone_set


@pytest.mark.parametrize("edit", [spoil, close_all])
def test_a_start_with_faulty_files_flies_by_the_last_good_zones_and_says_so(
    site: Path, edit: Callable[[dict[str, Any]], None]
) -> None:
    good = started(site)
    assert good.alarm == ""
    change(site, edit)
    fallen = started(site)
    assert fallen.zones == good.zones
    assert fallen.loaded_s == good.loaded_s
    assert fallen.faults
    assert "are in force" in fallen.alarm
    assert fallen.faults[0] in fallen.alarm
    assert not fallen.reload()
    assert fallen.zones == good.zones


def test_mended_files_end_the_fall_back(site: Path) -> None:
    started(site)
    whole = (site / "zones.geojson").read_text()
    change(site, spoil)
    fallen = started(site)
    (site / "zones.geojson").write_text(whole)
    assert not fallen.reload()
    assert fallen.alarm == ""
    change(site, rename)
    assert fallen.reload()
    change(site, spoil)
    assert started(site).zones[-1].name == "another name"


def test_without_last_good_zones_a_start_is_refused(site: Path) -> None:
    change(site, spoil)
    with pytest.raises(ConfigError, match="nofly"):
        started(site)


def flip(content: bytes) -> bytes:
    return content.replace(b'"no_fly"', b'"caution"', 1)


@pytest.mark.parametrize("damage", [flip, lambda content: content[:-40], lambda content: b"", lambda content: b"[]"])
def test_damaged_last_good_zones_are_not_flown_by(site: Path, damage: Callable[[bytes], bytes]) -> None:
    started(site)
    kept = zone_store_path(site / "state")
    kept.write_bytes(damage(kept.read_bytes()))
    change(site, spoil)
    with pytest.raises(ConfigError) as error:
        started(site)
    assert len(error.value.faults) == 2


def test_last_good_zones_that_the_site_outgrew_are_not_flown_by(site: Path) -> None:
    started(site)
    change(site, spoil)
    config = site / "dfr.toml"
    config.write_text(config.read_text().replace("\nlatitude_deg = 32", "\nlatitude_deg = 33"))
    with pytest.raises(ConfigError) as error:
        started(site)
    assert "nofly" in error.value.faults[0]
    assert "nothing can start from the dock" in error.value.faults[1]


def test_the_example_site_is_kept_whole(tmp_path: Path) -> None:
    config = read_config(TUCSON)
    zones = tuple(load_zones([(config.file(entry.file), entry.reader) for entry in config.airspace.files]))
    store = ZoneStore(tmp_path / "state" / "zones.geojson")
    assert store.last() is None
    store.keep(zones, 12.5)
    kept = store.last()
    assert kept is not None
    assert kept.kept_s == 12.5
    assert kept.zones == zones


def test_a_file_that_the_site_names_later_is_read_too(site: Path) -> None:
    zones = load_site(site).zone_set
    document = json.loads((site / "zones.geojson").read_text())
    feature = document["features"][-1]
    feature["properties"]["id"] = "added"
    (site / "more.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    config = site / "dfr.toml"
    text = config.read_text()
    added = '[[airspace.files]]\nfile = "more.geojson"\nreader = "zones"\n\n[[airspace.files]]'
    config.write_text(text.replace("[[airspace.files]]", added, 1))
    assert zones.reload()
    assert "added" in {zone.id for zone in zones.zones}
    config.write_text(text + "\nnobody_knows = 1\n")
    assert not zones.reload()
    assert "nobody_knows" in zones.alarm


async def follow(reload: ZoneReload, work: Callable[[], None], until: Callable[[], bool]) -> None:
    task = asyncio.create_task(reload.run())
    try:
        await asyncio.sleep(0.05)
        work()
        async with asyncio.timeout(30):
            while not until():
                await asyncio.sleep(0.01)
    finally:
        task.cancel()


def test_a_running_service_reads_its_zones_again_when_asked(site: Path) -> None:
    taken: list[tuple[Zone, ...]] = []
    alarms: list[str] = []
    request = site / "state" / "zones_reload"

    async def take(zones: tuple[Zone, ...]) -> bool:
        taken.append(zones)
        return len(taken) > 1

    async def scenario() -> None:
        zones = load_site(site).zone_set
        reload = ZoneReload(zones, request, take, alarms.append, look_every_s=0.01)
        change(site, rename)
        await follow(reload, lambda: request_reload(request), lambda: len(taken) > 1)
        assert taken == [zones.zones, zones.zones]
        change(site, spoil)
        await follow(reload, lambda: os.kill(os.getpid(), signal.SIGHUP), lambda: bool(alarms))
        assert alarms == [zones.alarm]
        assert len(taken) == 2

    asyncio.run(scenario())


def test_an_alarm_is_raised_at_a_start_with_faulty_files(site: Path) -> None:
    started(site)
    change(site, spoil)
    alarms: list[str] = []

    async def take(zones: tuple[Zone, ...]) -> bool:
        raise AssertionError("nothing changed")

    async def scenario() -> None:
        reload = ZoneReload(started(site), site / "state" / "zones_reload", take, alarms.append, look_every_s=0.01)
        await follow(reload, lambda: None, lambda: bool(alarms))

    asyncio.run(scenario())
    assert len(alarms) == 1
