"""The aircraft that a site declares: docks and assets of its dfr.toml."""

import tomllib
from dataclasses import replace
from itertools import count as count_from
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sim.autopilot.faults import FaultSpec
from sim.autopilot.parameters import autopilot_of
from sim.autopilot.vehicle import VehicleSpec

SITES = Path("launch/sites")
MOST_SYSTEM_ID = 250


def site_folder(text: str) -> Path:
    """A folder with a dfr.toml, or the name of one under launch/sites. Raises ValueError with a sentence."""
    for folder in (Path(text), SITES / text):
        if (folder / "dfr.toml").is_file():
            return folder
    known = ", ".join(sorted(path.parent.name for path in SITES.glob("*/dfr.toml"))) or "none here"
    raise ValueError(
        f"There is no site {text!r}: name a folder that has a dfr.toml, or one under {SITES} (there: {known})."
    )


NAMED_BY_NUMBER = 101
"""System id of the site's first asset, where its serial number alone names it."""


def specs_of_site(
    site: Path,
    count: int | None = None,
    payload_base: int | None = None,
    airframe_root: Path | None = None,
    faults: tuple[FaultSpec, ...] = (),
) -> list[VehicleSpec]:
    """The first `count` assets of `site`/dfr.toml; beyond those declared, more at the same docks in turn, each with the
    next free system id and port. Raises ValueError with a sentence for a file that has none."""
    path = site / "dfr.toml"
    document = tomllib.loads(path.read_text())
    docks = {dock["id"]: dock for dock in document.get("docks", [])}
    assets = document.get("assets", [])
    if not assets:
        raise ValueError(f"{path} declares no [[assets]]: there is no aircraft to simulate.")
    specs = [_spec_of(path, asset, NAMED_BY_NUMBER + i, docks, airframe_root) for i, asset in enumerate(assets)]
    wanted = len(specs) if count is None else count
    specs = [*specs[:wanted], *_more(specs, wanted - len(specs))]
    return [
        replace(
            spec,
            payload_link=("127.0.0.1", payload_base + index) if payload_base is not None else None,
            faults=tuple(fault for fault in faults if fault.system_id == spec.system_id),
        )
        for index, spec in enumerate(specs)
    ]


def _spec_of(
    path: Path, asset: dict[str, Any], other_id: int, docks: dict[str, Any], airframe_root: Path | None
) -> VehicleSpec:
    dock = docks.get(asset["dock"])
    if dock is None:
        raise ValueError(f"{path}: asset {asset['id']!r} lives on dock {asset['dock']!r}, which is not declared.")
    file = airframe_root / asset.get("airframe", "") / "parameters.toml" if airframe_root else None
    return VehicleSpec(
        system_id=asset.get("system_id", other_id),
        home=(dock["latitude_deg"], dock["longitude_deg"], dock["altitude_amsl_m"]),
        link=asset["link"],
        parameters_file=file if file is not None and file.is_file() else None,
        remote_id=True,
        serial_number=asset.get("serial_number", ""),
        autopilot="px4" if file is None else autopilot_of(file),
    )


def _more(declared: list[VehicleSpec], number: int) -> list[VehicleSpec]:
    """Copies of the declared ones in turn, with system ids and ports that none of them has."""
    ids = {spec.system_id for spec in declared}
    links = [urlsplit(str(spec.link)) for spec in declared]
    ports = {link.port for link in links if link.port is not None}
    free_ids = (ident for ident in count_from(max(ids) + 1) if ident not in ids)
    free_ports = (port for port in count_from(max(ports, default=14540) + 1) if port not in ports)
    more = []
    for index in range(number):
        model, link = declared[index % len(declared)], links[index % len(declared)]
        system_id = next(free_ids)
        if system_id > MOST_SYSTEM_ID:
            raise ValueError(
                f"{len(declared) + number} aircraft need system ids above {MOST_SYSTEM_ID}, and the last five that "
                f"there are belong to ground stations. Ask for at most {len(declared) + index}."
            )
        host = link.hostname or "127.0.0.1"
        more.append(
            replace(model, system_id=system_id, link=f"{link.scheme}://{host}:{next(free_ports)}", serial_number="")
        )
    return more
