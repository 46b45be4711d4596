"""A long operation on an aircraft while it lasts, for the people who wait for it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """`what` names it and begins a sentence ("Fence upload"); `unit` is what is counted, in the plural ("items")."""

    what: str
    done: int
    total: int
    unit: str

    @property
    def sentence(self) -> str:
        """ "Fence upload: 12 of 34 items." """
        return f"{self.what}: {self.done} of {self.total} {self.unit}."
