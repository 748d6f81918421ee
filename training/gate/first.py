"""What becomes of a model right after its training, while no model with signal answers."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from training.config import TrainingConfig
from training.gate.check import Result
from training.gate.cost import measure
from training.gate.gate import GateResult, judge_alone
from training.gate.twins import twins_of
from training.learn import Basis, Learned

Status = Result | Literal["forced", "rates"]
"""What the gate said of a version, or how it answers without a pass."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the absolute checks mean for a version.

    Parameters
    ----------
    result : GateResult
    status : Status
        "rates" where rates must answer, since there is nothing else.
    answers : bool
        Whether the version becomes champion.
    """

    result: GateResult
    status: Status
    answers: bool

    @property
    def why_rates(self) -> list[str]:
        """Why rates answer; without figures, since the time taken must not be in a report."""
        names = ", ".join(check.name for check in self.result.missed)
        return [f"the model did not pass the gate ({names})"]


def rule(
    learned: Learned,
    bundle: Path,
    champion: Basis | None,
    config: TrainingConfig,
    clock: Callable[[], float],
) -> Ruling | None:
    """Return what becomes of a new version; None where `make promote` decides.

    The first model of a dataset that passes answers, and so does one that passes where rates
    answered; a first one that does not leaves rates as the answer.

    Parameters
    ----------
    bundle : Path
        Folder of the model's bundle.
    champion : "model", "rates" or None
        What answers so far.
    """
    if champion == "model":
        return None
    result = judge_alone(twins_of(learned, None, None), measure(bundle, clock), config)
    if result.status == "passed":
        return Ruling(result, "passed", answers=True)
    if champion is None:
        return Ruling(result, "rates", answers=True)
    return Ruling(result, result.status, answers=False)
