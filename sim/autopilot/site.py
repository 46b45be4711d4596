"""The aircraft that a site declares: docks and assets of its dfr.toml."""

import tomllib
from pathlib import Path

from sim.autopilot.faults import FaultSpec
from sim.autopilot.vehicle import VehicleSpec


def specs_of_site(
    site: Path,
    count: int | None = None,
    payload_base: int | None = None,
    airframe_root: Path | None = None,
    faults: tuple[FaultSpec, ...] = (),
) -> list[VehicleSpec]:
    """The first `count` assets of `site`/dfr.toml. Raises ValueError with a sentence for a file that has none."""
    path = site / "dfr.toml"
    document = tomllib.loads(path.read_text())
    docks = {dock["id"]: dock for dock in document.get("docks", [])}
    assets = document.get("assets", [])[:count]
    if not assets:
        raise ValueError(f"{path} declares no [[assets]]: there is no aircraft to simulate.")
    specs = []
    for index, asset in enumerate(assets):
        dock = docks.get(asset["dock"])
        if dock is None:
            raise ValueError(f"{path}: asset {asset['id']!r} lives on dock {asset['dock']!r}, which is not declared.")
        file = airframe_root / asset.get("airframe", "") / "parameters.toml" if airframe_root else None
        specs.append(
            VehicleSpec(
                system_id=asset["system_id"],
                home=(dock["latitude_deg"], dock["longitude_deg"], dock["altitude_amsl_m"]),
                link=asset["link"],
                payload_link=("127.0.0.1", payload_base + index) if payload_base is not None else None,
                parameters_file=file if file is not None and file.is_file() else None,
                remote_id=True,
                faults=tuple(fault for fault in faults if fault.system_id == asset["system_id"]),
            )
        )
    return specs
