"""Fixtures of the tests of dispatch."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.dispatch.small import Rig


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    yield made
    made.journal.close()
