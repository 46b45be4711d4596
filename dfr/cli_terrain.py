"""`dfr terrain`: tiles of ground heights."""

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="How high the ground is: make a tile, ask one place.")


@app.command()
def make(
    points: Annotated[Path, typer.Argument(help="latitude_deg,longitude_deg,altitude_amsl_m,name: a .csv file.")],
    out: Annotated[Path, typer.Argument(help="The GeoTIFF to write.")],
    spacing: Annotated[float, typer.Option(help="Between two heights, degrees.")] = 0.001,
) -> None:
    """Make a GeoTIFF tile from a table of known points. It is interpolated, no survey, and its tags say so."""
    from dfr.airspace.ground_files import read_ground_points
    from dfr.airspace.terrain_make import make_tile

    try:
        known = read_ground_points(points.read_text(encoding="utf-8"), points.name)
        error_m = make_tile(known, points.name, out, spacing)
    except (ValueError, OSError) as fault:
        sys.exit(f"{out} was not made: {fault}")
    typer.echo(f"{out}: made from {len(known)} points; 95 of 100 heights lie within {error_m:.1f} m.")


@app.command()
def at(
    site: Annotated[Path, typer.Option("--site", help="The site's folder or its dfr.toml.")],
    latitude: Annotated[float, typer.Argument()],
    longitude: Annotated[float, typer.Argument()],
) -> None:
    """The ground and the structures of a site at one place."""
    import numpy as np

    from dfr.core.geo import Position
    from dfr.site import load_site

    airspace = load_site(site).site.airspace
    place = Position(latitude, longitude)
    if not airspace.ground.knows(place):
        sys.exit("The ground's height is not known there: it is in no terrain tile.")
    local = np.array([airspace.frame.to_local(place)])
    ground_m = airspace.ground.altitude(place).m
    near_m, top_m = (float(values[0]) for values in airspace.structures.near_m(local))
    nearest = (
        f"the nearest structure is {near_m:.0f} m away, its top at {top_m:.0f} m" if near_m < 1e9 else "no structure"
    )
    typer.echo(f"Ground {ground_m:.1f} m above mean sea level, within {airspace.ground.error_m:.1f} m; {nearest}.")
