"""All checks of a model in use, each with one verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.monitor.budget import SPAN_DAYS, Budget
from models.monitor.estimated import estimate
from models.monitor.inputs import check_emptied, check_inputs, check_scores
from models.monitor.observed import Observed
from models.monitor.outcomes import check_concept, check_discrimination, check_early
from models.monitor.promises import Kept, check_promises
from models.monitor.reference import Reference
from models.monitor.verdict import Verdict, worst
from models.words import words


@dataclass(frozen=True, slots=True)
class Monitored:
    """What monitoring found.

    Parameters
    ----------
    verdicts : list of Verdict
    estimated : mapping
        Of `estimate`: figures without a verdict.
    leads : int
        How many were looked at.
    risk : float
        False alarms to expect within 30 days in which nothing changes, all checks together.
    """

    verdicts: list[Verdict]
    estimated: Mapping[str, Any]
    leads: int
    risk: float

    def to_json(self, language: str = "en") -> dict[str, Any]:
        """Return it as JSON, in sentences of a language."""
        return {
            "verdict": worst(self.verdicts),
            "leads": self.leads,
            "risk": self.risk,
            "risk_days": SPAN_DAYS,
            "checks": [one.to_json(language) for one in self.verdicts],
            "estimated": {**self.estimated, "says": words(language)["monitor"]["assumes"]},
        }


def monitor(
    reference: Reference,
    observed: Observed,
    now: int,
    *,
    lines: Mapping[str, float] | None = None,
    promises: Sequence[Kept] = (),
    budget: Budget | None = None,
    entered: Observed | None = None,
) -> Monitored:
    """Return a verdict per check.

    Parameters
    ----------
    reference : Reference
        Of the model in use.
    observed : Observed
        Leads by the time of their first decision.
    now : int
        Moment.
    lines : mapping of str to float, optional
        Probability by label, at which precision is estimated.
    promises : sequence of Kept
        What the agreement promises, and how often it was kept.
    budget : Budget, optional
        How false alarms are shared out.
    entered : Observed, optional
        The leads as they came, where they were decided later; inputs and scores are compared
        with those of leads that came, too.
    """
    budget = budget or Budget()
    observed = observed.until(now)
    came = observed if entered is None else entered.until(now)
    verdicts = [
        *check_emptied(reference, came, budget, now),
        *check_inputs(reference, came, budget),
        *check_scores(reference, came, budget),
        *check_concept(reference, observed, budget, now),
        *check_discrimination(reference, observed, budget, now),
        *check_early(reference, observed, budget, now),
        *check_promises(promises, budget),
    ]
    estimated = estimate(reference, observed, lines or {}, now)
    return Monitored(verdicts, estimated, observed.n_leads, budget.total)
