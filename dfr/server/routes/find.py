"""Looks one thing up in a list, or says that it is not there."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from dfr.server.services import DeskRefusal

Thing = TypeVar("Thing")


def find(noun: str, id_: str, things: Iterable[Thing], id_of: Callable[[Thing], str]) -> Thing:
    """The thing with this id. Raises DeskRefusal (404)."""
    for thing in things:
        if id_of(thing) == id_:
            return thing
    raise DeskRefusal(404, f"No such {noun}", f"There is no {noun} {id_!r}. The list of {noun}s shows those there are.")
