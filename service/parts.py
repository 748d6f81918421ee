"""What the routes stand on."""

from dataclasses import dataclass

from service.clock import Clock
from service.holder import ModelHolder
from service.settings import Settings
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
    """

    settings: Settings
    holder: ModelHolder
    sink: DecisionSink
    clock: Clock
    store: Store | None = None
