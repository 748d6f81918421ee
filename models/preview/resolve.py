"""From agreed lines to probabilities, once per pair of agreement and model."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from features.arrays import BoolArray, IntArray
from features.errors import AgreementError
from features.space import FeatureSpace
from models.agreement.agreement import LABELS, Agreement
from models.agreement.lines import AgreedLines, Line, Lines, over
from models.agreement.position import Path
from models.agreement.signing import content_hash
from models.bundle.bundle import Bundle
from models.bundle.reference import CALIBRATION, TEST, ReferenceLeads
from models.preview.entry import MQL, SQL, before_first, first_rows
from models.preview.looked import Looked, looked_at
from models.preview.resolved import Promise, ResolvedLine, ResolvedLines
from models.preview.rules import Allowed, allowed
from models.preview.share import share_won
from models.preview.threshold import Threshold, by_capacity, by_precision

PER_CENT = 100.0


def lines_for(agreement: Agreement, bundle: Bundle) -> ResolvedLines:
    """Return the lines of an agreement for a bundle's model, those stored with it if they are.

    Raises
    ------
    AgreementError
        As `resolve` does.
    """
    stored = stored_lines(agreement, bundle.lines)
    if stored is not None:
        return stored
    manifest = bundle.manifest
    return resolve(agreement, bundle.reference, manifest.anchor, manifest.space)


def stored_lines(agreement: Agreement, stored: Mapping[str, Any]) -> ResolvedLines | None:
    """Return the lines that a bundle holds for this very content, None where it holds none."""
    found = stored.get(agreement.version)
    if found is None or found["content"] != content_hash(agreement):
        return None
    return ResolvedLines.from_json(found)


def resolve(
    agreement: Agreement,
    reference: ReferenceLeads,
    anchor: float,
    space: FeatureSpace | None = None,
) -> ResolvedLines:
    """Return what the lines of an agreement come to.

    A precision or a capacity is drawn on the calibration slice of the reference leads: leads
    that pass the fit and intent rules, each counted when it first comes over the line, with
    predictions by models that could not know them. What it then comes to is shown on the
    test slice, which it was not drawn on. The SQL line comes first: whoever is SQL is no MQL.

    Parameters
    ----------
    agreement : Agreement
    reference : ReferenceLeads
        Of the model's bundle.
    anchor : float
        The base rate; a lift is a multiple of it.
    space : FeatureSpace, optional
        Of the model; its encoders read the values.

    Raises
    ------
    AgreementError
        When a line cannot be had; the message names its place in the file and the nearest
        figure that can.
    """
    drawn = _Side.of(looked_at(reference, CALIBRATION, space), agreement)
    shown = _Side.of(looked_at(reference, TEST, space), agreement)
    own: dict[str, Lines] = {}
    everybody: Lines | None = None
    told: list[ResolvedLine] = []
    for scope, name in enumerate(drawn.allowed.scopes):
        place, agreed = _agreed(agreement, name)
        scoped = _Scope(agreement, place, drawn, scope, anchor)
        lines = scoped.resolve(agreed)
        told += _told(name, scope, agreed, lines, (drawn, shown))
        if name is None:
            everybody = lines
        else:
            own[name] = lines
    assert everybody is not None, "the first scope is everybody"
    lines = Lines(everybody.mql, everybody.sql, own, everybody.mql_share, everybody.sql_share)
    return ResolvedLines(agreement.version, content_hash(agreement), lines, tuple(told))


class _Side(NamedTuple):
    """A slice, and what the rules allow in it."""

    looked: Looked
    allowed: Allowed

    @staticmethod
    def of(looked: Looked, agreement: Agreement) -> "_Side":
        return _Side(looked, allowed(looked, agreement))

    def sql(self, scope: int, line: float, share: float) -> BoolArray:
        """Return the rows over an SQL line."""
        looked = self.looked
        return self.allowed.may_be(SQL, scope) & over(looked.probability, line, share, looked.rank)

    def usable_mql(self, scope: int, sql: BoolArray) -> BoolArray:
        """Return the rows that may be MQL: not SQL, and not after having been."""
        return self.allowed.may_be(MQL, scope) & ~sql & before_first(sql, self.looked.lead)


class _Scope(NamedTuple):
    """The leads that one pair of lines is drawn on."""

    agreement: Agreement
    place: Path
    side: _Side
    scope: int
    anchor: float

    def resolve(self, agreed: AgreedLines) -> Lines:
        """Return both lines."""
        sql = self._line(agreed.sql, self.side.allowed.may_be(SQL, self.scope), "sql")
        over_sql = self.side.sql(self.scope, sql.probability, sql.share)
        mql = self._line(agreed.mql, self.side.usable_mql(self.scope, over_sql), "mql")
        # on the same probability, more of the leads exactly on it have to be over the MQL line
        above = (sql.probability, -sql.share) > (mql.probability, -mql.share)
        if not above:
            raise AgreementError(
                f"{self._at('sql')}: the SQL line comes to {sql.probability:.4g}, not above the "
                f"MQL line, which comes to {mql.probability:.4g}; expected fewer SQL or more MQL"
            )
        return Lines(mql.probability, sql.probability, {}, mql.share, sql.share)

    def _at(self, name: str) -> str:
        return self.agreement.place((*self.place, name))

    def _line(self, line: Line, usable: BoolArray, name: str) -> Threshold:
        if line.measure in ("probability", "lift"):
            factor = 1.0 if line.measure == "probability" else self.anchor
            return self._simple(line.value * factor, line, name)
        looked = self.side.looked
        if looked.n_rows == 0:
            raise AgreementError(
                f"{self._at(name)}: no leads were predicted before the newest ones, so a "
                f"{line.measure} cannot be resolved; expected a probability or a lift"
            )
        if line.measure == "precision":
            return self._precision(line.value, usable, name)
        if looked.weeks is None:
            raise AgreementError(
                f"{self._at(name)}: a capacity per week cannot be resolved, since the data have "
                "no dates; expected a probability, a lift or a precision"
            )
        return self._capacity(line.value, usable, name)

    def _simple(self, probability: float, line: Line, name: str) -> Threshold:
        if probability >= 1.0:
            raise AgreementError(
                f"{self._at(name)}: a lift of {line.value:g} over a base rate of "
                f"{self.anchor:.4g} is no probability; expected at most {1.0 / self.anchor:.4g}"
            )
        return Threshold(probability, 1.0, probability, found=True)

    def _precision(self, wanted: float, usable: BoolArray, name: str) -> Threshold:
        found = by_precision(self.side.looked, usable, wanted)
        if found.found:
            return found
        raise AgreementError(
            f"{self._at(name)}: no line is followed by a share won of at least "
            f"{wanted * PER_CENT:g} %; the nearest that can be had is "
            f"{found.reached * PER_CENT:.1f} % (lower end of the 80 % interval)"
        )

    def _capacity(self, wanted: float, usable: BoolArray, name: str) -> Threshold:
        found = by_capacity(self.side.looked, usable, wanted)
        if found.found:
            return found
        if found.probability == 0.0:
            raise AgreementError(
                f"{self._at(name)}: only {found.reached:.3g} leads a week pass the rules, fewer "
                f"than the {wanted:g} agreed; the nearest that can be had is {found.reached:.3g}"
            )
        raise AgreementError(
            f"{self._at(name)}: {wanted:g} a week is less than one lead in the "
            f"{self.side.looked.weeks:.3g} weeks of past leads; the nearest that can be had is "
            f"{found.reached:.3g}"
        )


def _agreed(agreement: Agreement, name: str | None) -> tuple[Path, AgreedLines]:
    for i, segment in enumerate(agreement.segments):
        if segment.name == name and segment.lines is not None:
            return ("segments", i, "lines"), segment.lines
    return ("lines",), agreement.lines


def _told(
    name: str | None, scope: int, agreed: AgreedLines, lines: Lines, sides: tuple[_Side, _Side]
) -> list[ResolvedLine]:
    promises: dict[int, list[Promise]] = {MQL: [], SQL: []}
    for side in sides:
        sql = side.sql(scope, lines.sql, lines.sql_share)
        mql = side.usable_mql(scope, sql)
        mql &= over(side.looked.probability, lines.mql, lines.mql_share, side.looked.rank)
        for which, rows in ((MQL, mql), (SQL, sql)):
            promises[which].append(_promise(side.looked, first_rows(rows, side.looked.lead)))
    drawn = {MQL: (agreed.mql, lines.mql, lines.mql_share)}
    drawn[SQL] = (agreed.sql, lines.sql, lines.sql_share)
    return [
        ResolvedLine(LABELS[which], name, *drawn[which], *promises[which]) for which in (MQL, SQL)
    ]


def _promise(looked: Looked, rows: IntArray) -> Promise:
    weight = looked.weight[rows]
    per_week = None if looked.weeks is None else float(np.sum(weight)) / looked.weeks
    return Promise(per_week, share_won(looked.won[rows], weight, looked.group[rows]))
