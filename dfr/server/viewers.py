"""Who opened which viewing session, so that nobody ends or steers another's."""

from collections import OrderedDict

from dfr.server.auth import Identity

MAX_SESSIONS = 4096
"""The oldest is forgotten first: its owner can no longer end it, and the relay does when its ICE fails."""


class Viewers:
    """Viewing sessions by id."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[str, tuple[str, str]] = OrderedDict()

    def opened(self, session_id: str, stream_id: str, who: Identity) -> None:
        self._sessions[session_id] = (stream_id, who.digest)
        while len(self._sessions) > MAX_SESSIONS:
            self._sessions.popitem(last=False)

    def knows(self, session_id: str) -> bool:
        return session_id in self._sessions

    def owns(self, session_id: str, stream_id: str, who: Identity) -> bool:
        return self._sessions.get(session_id) == (stream_id, who.digest)

    def closed(self, session_id: str) -> None:
        self._sessions.pop(session_id, None)

    def of(self, who: Identity) -> tuple[str, ...]:
        """The sessions somebody opened."""
        return tuple(session_id for session_id, (_, owner) in self._sessions.items() if owner == who.digest)
