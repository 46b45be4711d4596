"""What flights are flown under."""

from pydantic import Field

from dfr.core.regime import Regime
from dfr.server.models.base import Answer


class RegimeModel(Answer):
    """A regime: the rules of a flight."""

    id: str
    name: str
    source: str = Field(description="Where its rules were read.")
    limits: list[str] = Field(description="Each limit in words, with who says so.")

    @classmethod
    def of(cls, regime: Regime) -> "RegimeModel":
        return cls(id=regime.id, name=regime.name, source=regime.source, limits=list(regime.words))

    @classmethod
    def maybe(cls, regime: Regime | None) -> "RegimeModel | None":
        return None if regime is None else cls.of(regime)
