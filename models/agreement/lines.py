"""The lines between the labels: as agreed, and as the probabilities that they come to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from features.arrays import BoolArray, FloatArray
from features.errors import AgreementError

if TYPE_CHECKING:
    from models.agreement.agreement import Agreement

Measure = Literal["probability", "lift", "precision", "capacity_per_week"]
MEASURES: tuple[Measure, ...] = ("probability", "lift", "precision", "capacity_per_week")
SIMPLE: tuple[Measure, ...] = ("probability", "lift")
"""Those that need no past leads to become a probability."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line as people agree on it.

    Parameters
    ----------
    measure : str
        A probability; a lift over the base rate; the share that is won among those over the
        line; or how many leads a week may be over it.
    value : float
        How much of it.
    """

    measure: Measure
    value: float


@dataclass(frozen=True, slots=True)
class AgreedLines:
    """Both lines as people agree on them."""

    mql: Line
    sql: Line


@dataclass(frozen=True, slots=True)
class Lines:
    """Least probability of an MQL and of an SQL, for one pair of agreement and model.

    Parameters
    ----------
    mql, sql : float
        A probability on a line is over it; mql is below sql, or on it with a larger share.
    segments : mapping of str to Lines
        Those of the segments that have lines of their own.
    mql_share, sql_share : float
        Share of the leads exactly on the line that are over it; under 1 where more leads
        have that probability than a capacity has room for. See `over`.
    """

    mql: float
    sql: float
    segments: Mapping[str, "Lines"] = field(default_factory=dict)
    mql_share: float = 1.0
    sql_share: float = 1.0

    def of(self, segment: str | None) -> "Lines":
        """Return the lines of a segment, those of everybody where it has none of its own.

        Examples
        --------
        >>> Lines(0.1, 0.2, {"dach": Lines(0.2, 0.4)}).of("dach").sql
        0.4
        """
        return self if segment is None else self.segments.get(segment, self)

    def to_json(self) -> dict[str, Any]:
        """Return the lines as JSON."""
        own = {name: lines.to_json() for name, lines in sorted(self.segments.items())}
        shares = {"mql_share": self.mql_share, "sql_share": self.sql_share}
        tied = {name: share for name, share in shares.items() if share < 1.0}
        return {"mql": self.mql, "sql": self.sql, **tied, **({"segments": own} if own else {})}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Lines":
        """Return the lines that `to_json` wrote."""
        own = {name: Lines.from_json(lines) for name, lines in data.get("segments", {}).items()}
        shares = (float(data.get("mql_share", 1.0)), float(data.get("sql_share", 1.0)))
        return Lines(float(data["mql"]), float(data["sql"]), own, *shares)


def over(
    probability: FloatArray,
    line: FloatArray | float,
    share: FloatArray | float,
    rank: FloatArray | None,
) -> BoolArray:
    """Return which leads are over a line.

    Parameters
    ----------
    probability, line, share : arrays or numbers that broadcast
        A lead exactly on a line is over it when its rank is below the share.
    rank : array of shape (n_leads,), or None
        From `tie_rank`; None lets all leads on a line be over it.

    Examples
    --------
    >>> half = np.array([0.5])
    >>> over(np.array([0.1, 0.2, 0.2]), np.array([0.2]), half, np.array([0.0, 0.3, 0.7]))
    array([False,  True, False])
    """
    found: BoolArray = probability > line
    tied: BoolArray = probability == line
    return found | (tied if rank is None else tied & ((rank < share) | (share >= 1.0)))


def tie_rank(lead_ids: Sequence[str]) -> FloatArray:
    """Return a number in [0, 1) for each id, the same one wherever and whenever it is asked.

    Examples
    --------
    >>> tie_rank(["L-1", "L-2"]).round(3)
    array([0.62 , 0.162])
    """
    ranks = [
        int.from_bytes(blake2b(lead_id.encode(), digest_size=6).digest(), "big") / 2.0**48
        for lead_id in lead_ids
    ]
    return np.array(ranks, dtype=np.float64)


def resolve_simple(agreement: "Agreement", anchor: float) -> Lines:
    """Return the lines of an agreement that need no past leads: probabilities and lifts.

    Parameters
    ----------
    agreement : Agreement
        Whose lines.
    anchor : float
        The base rate; a lift is a multiple of it.

    Raises
    ------
    AgreementError
        When a line is a precision or a capacity, which past leads have to resolve; when a
        lift comes to a probability of 1 or more; or when the SQL line is not above the MQL
        line. The message names the line of the file.

    Examples
    --------
    >>> from models.agreement.agreement import default_agreement
    >>> resolve_simple(default_agreement("mine", 0.05), 0.05)
    Lines(mql=0.1, sql=0.2, segments={}, mql_share=1.0, sql_share=1.0)
    """
    own = {
        segment.name: _resolved(agreement, segment.lines, ("segments", i, "lines"), anchor)
        for i, segment in enumerate(agreement.segments)
        if segment.lines is not None
    }
    lines = _resolved(agreement, agreement.lines, ("lines",), anchor)
    return Lines(lines.mql, lines.sql, own)


def _resolved(
    agreement: "Agreement", agreed: AgreedLines, path: tuple[str | int, ...], anchor: float
) -> Lines:
    mql = _probability(agreement, agreed.mql, (*path, "mql"), anchor)
    sql = _probability(agreement, agreed.sql, (*path, "sql"), anchor)
    if mql >= sql:
        raise AgreementError(
            f"{agreement.place((*path, 'sql'))}: the SQL line ({sql:.4g}) is not above the MQL "
            f"line ({mql:.4g}) at a base rate of {anchor:.4g}"
        )
    return Lines(mql, sql)


def _probability(
    agreement: "Agreement", line: Line, path: tuple[str | int, ...], anchor: float
) -> float:
    if line.measure not in SIMPLE:
        raise AgreementError(
            f"{agreement.place(path)}: a line by {line.measure} has to be resolved on past "
            "leads, and was not for this model"
        )
    probability = line.value if line.measure == "probability" else line.value * anchor
    if probability >= 1.0:
        raise AgreementError(
            f"{agreement.place(path)}: a lift of {line.value:g} over a base rate of "
            f"{anchor:.4g} is no probability; expected at most {1.0 / anchor:.4g}"
        )
    return probability
