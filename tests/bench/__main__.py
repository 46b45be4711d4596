"""Measures what the project promises and prints it as a table; ends with 1 when something falls short.

Run by `launch/bench`, which sets everything up first.
"""

import importlib
import pkgutil
import sys
import tempfile
from pathlib import Path
from types import ModuleType

from tests.bench import sections, table
from tests.bench.run import Run, load
from tests.bench.table import Row

KEPT, FALLS_SHORT, NOT_UNDERSTOOD = 0, 1, 2


def names() -> list[str]:
    """Every section, by its name on the command line."""
    return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(sections.__path__))


def usage() -> str:
    lines = ["launch/bench [--SECTION …] [--quick]", "", "Without a section: all of them.", ""]
    for name in names():
        summary = (_module(name).__doc__ or "").strip().splitlines()[0]
        lines.append(f"  --{name:<10} {summary}")
    return "\n".join([*lines, f"  --{'quick':<10} fewer samples, at most 50 s a section"])


def wanted(arguments: list[str]) -> tuple[list[str], bool] | str:
    """The sections and whether to be quick; or a sentence for an argument that means nothing here."""
    chosen = [argument.removeprefix("--") for argument in arguments if argument != "--quick"]
    known = names()
    for argument, name in zip((one for one in arguments if one != "--quick"), chosen, strict=True):
        if name not in known or not argument.startswith("--"):
            listed = ", ".join(f"--{one}" for one in known)
            return f"There is no section {argument}. There are {listed}; without one, all are measured."
    return [name for name in known if name in chosen] or known, "--quick" in arguments


def main(arguments: list[str]) -> int:
    if "--help" in arguments or "-h" in arguments:
        print(usage())
        return KEPT
    asked = wanted(arguments)
    if isinstance(asked, str):
        print(asked, file=sys.stderr)
        return NOT_UNDERSTOOD
    rows: list[Row] = []
    notes: list[str] = []
    for name in asked[0]:
        with tempfile.TemporaryDirectory(prefix=f"dfr-bench-{name}-", ignore_cleanup_errors=True) as folder:
            run = Run(name, asked[1], Path(folder))
            rows += _measured(run)
            notes += [f"--{name}: {note}" for note in [*run.notes, f"took {run.elapsed_s():.0f} s, {load()}"]]
    print(table.text(rows))
    print("\n".join(["", *notes]))
    return KEPT if all(row.kept for row in rows) else FALLS_SHORT


def _measured(run: Run) -> list[Row]:
    """What the section measured. A section that breaks down falls short, and the others are still measured."""
    rows: list[Row] = []
    try:
        for row in _module(run.section).measure(run):
            run.say(f"{row.what}: {row.measured}")
            rows.append(row)
    except Exception as error:  # noqa: BLE001 - whatever it was, it is said, and the table is printed
        why = f"{type(error).__name__}: {error}"
        run.say(f"could not be measured to its end: {why}")
        run.note(f"could not be measured to its end: {why.splitlines()[0]}")
        rows.append(Row(f"--{run.section} to its end", "not measured", "measured", False))
    return rows


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{sections.__name__}.{name.replace('-', '_')}")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("Interrupted; what was started is stopped, and nothing is printed of what was measured so far.")
