"""The model that answers, in one reference that can be swapped."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from features.errors import AgreementError, LeadScoringError
from models.agreement.agreement import Agreement, default_agreement
from models.agreement.lines import Lines, resolve_simple
from models.agreement.read import load_agreement
from models.bundle.folder import ArtifactFolder
from models.bundle.read import read_bundle
from models.scorer import Scorer, check_golden
from service.errors import NotReadyError
from service.settings import Settings

logger = logging.getLogger("lead_scoring")


@dataclass(frozen=True, slots=True)
class Served:
    """Everything that an answer needs.

    Parameters
    ----------
    scorer : Scorer
        The model, checked and warm.
    agreement : Agreement
        Decides the labels.
    lines : Lines
        What its lines come to for this model.
    about : mapping
        What `GET /model` answers.
    warnings : tuple of str
        What an operator should know.
    """

    scorer: Scorer
    agreement: Agreement
    lines: Lines
    about: Mapping[str, Any]
    warnings: tuple[str, ...]

    @property
    def model_version(self) -> str:
        """Version of the model."""
        return self.scorer.bundle.deployment.version


class ModelHolder:
    """Holds what is served; a request takes it once and keeps it to its end."""

    def __init__(self) -> None:
        self._served: Served | None = None
        self.problem: str | None = "no model was loaded yet"

    @property
    def served(self) -> Served:
        """What answers now.

        Raises
        ------
        NotReadyError
            When no model is loaded.
        """
        served = self._served
        if served is None:
            raise NotReadyError(f"no model is loaded: {self.problem}")
        return served

    @property
    def ready(self) -> bool:
        """Whether a model is loaded."""
        return self._served is not None

    def swap(self, served: Served) -> None:
        """Let another model answer from the next request on."""
        self._served = served
        self.problem = None

    def load(self, settings: Settings) -> None:
        """Load the champion; keep what was served before, and the reason, where that fails."""
        try:
            self.swap(load_served(settings))
        except LeadScoringError as error:
            self.problem = str(error)
            logger.warning("no model loaded: %s", error)


def load_served(settings: Settings) -> Served:
    """Return the champion of the settings' dataset, checked by its golden leads and warm.

    Raises
    ------
    BundleError, SignatureError
        When it is absent, damaged, not signed, or does not reproduce its golden leads.
    AgreementError
        When the agreement cannot be used.
    """
    folder = ArtifactFolder(settings.artifacts)
    dataset = settings.dataset or folder.only_dataset()
    scorer = Scorer(read_bundle(folder.champion(dataset), key=settings.key))
    check_golden(scorer)
    agreement, warnings = find_agreement(settings, scorer)
    lines = resolve_simple(agreement, scorer.manifest.anchor)
    return Served(scorer, agreement, lines, describe(scorer, agreement, lines), warnings)


def find_agreement(settings: Settings, scorer: Scorer) -> tuple[Agreement, tuple[str, ...]]:
    """Return the agreement of the model's dataset, a default one where there is none.

    Raises
    ------
    AgreementError
        When a file was named that is not there, or is about another dataset, or is broken.
    """
    manifest = scorer.manifest
    named = "agreement" in settings.model_fields_set
    default = default_agreement(manifest.dataset, manifest.anchor)
    if not named and not settings.agreement.is_file():
        return default, ("no agreement: lines are twice and four times the anchor",)
    agreement = load_agreement(settings.agreement)
    if agreement.dataset == manifest.dataset:
        return agreement, ()
    about = f"{settings.agreement} is about the dataset {agreement.dataset!r}"
    if named:
        raise AgreementError(f"{about}, the model about {manifest.dataset!r}")
    return default, (f"{about}: lines are twice and four times the anchor",)


def describe(scorer: Scorer, agreement: Agreement, lines: Lines) -> dict[str, Any]:
    """Return what `GET /model` answers."""
    manifest, deployment = scorer.manifest, scorer.bundle.deployment
    return {
        "dataset": manifest.dataset,
        "version": deployment.version,
        "basis": manifest.basis,
        "exported_at": deployment.exported_at,
        "gate": deployment.gate,
        "horizon_days": manifest.horizon_days,
        "anchor": manifest.anchor,
        "trained_on": dict(manifest.window),
        "metrics": dict(manifest.metrics),
        "attributes": [
            {"name": spec.name, "type": spec.type, "family": spec.family}
            for spec in scorer.space.attributes
        ],
        "activities": list(scorer.space.kinds),
        "importances": scorer.importances(),
        "agreement": {
            "version": agreement.version,
            "mql": lines.mql,
            "sql": lines.sql,
        },
    }
