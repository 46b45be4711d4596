"""What a section is given: where it may write, how long it may take, and where its remarks go."""

import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

QUICK_SAMPLING_ENDS_S = 38.0
"""A quick section takes at most 50 s; what is left after sampling is for stopping what was started."""
LEAST_SAMPLES = 3


@dataclass
class Run:
    """One run of one section."""

    section: str
    quick: bool
    folder: Path
    """Empty, removed afterwards."""
    notes: list[str] = field(default_factory=list)
    started_s: float = field(default_factory=time.monotonic)

    def samples(self, full: int, quick: int) -> int:
        """How many samples to take in this run."""
        return quick if self.quick else full

    def goes_on(self, taken: int, wanted: int) -> bool:
        """Whether to take one more sample; a quick run stops early with what it has when its time is up."""
        late = self.quick and self.elapsed_s() > QUICK_SAMPLING_ENDS_S
        return taken < LEAST_SAMPLES or (taken < wanted and not late)

    def elapsed_s(self) -> float:
        return time.monotonic() - self.started_s

    def note(self, sentence: str) -> None:
        """A line under the table."""
        self.notes.append(sentence)

    def say(self, sentence: str) -> None:
        """Progress, on the terminal now."""
        print(f"[{self.section} {self.elapsed_s():5.1f} s] {sentence}", file=sys.stderr, flush=True)


def load() -> str:
    """How busy the machine is: without it a measured time says little."""
    one, five, _ = os.getloadavg()
    return f"load {one:.1f} (1 min), {five:.1f} (5 min) on {os.cpu_count()} cores"
