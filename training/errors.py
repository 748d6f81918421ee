"""What can go wrong in training, besides the errors that all packages share.

::

    LeadScoringError
    └── TrainingError              a model that cannot or must not be trained
        ├── TooFewOutcomesError    not enough wins or losses to learn from
        ├── GateError              a model that does not pass the gate
        └── RegistryAwayError      the registry does not answer for now
"""

from features.errors import LeadScoringError


class TrainingError(LeadScoringError):
    """A model cannot or must not be trained."""


class TooFewOutcomesError(TrainingError):
    """There are not enough wins or losses to learn from."""


class GateError(TrainingError):
    """A model does not pass the gate."""


class RegistryAwayError(TrainingError):
    """The registry does not answer for now."""
