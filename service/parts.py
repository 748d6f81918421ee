"""What the routes stand on."""

from dataclasses import dataclass, field

from features.moment import MINUTE
from models.monitor.monitor import Monitored
from service.clock import Clock
from service.errors import NotFoundError
from service.holder import ModelHolder
from service.ids import Ids
from service.metrics import Metrics
from service.remembered import Remembered
from service.settings import Settings
from service.shadow import Shadow
from service.sink import DecisionSink
from service.store.store import Store


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one application.

    Parameters
    ----------
    settings : Settings
    holder : ModelHolder
        The model that answers.
    sink : DecisionSink
        Takes what was decided.
    clock : Clock
        What time it is.
    store : Store, optional
        Where decisions are found again.
    metrics : Metrics
        Counts what was done.
    ids : Ids
        Names decisions.
    shadow : Shadow, optional
        Compares what was decided with a challenger.
    verdicts : Remembered
        What monitoring found last.
    """

    settings: Settings
    holder: ModelHolder
    sink: DecisionSink
    clock: Clock
    store: Store | None = None
    metrics: Metrics = field(default_factory=Metrics)
    ids: Ids = field(default_factory=Ids)
    shadow: Shadow | None = None
    verdicts: Remembered[Monitored] = field(default_factory=lambda: Remembered(MINUTE))

    def require_store(self) -> Store:
        """Return the store.

        Raises
        ------
        NotFoundError
            When nothing is stored here.
        """
        if self.store is None:
            raise NotFoundError("nothing is stored here: LEAD_SCORING_DATABASE_URL is none")
        return self.store
