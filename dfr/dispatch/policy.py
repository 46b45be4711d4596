"""Which calls fly by themselves: rules in order, the first that matches decides."""

from dataclasses import dataclass
from enum import StrEnum

from dfr.core.incident import Incident


class PolicyAction(StrEnum):
    AUTO = "auto"
    """Launch at once."""
    ADVISE = "advise"
    """Show it to the pilot, who may launch."""
    NEVER = "never"
    """No aircraft for this kind of call, not even by a pilot."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Matches incidents of one of these types with one of these priorities (1 is highest); an empty set means any."""

    name: str
    action: PolicyAction
    types: frozenset[str] = frozenset()
    priorities: frozenset[int] = frozenset()
    minutes_on_scene: float = 5.0
    """How long the aircraft must be able to stay there: one that cannot is not sent."""
    regime: str = ""
    """The id of the regime that its flights are flown under; "": the site's first."""

    def matches(self, incident: Incident) -> bool:
        return (not self.types or incident.type in self.types) and (
            not self.priorities or incident.priority in self.priorities
        )


@dataclass(frozen=True, slots=True)
class PolicyVerdict:
    action: PolicyAction
    rule: str
    sentence: str
    minutes_on_scene: float = 0.0
    regime: str = ""


def decide(rules: tuple[Rule, ...], incident: Incident) -> PolicyVerdict:
    """The first matching rule's action; when none matches, the pilot is advised and nothing launches by itself."""
    call = f"{incident.type}, priority {incident.priority}"
    for rule in rules:
        if rule.matches(incident):
            consequence = {
                PolicyAction.AUTO: "an aircraft is sent at once",
                PolicyAction.ADVISE: "the pilot decides",
                PolicyAction.NEVER: "no aircraft is sent",
            }[rule.action]
            sentence = f"{call}: rule '{rule.name}' says {consequence}."
            return PolicyVerdict(rule.action, rule.name, sentence, rule.minutes_on_scene, rule.regime)
    return PolicyVerdict(PolicyAction.ADVISE, "none", f"{call}: no rule matches, so the pilot decides.")
