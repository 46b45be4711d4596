"""A site with faults everywhere: `dfr check` names them all at once, not one layer after the other."""

import shutil
from pathlib import Path

import pytest

from dfr.config import ConfigError
from dfr.site import load_site

TUCSON = Path(__file__).parents[3] / "launch" / "sites" / "tucson"


def test_faults_of_every_file_are_named_together(tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(TUCSON, site)
    main = site / "dfr.toml"
    main.write_text(main.read_text(encoding="utf-8").replace("system_id = 12", "system_id = 0"), encoding="utf-8")
    policy = site / "policy.toml"
    policy.write_text(
        policy.read_text(encoding="utf-8").replace('action = "never"', 'action = "perhaps"'), encoding="utf-8"
    )
    (site / "hospitals.geojson").write_text('{"type": "FeatureCollection", "features": [{}]}', encoding="utf-8")
    (site / "terrain_MADE_from_points.tif").write_text("no tile", encoding="utf-8")
    (site / "structures.geojson").write_text('{"type": "FeatureCollection", "features": [{}]}', encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load_site(site)
    together = "\n".join(raised.value.faults)
    files = ("hospitals.geojson", "terrain_MADE_from_points.tif cannot", "structures.geojson, feature 1")
    for part in ("system_id", "rules.0.action", *files):
        assert part in together
    assert "dfr.toml, line" in together
    assert "policy.toml, line" in together
