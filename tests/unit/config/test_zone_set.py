"""The zones in force: a new set counts when all of it can be flown with; until then the last good one stays."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dfr.config import ConfigError
from dfr.site import load_site


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
