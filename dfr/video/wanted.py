"""What the service asks the video process for. Light: the service imports this and no codec."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class WantedStream:
    """A camera to relay. The url may hold a password: it is never logged and never listed."""

    id: str
    asset_id: str
    name: str
    url: str = field(repr=False)
