"""What the routes stand on."""

from dataclasses import dataclass

from service.clock import Clock
from service.holder import ModelHolder
from service.settings import Settings
from service.sink import DecisionSink


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
    """

    settings: Settings
    holder: ModelHolder
    sink: DecisionSink
    clock: Clock
