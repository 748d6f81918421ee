"""The model and the agreement that answer, in one reference that can be swapped."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from threading import Lock
from typing import Any, TypeAlias

from features.errors import AgreementError, BundleError, LeadScoringError
from features.moment import to_moment
from features.space import FeatureSpace
from models.agreement.agreement import Agreement
from models.agreement.lines import Lines
from models.bundle.bundle import CHECKSUMS
from models.bundle.folder import ArtifactFolder
from models.bundle.read import read_bundle
from models.scorer import Scorer, check_golden
from service.agreed import Agreed, load_agreed
from service.errors import NotReadyError, StoreError
from service.rules_alone import RulesAlone, load_rules
from service.settings import Settings
from service.store.agreements import FROM_FILE, KeptAgreement, active_agreement, keep_agreement
from service.store.store import Store

logger = logging.getLogger("lead_scoring")
FileState: TypeAlias = tuple[int, ...]
LookedAt: TypeAlias = tuple[FileState, date, str | None]


@dataclass(frozen=True, slots=True)
class Served:
    """Everything that an answer needs.

    Parameters
    ----------
    scorer : Scorer
        The model, checked and warm.
    agreed : Agreed
        Decides the labels.
    about : mapping
        What `GET /model` answers.
    """

    scorer: Scorer
    agreed: Agreed
    about: Mapping[str, Any]

    @property
    def agreement(self) -> Agreement:
        """The agreement that decides the labels."""
        return self.agreed.agreement

    @property
    def lines(self) -> Lines:
        """What its lines come to for this model."""
        return self.agreed.lines

    @property
    def space(self) -> FeatureSpace:
        """Knows the stored form of a lead's values."""
        return self.scorer.space

    @property
    def warnings(self) -> tuple[str, ...]:
        """What an operator should know."""
        return self.agreed.warnings

    @property
    def model_version(self) -> str:
        """Version of the model."""
        return self.scorer.bundle.deployment.version


class ModelHolder:
    """Holds what is served; a request takes it once and keeps it to its end.

    Parameters
    ----------
    store : Store, optional
        Knows which agreement was activated, and keeps those that decide.
    """

    def __init__(self, store: Store | None = None) -> None:
        self._store = store
        self._served: Served | None = None
        self._alone: RulesAlone | None = None
        self._looked_at: LookedAt | None = None
        self._champion: FileState | None = None
        self._lock = Lock()
        self.problem: str | None = "no model was loaded yet"
        self.agreement_problem: str | None = None
        self.loads = 0
        self.refusals = 0

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
    def answering(self) -> Served | RulesAlone:
        """What answers leads now: a model, or without one the agreement's rules alone.

        Raises
        ------
        NotReadyError
            When there is neither.
        """
        return self.served if self._alone is None else self._alone

    @property
    def degraded(self) -> bool:
        """Whether the agreement's rules answer for want of a model."""
        return self._alone is not None

    @property
    def ready(self) -> bool:
        """Whether a model is loaded."""
        return self._served is not None

    def swap(self, served: Served) -> None:
        """Let another model answer from the next request on."""
        self._served, self._alone = served, None
        self.problem = None
        self.loads += 1

    def load(self, settings: Settings, today: date) -> None:
        """Load the champion; keep what was served before, and the reason, where that fails."""
        with self._lock:
            self._load(settings, today)

    def _load(self, settings: Settings, today: date) -> None:
        self._champion = champion_of(settings)
        try:
            active = self._active(settings)
        except LeadScoringError as error:
            logger.warning("the agreement in its file decides for now: %s", error)
            active = None
        self._looked_at = looked_at(settings, today, active)
        try:
            served = load_served(settings, today, active)
        except LeadScoringError as error:
            self.problem = str(error)
            self.refusals += 1
            before = self._served
            answers = "no model" if before is None else f"model version {before.model_version}"
            # not the error: whoever keeps the line would keep the bundle that it came from
            logger.warning("%s answers: %s", answers, self.problem)
            if before is None:
                self._load_rules(settings, today, active)
            return
        self.swap(served)
        self._keep(served.agreed, today)

    def _load_rules(self, settings: Settings, today: date, active: KeptAgreement | None) -> None:
        """Let the agreement answer alone, where it can and may."""
        self._alone = None
        if settings.without_model == "refuse":
            return
        try:
            self._alone = load_rules(settings, today, active)
        except LeadScoringError as error:
            logger.warning("no rules answer in the model's place: %s", error)
        else:
            version = self._alone.agreement.version
            logger.warning("the rules of agreement version %s answer", version)

    def refresh_model(self, settings: Settings, today: date) -> None:
        """Load the champion again where another one was crowned since.

        Requests under way end with the one that they began with. A bundle that is damaged, not
        signed as it should be, was not let through by the gate or fails its golden leads is
        refused, and the one before stays.
        """
        with self._lock:  # two who see another champion at once load it once
            if champion_of(settings) == self._champion:
                return
            before = self._served
            self._load(settings, today)
            if self._served is not None and self._served is not before:
                logger.info("model version %s answers from now on", self._served.model_version)

    def refresh_agreement(self, settings: Settings, today: date) -> None:
        """Let a changed agreement decide from the next request on, if it may.

        A file that is broken, not signed as it should be, or has an old version with another
        content leaves the agreement that decides so far; the reason is kept and logged.
        """
        with self._lock:
            self._refresh_agreement(settings, today)

    def _refresh_agreement(self, settings: Settings, today: date) -> None:
        served = self._served
        try:
            active = self._active(settings)
        except LeadScoringError:
            return  # what decides so far goes on
        now = looked_at(settings, today, active)
        if now == self._looked_at:
            return
        self._looked_at = now
        if served is None:
            self._load_rules(settings, today, active)
            return
        try:
            agreed = load_agreed(settings, served.scorer, today, active)
            refuse_other_content(served.agreed, agreed)
        except LeadScoringError as error:
            self.agreement_problem = str(error)
            logger.warning(
                "agreement version %s goes on to decide: %s", served.agreement.version, error
            )
            return
        self.agreement_problem = None
        if agreed.hash != served.agreed.hash or agreed.unsigned != served.agreed.unsigned:
            logger.info("agreement version %s decides from now on", agreed.agreement.version)
        about = describe(served.scorer, agreed)
        self._served = replace(served, agreed=agreed, about=about)
        self._keep(agreed, today)

    def _active(self, settings: Settings) -> KeptAgreement | None:
        if self._store is None:
            return None
        dataset = settings.dataset or ArtifactFolder(settings.artifacts).only_dataset()
        return self._store.reading(lambda connection: active_agreement(connection, dataset))

    def _keep(self, agreed: Agreed, today: date) -> None:
        """Keep an agreement that decides, so that its decisions can be made again."""
        if self._store is None or agreed.text is None:
            return
        agreement = agreed.agreement
        at = to_moment(datetime.combine(today, time.min, UTC))
        kept = KeptAgreement(
            agreement.dataset, agreed.hash, agreement.version, agreed.text, at, FROM_FILE
        )
        try:
            self._store.changing(lambda connection: keep_agreement(connection, kept))
        except StoreError as error:
            logger.warning("agreement version %s is not kept: %s", agreement.version, error)


