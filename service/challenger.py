"""The model that is compared with the one that answers."""

import logging

from features.errors import BundleError, LeadScoringError
from models.bundle.folder import ArtifactFolder
from models.bundle.read import read_bundle
from models.scorer import Scorer, check_golden
from service.agreed import make_agreed
from service.holder import FileState, ModelHolder, Served, state_of_bundle
from service.settings import Settings

logger = logging.getLogger("lead_scoring")


class Challenger:
    """Holds the challenger, ready to score by the agreement that decides.

    No gate is asked: nothing of it is ever answered.
    """

    def __init__(self) -> None:
        self.served: Served | None = None
        self.problem: str | None = None
        self.refusals = 0
        self._looked_at: tuple[FileState, str | None] | None = None

    def refresh(self, settings: Settings, holder: ModelHolder) -> None:
        """Load the challenger where it, or the agreement that decides, is another one since.

        One that is damaged, not signed as it should be, or fails its golden leads is refused,
        and nothing is compared; the reason is kept and logged.
        """
        champion = holder.served if holder.ready and not holder.degraded else None
        if champion is None:
            self.served, self._looked_at = None, None
            return
        try:
            folder = ArtifactFolder(settings.artifacts).challenger(champion.about["dataset"])
        except BundleError as error:
            folder, self.problem = None, str(error)
        state = () if folder is None else state_of_bundle(folder)
        now = (state, champion.agreed.hash)
        if now == self._looked_at:
            return
        self._looked_at = now
        if folder is None:
            if self.served is not None:
                logger.info("nothing is compared any more")
            self.served, self.problem = None, None
            return
        try:
            scorer = Scorer(read_bundle(folder, key=settings.key))
            check_golden(scorer)
            same_dataset(scorer, champion)
            agreed = make_agreed(champion.agreement, scorer, unsigned=champion.agreed.unsigned)
        except LeadScoringError as error:
            self.served, self.problem = None, str(error)
            self.refusals += 1
            logger.warning("no challenger is compared: %s", self.problem)
            return
        self.served, self.problem = Served(scorer, agreed, {}), None
        logger.info("model version %s is compared from now on", self.served.model_version)


def same_dataset(scorer: Scorer, champion: Served) -> None:
    """Refuse a challenger of something else.

    Raises
    ------
    BundleError
        When its manifest names another dataset.
    """
    theirs, ours = scorer.manifest.dataset, champion.scorer.manifest.dataset
    if theirs != ours:
        raise BundleError(f"the challenger is about the dataset {theirs!r}, expected {ours!r}")
