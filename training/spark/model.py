"""What every worker of a cluster needs of a model, sent once and made ready once."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from models.agreement.agreement import Agreement
from models.agreement.lines import Lines
from models.bundle.bundle import Bundle
from models.scorer import Scorer

Shared = Callable[[], "Model"]
"""Gives a worker the model."""


class Model:
    """A bundle and an agreement; what is compiled from them is made where it is used.

    Parameters
    ----------
    bundle : Bundle
    agreement : Agreement
    lines : Lines
        The agreement's, resolved.
    """

    def __init__(self, bundle: Bundle, agreement: Agreement, lines: Lines) -> None:
        self.bundle = bundle
        self.agreement = agreement
        self.lines = lines

    @cached_property
    def scorer(self) -> Scorer:
        """The bundle, ready to score."""
        return Scorer(self.bundle)

    def __reduce__(self) -> tuple[Any, ...]:
        return Model, (self.bundle, self.agreement, self.lines)


def share(spark: Any, model: Model) -> Shared:
    """Return what gives each worker the model: broadcast, or sent along where Spark cannot.

    Parameters
    ----------
    spark : SparkSession
        A remote one (Spark Connect) has no broadcast.
    """
    try:
        broadcast = spark.sparkContext.broadcast(model)
    except AttributeError:
        return lambda: model
    return lambda: broadcast.value
