"""The example site is the manual of the configuration: every setting stands in its file, and the file is sane."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from dfr.config import Config, read_config, read_policy

TUCSON = Path(__file__).parents[2] / "launch" / "sites" / "tucson"


def settings_of(model: type[BaseModel]) -> Iterator[str]:
    """Every key that a site file may hold, sections included."""
    for name, field in model.model_fields.items():
        yield name
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from settings_of(kind)


@pytest.mark.parametrize("name", sorted(set(settings_of(Config))))
def test_every_setting_is_in_the_manual(name: str) -> None:
    text = (TUCSON / "dfr.toml").read_text(encoding="utf-8")
    assert re.search(rf"(?m)^(\[+([a-z]+\.)*{name}\]+|(#   )?{name} =)", text), (
        f"{name} is not in the example's dfr.toml"
    )


def test_the_three_docks_and_the_downtown_one_are_where_they_should_be() -> None:
    config = read_config(TUCSON)
    assert len(config.docks) == len(config.assets) == 3
    downtown = next(dock for dock in config.docks if dock.id == "downtown")
    assert abs(downtown.latitude_deg - 32.2217) < 0.001
    assert abs(downtown.longitude_deg + 110.9265) < 0.001


def test_a_priority_one_call_launches_by_itself() -> None:
    rules = read_policy(TUCSON / "policy.toml").rules
    assert any(rule.action == "auto" and not rule.types and rule.priorities == (1,) for rule in rules)
