"""Something that was asked for and is not done: raised to whoever asked, and kept."""

from enum import StrEnum

from dfr.core.record import RefusalRecord


class RefusalKind(StrEnum):
    """What kind of no it is."""

    UNKNOWN = "unknown"
    """There is no such flight, incident or asset."""
    UNUSABLE = "unusable"
    """What was sent cannot be acted on as it is."""
    NOT_NOW = "not_now"
    """It conflicts with how things stand; it may go through later."""
    BUSY = "busy"
    """The engine's inbox is full."""


class NotDone(Exception):
    """A refusal with every reason in words. `record` is the kept one, None for what is not worth keeping."""

    def __init__(
        self, kind: RefusalKind, title: str, sentences: tuple[str, ...], record: RefusalRecord | None = None
    ) -> None:
        super().__init__(" ".join(sentences))
        self.kind = kind
        self.title = title
        self.sentences = sentences
        self.record = record
