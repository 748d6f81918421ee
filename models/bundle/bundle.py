"""A bundle: a trained model and everything needed to score, explain and watch it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from features.errors import BundleError
from models.bundle.deployment import Deployment
from models.bundle.golden import Golden
from models.bundle.manifest import Manifest
from models.bundle.reference import ReferenceLeads

MODEL = "model.txt"
MANIFEST = "manifest.json"
REPORT = "report.json"
GOLDEN = "golden.json"
REFERENCE = "reference"
HISTOGRAMS = "histograms.json"
LINES = "lines.json"
DEPLOYMENT = "deployment.json"
CHECKSUMS = "checksums.json"
OUTSIDE_FINGERPRINT = (LINES, DEPLOYMENT)


@dataclass(frozen=True, slots=True)
class Bundle:
    """The contents of a bundle's folder.

    Parameters
    ----------
    model_text : str or None
        LightGBM's text; None where rates answer.
    manifest : Manifest
    report : mapping
        All figures of the training.
    golden : Golden
        Leads whose scores a reader must reproduce.
    reference : ReferenceLeads
    histograms : mapping
        From `build_histograms`.
    deployment : Deployment
    lines : mapping
        Lines that agreements resolved to, by agreement version.
    """

    model_text: str | None
    manifest: Manifest
    report: Mapping[str, Any]
    golden: Golden
    reference: ReferenceLeads
    histograms: Mapping[str, Any]
    deployment: Deployment
    lines: Mapping[str, Any]

    def require_let_through(self) -> None:
        """Refuse a bundle that must not answer.

        Raises
        ------
        BundleError
            When no gate let it through, and it was neither forced nor holds mere rates.
        """
        gate, basis = self.deployment.gate, self.manifest.basis
        if gate in ("passed", "forced") or gate == basis == "rates":
            return
        raise BundleError(
            f"{self.manifest.dataset} version {self.deployment.version} must not answer: its gate "
            f"is {gate!r} and it answers by a {basis}, expected passed, forced, or rates"
        )
