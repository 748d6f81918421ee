"""The gate: all checks of a new version, and whether it may answer."""

from dataclasses import dataclass
from typing import Any

from models.agreement.agreement import Agreement
from training.config import TrainingConfig
from training.gate import absolute, comparison
from training.gate.calibration import calibration
from training.gate.check import Check, Result
from training.gate.cost import Cost
from training.gate.labels import volumes
from training.gate.twins import Twins

SHOWN: dict[Result, str] = {"passed": "passed", "failed": "FAILED", "cannot tell": "cannot tell"}
ALONE = ("signal", "calibration slope", "observed/expected")
BESIDE = ("log loss", "channels", "label volume")


@dataclass(frozen=True, slots=True)
class GateResult:
    """What came of all checks.

    Parameters
    ----------
    checks : tuple of Check
    """

    checks: tuple[Check, ...]

    @property
    def status(self) -> Result:
        """Failed when a check failed; else cannot tell when one could not be decided."""
        results = {check.result for check in self.checks}
        if "failed" in results:
            return "failed"
        return "cannot tell" if "cannot tell" in results else "passed"

    @property
    def missed(self) -> tuple[Check, ...]:
        """Checks that did not pass."""
        return tuple(check for check in self.checks if check.result != "passed")

    def to_json(self) -> dict[str, Any]:
        """Return status and checks as JSON."""
        return {"status": self.status, "checks": [check.to_json() for check in self.checks]}

    def refusal(self) -> str:
        """Return in one line what did not pass, with its figures."""
        return "; ".join(f"{check.name} {check.result}: {check.sentence}" for check in self.missed)

    def table(self) -> str:
        """Return all checks, one a line."""
        lines = [
            f"{check.name:18}{SHOWN[check.result]:12}{check.sentence}" for check in self.checks
        ]
        return "\n".join([f"gate: {self.status}", *lines]) + "\n"


def judge(
    twins: Twins,
    cost: Cost,
    config: TrainingConfig,
    agreement: Agreement,
    *,
    approved: bool = False,
) -> GateResult:
    """Return what the gate says of a challenger.

    Parameters
    ----------
    twins : Twins
        Without a champion in them, only the absolute checks are made.
    cost : Cost
        Of the challenger's bundle.
    agreement : Agreement
        The current one.
    approved : bool
        Whether somebody approved another volume of labels.
    """
    enough = absolute.enough_leads(twins, config.gate)
    told = enough.result == "passed"
    checks = [enough]
    if told:
        checks += [absolute.signal(twins, config), *calibration(twins, config)]
    else:
        checks += _untold(ALONE, "too few leads were judged")
    checks += [
        absolute.audit(twins),
        absolute.latency(cost, config.gate),
        absolute.size(cost, config.gate),
    ]
    if twins.champion is not None:
        checks += _beside(twins, config, agreement, approved=approved, told=told)
    return GateResult(tuple(checks))


def _beside(
    twins: Twins, config: TrainingConfig, agreement: Agreement, *, approved: bool, told: bool
) -> list[Check]:
    beside = twins.beside
    if beside is None:
        return _untold(BESIDE, "the champion was not judged on the same leads; train again")
    shown = volumes(twins, beside, agreement, config.gate, approved=approved)
    if not told:
        return [*_untold(BESIDE[:2], "too few leads were judged"), shown]
    return [
        comparison.log_loss(twins, beside, config),
        comparison.segments(twins, beside, config),
        shown,
    ]


def _untold(names: tuple[str, ...], why: str) -> list[Check]:
    return [Check(name, "cannot tell", {}, None, why) for name in names]
