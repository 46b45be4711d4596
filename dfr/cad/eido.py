"""NENA EIDO 1.0."""

from dfr.cad.report import CadError, Feed, Report


def parse(raw: str, feed: Feed) -> Report:
    raise CadError("not yet")
