"""What a bundle's manifest says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from features.errors import BundleError
from features.space import FeatureSpace
from models.explain.evidence import EvidenceTable
from models.score.calibration import Calibration
from models.score.margin import Blend
from models.score.rates import ChannelRates
from models.score.segments import Segments

FORMAT = 4
Basis = Literal["model", "rates"]
BASES: tuple[Basis, ...] = ("model", "rates")


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything but the trees that is needed to score, and what the model is about.

    Parameters
    ----------
    dataset : str
        What the model is about.
    basis : "model" or "rates"
        What answers: the model, or channel rates where the data held no signal.
    horizon_days : int or None
        The probability is that of being won within so many days; None without dates.
    snapshot_days : tuple of float
        Ages at which leads were looked at.
    anchor : float
        The probability that is 50 points.
    space : FeatureSpace
        Fitted features.
    calibration : Calibration
        From margin to log-odds.
    rates : ChannelRates
        Shrunk channel rates.
    evidence : EvidenceTable
        Past leads by score.
    window : mapping
        Which data it was learned from: first and last moment, counts.
    metrics : mapping
        Main figures of the test at creation.
    blend : Blend
        What stands beside the trees.
    segments : Segments or None
        What segments are above or below; None where the mapping names none.
    """

    dataset: str
    basis: Basis
    horizon_days: int | None
    snapshot_days: tuple[float, ...]
    anchor: float
    space: FeatureSpace
    calibration: Calibration
    rates: ChannelRates
    evidence: EvidenceTable
    window: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    blend: Blend = field(default_factory=Blend)
    segments: Segments | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the manifest as JSON."""
        return {
            "format": FORMAT,
            "dataset": self.dataset,
            "basis": self.basis,
            "horizon_days": self.horizon_days,
            "snapshot_days": list(self.snapshot_days),
            "anchor": self.anchor,
            "features": self.space.to_json(),
            "calibration": self.calibration.to_json(),
            "rates": self.rates.to_json(),
            "evidence": self.evidence.to_json(),
            "window": dict(self.window),
            "metrics": dict(self.metrics),
            "blend": self.blend.to_json(),
            "segments": None if self.segments is None else self.segments.to_json(),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Manifest":
        """Return the manifest that `to_json` wrote.

        Raises
        ------
        BundleError
            When the format is not this one, or something is absent or not what it should be.
        """
        if data.get("format") != FORMAT:
            raise BundleError(
                f"manifest.json has the format {data.get('format')!r}, this version reads {FORMAT}"
            )
        if data.get("basis") not in BASES:
            raise BundleError(f"manifest.json: basis is {data.get('basis')!r}, expected {BASES}")
        try:
            return Manifest(
                dataset=str(data["dataset"]),
                basis=data["basis"],
                horizon_days=data["horizon_days"],
                snapshot_days=tuple(data["snapshot_days"]),
                anchor=float(data["anchor"]),
                space=FeatureSpace.from_json(data["features"]),
                calibration=Calibration.from_json(data["calibration"]),
                rates=ChannelRates.from_json(data["rates"]),
                evidence=EvidenceTable.from_json(data["evidence"]),
                window=dict(data["window"]),
                metrics=dict(data["metrics"]),
                blend=Blend.from_json(data["blend"]),
                segments=Segments.from_json(data["segments"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise BundleError(f"manifest.json is incomplete: {error!r}") from None
