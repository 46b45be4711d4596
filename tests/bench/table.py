"""What was measured against what was promised, as a table. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HEAD = ("what", "measured", "limit", "verdict")
OK, SHORT = "ok", "falls short"


@dataclass(frozen=True, slots=True)
class Row:
    """One promise: the texts of its line, and whether it was kept."""

    what: str
    measured: str
    limit: str
    kept: bool

    @property
    def verdict(self) -> str:
        return OK if self.kept else SHORT


def percentile(samples: Sequence[float], percent: float) -> float:
    """The smallest sample that at least `percent` of the samples do not exceed (nearest rank).

    Raises ValueError when there is no sample.
    """
    if not samples:
        raise ValueError("There is no sample to take a percentile of.")
    rank = math.ceil(percent / 100 * len(samples))
    return sorted(samples)[max(rank, 1) - 1]


def at_most(what: str, samples: Sequence[float], limit: float, unit: str) -> Row:
    """The 95th percentile must not exceed the limit. Without a sample nothing was shown: it falls short."""
    bound = f"p95 {number(limit)} {unit}"
    if not samples:
        return Row(what, "no sample", bound, False)
    high, middle = percentile(samples, 95), percentile(samples, 50)
    return Row(what, f"p95 {number(high)} {unit} (p50 {number(middle)}, n {len(samples)})", bound, high <= limit)


def number(value: float) -> str:
    """Three significant digits; whole from 100 on."""
    if value == 0 or abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}".rstrip("0").rstrip(".")


def text(rows: Iterable[Row]) -> str:
    """The table, columns aligned."""
    lines = [HEAD, *((row.what, row.measured, row.limit, row.verdict) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    shown = [" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([shown[0], "-+-".join("-" * width for width in widths), *shown[1:]])