def champion_of(settings: Settings) -> FileState:
    """Return what changes when another bundle is crowned; nothing where there is none."""
    folder = ArtifactFolder(settings.artifacts)
    try:
        champion = folder.champion(settings.dataset or folder.only_dataset())
    except BundleError:
        return ()
    return state_of_bundle(champion)


def state_of_bundle(folder: Path) -> FileState:
    """Return what changes with a bundle and with its sums, which are written last."""
    state: FileState = ()
    for path in (folder, folder / CHECKSUMS):
        try:
            found = path.stat()
        except OSError:
            continue
        state = (*state, found.st_ino, found.st_mtime_ns)
    return state


def looked_at(settings: Settings, today: date, active: KeptAgreement | None) -> LookedAt:
    """Return what has to change before another agreement can decide."""
    return state_of_file(settings), today, None if active is None else active.text


def state_of_file(settings: Settings) -> FileState:
    """Return what changes when the agreement's file does; nothing where it is not there."""
    try:
        found = settings.agreement.stat()
    except OSError:
        return ()
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def refuse_other_content(before: Agreed, now: Agreed) -> None:
    """Refuse another content under the version that decides already.

    Raises
    ------
    AgreementError
        So that a version in an answer stands for one content.
    """
    version = now.agreement.version
    if version == before.agreement.version and now.hash != before.hash:
        raise AgreementError(
            f"{now.agreement.place(('version',))}: version {version!r} decides already, with "
            "another content; expected a new version"
        )


def load_served(settings: Settings, today: date, active: KeptAgreement | None = None) -> Served:
    """Return the champion of the settings' dataset, checked by its golden leads and warm.

    Raises
    ------
    BundleError, SignatureError
        When it is absent, damaged, not signed, was not let through by the gate, or does not
        reproduce its golden leads.
    AgreementError
        When the agreement cannot be used.
    """
    folder = ArtifactFolder(settings.artifacts)
    dataset = settings.dataset or folder.only_dataset()
    bundle = read_bundle(folder.champion(dataset), key=settings.key)
    bundle.require_let_through()
    scorer = Scorer(bundle)
    check_golden(scorer)
    agreed = load_agreed(settings, scorer, today, active)
    return Served(scorer, agreed, describe(scorer, agreed))


def describe(scorer: Scorer, agreed: Agreed) -> dict[str, Any]:
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
            "version": agreed.agreement.version,
            "unsigned": agreed.unsigned,
            "mql": agreed.lines.mql,
            "sql": agreed.lines.sql,
        },
    }
