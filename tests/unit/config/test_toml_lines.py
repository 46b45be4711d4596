"""Where a key stands in a TOML text."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from dfr.toml_lines import key_lines, line_of

TEXT = """\
top = 1            # 1
[site]
# name = "not this one"
name = "a [b] = c"
  spaced   =   2
"quoted" = 3
a.b.c = 4
[[docks]]          # 8
id = "one"
[docks.roof]
height_m = 3.0
[[docks]]          # 12
id = "two"
[[docks.pads]]
id = "a"
[[docks.pads]]
id = "b"
[ server ]         # 18
hosts = [
  "x",
  "y",
]
port = 1           # 23
"""


def test_every_key_is_found_where_it_stands() -> None:
    tomllib.loads(TEXT)
    lines = key_lines(TEXT)
    expected = {
        ("top",): 1,
        ("site",): 2,
        ("site", "name"): 4,
        ("site", "spaced"): 5,
        ("site", "quoted"): 6,
        ("site", "a", "b", "c"): 7,
        ("docks", 0): 8,
        ("docks", 0, "id"): 9,
        ("docks", 0, "roof"): 10,
        ("docks", 0, "roof", "height_m"): 11,
        ("docks", 1): 12,
        ("docks", 1, "id"): 13,
        ("docks", 1, "pads", 0, "id"): 15,
        ("docks", 1, "pads", 1, "id"): 17,
        ("server",): 18,
        ("server", "hosts"): 19,
        ("server", "port"): 23,
    }
    assert {path: lines.get(path) for path in expected} == expected
    assert ("site", "# name") not in lines


def test_what_is_missing_is_found_at_the_table_around_it() -> None:
    lines = key_lines(TEXT)
    assert line_of(("docks", 1, "altitude_amsl_m"), lines) == 12
    assert line_of(("docks", 1, "pads", 1, "x", "y"), lines) == 16
    assert line_of(("server", "hosts", 1), lines) == 19
    assert line_of(("nowhere", "key"), lines) == 1
    assert line_of((), lines) == 1


KEYS = st.text("abcxyz_-", min_size=1, max_size=6)
FILLERS = st.lists(st.sampled_from(["", "# a comment = 1", "   ", "# [table]"]), max_size=3)


@given(st.lists(st.tuples(st.booleans(), KEYS, st.lists(KEYS, max_size=4, unique=True), FILLERS), max_size=6))
def test_lines_agree_with_the_standard_reader(tables: list[tuple[bool, str, list[str], list[str]]]) -> None:
    """Every value is the number of its own line, so the standard reader says where each key stands."""
    text: list[str] = []
    kinds: dict[str, bool] = {}
    for is_array, name, keys, fillers in tables:
        if name in kinds and not (is_array and kinds[name]):
            continue
        kinds[name] = is_array
        text += [*fillers, f"[[{name}]]" if is_array else f"[{name}]  # a table"]
        for key in keys:
            text += [*fillers, f"{key} = {len(text) + len(fillers) + 1} # {key}"]
    lines = key_lines("\n".join(text))
    for name, content in tomllib.loads("\n".join(text)).items():
        items = enumerate(content) if isinstance(content, list) else [(None, content)]
        for index, table in items:
            for key, number in table.items():
                path = (name, key) if index is None else (name, index, key)
                assert lines[path] == number
