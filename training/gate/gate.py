"""The gate: all checks of a new version, and whether it may answer."""

from dataclasses import dataclass
from typing import Any

from training.config import TrainingConfig
from training.gate import absolute, comparison
from training.gate.calibration import calibration
from training.gate.check import Check, Result
from training.gate.cost import Cost
from training.gate.labels import NAME
from training.gate.twins import Twins

SHOWN: dict[Result, str] = {"passed": "passed", "failed": "FAILED", "cannot tell": "cannot tell"}
ALONE = ("signal", "calibration slope", "observed/expected")
COMPARED = ("log loss", "channels")
BESIDE = (*COMPARED, "segments", NAME)
TOO_FEW = "too few leads were judged"


@dataclass(frozen=True, slots=True)
class GateResult:
    """What came of all checks.

    Parameters
    ----------
    checks : tuple of Check
    champion : str or None
        Version that was compared with; None for the absolute checks alone.
    """

    checks: tuple[Check, ...]
    champion: str | None = None

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
        """Return status, checks, and the figures of the comparison, as JSON."""
        beside = {check.name: dict(check.figures) for check in self.checks if check.name in BESIDE}
        comparison = None if self.champion is None else {"champion": self.champion, **beside}
        return {
            "status": self.status,
            "checks": [check.to_json() for check in self.checks],
            "comparison": comparison,
        }

    def refusal(self) -> str:
        """Return in one line what did not pass, with its figures."""
        return "; ".join(f"{check.name} {check.result}: {check.sentence}" for check in self.missed)

    def table(self) -> str:
        """Return all checks, one a line."""
        lines = [
            f"{check.name:18}{SHOWN[check.result]:12}{check.sentence}" for check in self.checks
        ]
        return "\n".join([f"gate: {self.status}", *lines]) + "\n"


def judge_alone(twins: Twins, cost: Cost, config: TrainingConfig) -> GateResult:
    """Return what the absolute checks say of a model.

    Parameters
    ----------
    twins : Twins
        Of the model.
    cost : Cost
        Of its bundle.
    """
    enough = absolute.enough_leads(twins, config.gate)
    checks = [enough]
    if enough.result == "passed":
        checks += [absolute.signal(twins, config), *calibration(twins, config)]
    else:
        checks += _untold(ALONE, TOO_FEW)
    checks += [
        absolute.audit(twins),
        absolute.latency(cost, config.gate),
        absolute.size(cost, config.gate),
    ]
    return GateResult(tuple(checks))


def judge(
    twins: Twins,
    cost: Cost,
    config: TrainingConfig,
    labels: Check,
) -> GateResult:
    """Return what all checks say of a challenger; without a champion, the absolute ones.

    Parameters
    ----------
    twins : Twins
        Of challenger and champion.
    cost : Cost
        Of the challenger's bundle.
    labels : Check
        From `volumes`.
    """
    alone = judge_alone(twins, cost, config)
    if twins.champion is None:
        return alone
    if twins.beside is None:
        why = "the champion was not judged on the same leads; train again"
        beside = [*_untold(COMPARED, why), labels]
    else:
        beside = _beside(twins, twins.beside, config, labels)
    return GateResult((*alone.checks, *beside), twins.champion)


def _beside(twins: Twins, beside: str, config: TrainingConfig, labels: Check) -> list[Check]:
    if absolute.enough_leads(twins, config.gate).result != "passed":
        return [*_untold(COMPARED, TOO_FEW), labels]
    return [
        comparison.log_loss(twins, beside, config),
        *comparison.parts(twins, beside, config),
        labels,
    ]


def _untold(names: tuple[str, ...], why: str) -> list[Check]:
    return [Check(name, "cannot tell", {}, None, why) for name in names]
