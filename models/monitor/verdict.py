"""What a check came to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from models.words import words

State: TypeAlias = Literal["fine", "watch", "act"]
STATES: tuple[State, ...] = ("fine", "watch", "act")
SHARES = ("_share", "_rate", "distance")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One check's verdict.

    Parameters
    ----------
    check : str
        What was looked at: "inputs", "emptied", "scores", "concept" and so on.
    subject : str or None
        Which attribute, channel or label; None for all leads.
    state : "fine", "watch" or "act"
    says : str
        Key of the sentence under `monitor` in the catalogue.
    figures : mapping
        Numbers behind it; None where unknown.
    """

    check: str
    subject: str | None
    state: State
    says: str
    figures: Mapping[str, Any] = field(default_factory=dict)

    def sentence(self, language: str = "en") -> str:
        """Return what was found and what to do, in words.

        Examples
        --------
        >>> low = {"observed_rate": 0.021, "predicted_rate": 0.049, "leads": 900}
        >>> Verdict("channel", "LinkedIn", "act", "channel_act", low).sentence()
        'LinkedIn leads convert at 2.1 %, predicted 4.9 % (900 leads): retrain'
        """
        template: str = words(language)["monitor"][self.says]
        shown = {name: _shown(name, value) for name, value in self.figures.items()}
        return template.format(subject=self.subject or "", **shown)

    def to_json(self, language: str = "en") -> dict[str, Any]:
        """Return it as JSON, with its sentence."""
        return {
            "check": self.check,
            "subject": self.subject,
            "verdict": self.state,
            "says": self.sentence(language),
            "figures": dict(self.figures),
        }


def worst(verdicts: "list[Verdict]") -> State:
    """Return the gravest state.

    Examples
    --------
    >>> worst([Verdict("scores", None, "watch", "x"), Verdict("concept", None, "fine", "y")])
    'watch'
    """
    return max((one.state for one in verdicts), key=STATES.index, default="fine")


def _shown(name: str, value: object) -> object:
    if isinstance(value, float):
        if name.endswith(SHARES):
            return f"{100 * value:.1f} %"
        return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"
    return "-" if value is None else value
