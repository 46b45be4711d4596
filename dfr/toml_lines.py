"""Where in a TOML text a key stands, so that an error can name its line (the standard reader does not say)."""

import re

Path = tuple[str | int, ...]

_TABLE = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-\"'.]+)\s*=")


def key_lines(text: str) -> dict[Path, int]:
    """Line numbers (from 1) by path: `("assets", 0, "link")`; a table's own path gives the line of its header."""
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    for number, line in enumerate(text.splitlines(), 1):
        if found := _TABLE.match(line):
            table = _header(found.group(2), found.group(1) == "[[", counts)
            lines.setdefault(table, number)
        elif found := _KEY.match(line):
            lines.setdefault((*table, *_words(found.group(1))), number)
    return lines


def line_of(path: Path, lines: dict[Path, int]) -> int:
    """The line of the path, or of the nearest table around it; 1 when there is none."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return 1


def _header(name: str, is_array: bool, counts: dict[Path, int]) -> Path:
    table: Path = ()
    words = _words(name)
    for position, word in enumerate(words):
        table = (*table, word)
        last = position == len(words) - 1
        if last and is_array:
            counts[table] = counts.get(table, -1) + 1
        if table in counts:
            table = (*table, counts[table])
    return table


def _words(name: str) -> tuple[str, ...]:
    return tuple(word.strip().strip("\"'") for word in name.split("."))
