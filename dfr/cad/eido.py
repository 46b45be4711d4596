"""NENA EIDO 1.0."""

from dfr.cad.feed import CadError, Feed
from dfr.core.report import Report


def parse(raw: str, feed: Feed) -> Report:
    raise CadError("not yet")
