"""What was chosen: settings that give the same fit wherever they are applied."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from features.errors import ConfigError
from training.config import Boosting, Splines
from training.config_file import section

Name = Literal["channel_rate", "logistic_splines", "lightgbm", "blend"]
RATES: Name = "channel_rate"
SPLINES: Name = "logistic_splines"
TREES: Name = "lightgbm"
BLEND: Name = "blend"
NAMES = (RATES, SPLINES, BLEND, TREES)


@dataclass(frozen=True, slots=True)
class Choice:
    """A candidate with all its settings.

    Parameters
    ----------
    name : str
        The candidate.
    tree_weight : float
        Weight of the trees' margin; 0 for splines alone, 1 for trees alone.
    boosting : Boosting
        Settings of the trees.
    trees : int
        How many.
    splines : Splines
        Settings of the logistic regression.
    strength : int
        Place of its penalty in `splines.strengths`.
    half_life : float or None
        Share of the data's span after which a row counts half in the regression.
    opportunity_credit : float
        What an opportunity that was not won counts beside a win in the fit.
    """

    name: Name
    tree_weight: float = 0.0
    boosting: Boosting = field(default_factory=Boosting)
    trees: int = 0
    splines: Splines = field(default_factory=Splines)
    strength: int = 0
    half_life: float | None = None
    opportunity_credit: float = 0.0

    @property
    def complexity(self) -> float:
        """Less for what varies less from one set of leads to the next."""
        return -1.0 if self.name == RATES else self.tree_weight

    def to_json(self) -> dict[str, Any]:
        """Return the form that a report keeps."""
        return dataclasses.asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Choice":
        """Return the choice that `to_json` wrote.

        Raises
        ------
        ConfigError
            When it has settings that are not known.
        """
        if data.get("name") not in NAMES:
            raise ConfigError(f"choice {data.get('name')!r}: expected one of {NAMES}")
        half_life = data["half_life"]
        return Choice(
            name=data["name"],
            tree_weight=float(data["tree_weight"]),
            boosting=section(Boosting, data["boosting"], "boosting"),
            trees=int(data["trees"]),
            splines=section(Splines, data["splines"], "splines"),
            strength=int(data["strength"]),
            half_life=None if half_life is None else float(half_life),
            opportunity_credit=float(data.get("opportunity_credit", 0.0)),
        )
