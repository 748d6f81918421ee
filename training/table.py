"""Snapshots as numbers: what every learner sees."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from features.arrays import BoolArray, FloatArray, IntArray
from features.attributes.vocabulary import Vocabulary
from features.column import Column
from features.feature import Feature
from features.leads import Leads
from features.space import FeatureSpace
from models.score.segments import Segments, named
from training.data.export import Export
from training.parts import leads_of_part
from training.scratch import (
    IN_MEMORY,
    Matrix,
    Scratch,
    between,
    bounds,
    columns_of,
    each_of,
    taken,
)
from training.snapshots import Course, Snapshots

PART_ROWS = 65_536
"""Features of so many rows are computed at a time."""


class Segment(NamedTuple):
    """The segment of each row.

    Parameters
    ----------
    about : str
        The attribute, or "source".
    column : Column
        Canonical names; None in a row for what is rare or not known.
    """

    about: str
    column: Column

    def names(self) -> list[str | None]:
        """Return each row's segment."""
        found = [None if value is None else str(value) for value in self.column.values]
        return [found[code] for code in self.column.codes.tolist()]

    def parts(self) -> np.ndarray[Any, np.dtype[np.str_]]:
        """Return the same as an array, "" for none."""
        found = np.array([value or "" for value in self.column.values], dtype=np.str_)
        out: np.ndarray[Any, np.dtype[np.str_]] = found[self.column.codes]
        return out

    def take(self, rows: IntArray) -> "Segment":
        """Return some rows."""
        return Segment(self.about, self.column.take(rows))


@dataclass(frozen=True, slots=True)
class Table:
    """Rows to learn from or to judge on.

    Parameters
    ----------
    matrix : array of shape (n_rows, n_features), or rows in a file
        NaN where not known.
    target, weight : arrays of shape (n_rows,)
        1 for won within the horizon; how much the row counts. Where an opportunity earns credit
        (`taught`) the target lies between 0 and 1.
    opportunity : array of shape (n_rows,)
        1 where an opportunity was opened within the horizon, but not won.
    channel : Column
        Raw values.
    channel_name : tuple of str or None
        Canonical name of each of the column's values.
    at_creation : array of shape (n_rows,)
        Which rows are at the lead's creation.
    group : array of shape (n_rows,)
        The account (else contact, else identical rows) of each row's lead.
    time : array of shape (n_rows,)
        What puts the rows in order.
    features : tuple of Feature
        What the columns of X are.
    segment : Segment or None
        None where the mapping names no segment.
    """

    matrix: Matrix
    target: FloatArray
    weight: FloatArray
    opportunity: FloatArray
    channel: Column
    channel_name: tuple[str | None, ...]
    at_creation: BoolArray
    group: IntArray
    time: FloatArray
    features: tuple[Feature, ...]
    segment: Segment | None = None

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.target)

    @property
    def X(self) -> FloatArray:  # noqa: N802, a matrix
        """All numbers in memory: for few rows, else `each` and `columns` read them in parts."""
        return between(self.matrix, 0, self.n_rows)

    @property
    def n_cells(self) -> int:
        """How many numbers there are."""
        n_rows, n_columns = self.matrix.shape
        return n_rows * n_columns

    def each(self, margin: Callable[[FloatArray], FloatArray]) -> FloatArray:
        """Return what a function finds for each row, from some rows at a time."""
        return each_of(self.matrix, margin)

    def columns(self, columns: Sequence[int]) -> Iterator[FloatArray]:
        """Yield some columns, few of them in memory at a time."""
        return columns_of(self.matrix, columns)

    def held(self) -> "Table":
        """Return the same rows in memory."""
        return replace(self, matrix=self.X)

    def channels(self) -> tuple[str | None, ...]:
        """Return the canonical name of each row's channel."""
        return tuple(self.channel_name[code] for code in self.channel.codes.tolist())

    def named_channel(self) -> Column:
        """Return the channel with its canonical names as values."""
        return Column(list(self.channel_name), self.channel.codes)

    def taught(self, credit: float) -> "Table":
        """Return the rows with a target that gives credit to opportunities.

        Where wins are few, an opportunity that was not won still tells that the lead was a
        good one. The mean of the target stays as it is: (target + credit * opportunity) /
        (1 + credit * opportunities / wins), so that rows which are as often won among
        opportunities as all others are expected to be won as often as they are.

        Parameters
        ----------
        credit : float
            What an opportunity counts beside a win; 0 leaves the target as it is.
        """
        won = float((self.weight * self.target).sum())
        near = float((self.weight * self.opportunity).sum())
        if credit == 0.0 or near == 0.0 or won == 0.0:
            return self
        target = (self.target + credit * self.opportunity) / (1.0 + credit * near / won)
        return replace(self, target=target)

    def take(self, rows: IntArray) -> "Table":
        """Return some rows."""
        return Table(
            taken(self.matrix, rows),
            self.target[rows],
            self.weight[rows],
            self.opportunity[rows],
            self.channel.take(rows),
            self.channel_name,
            self.at_creation[rows],
            self.group[rows],
            self.time[rows],
            self.features,
            None if self.segment is None else self.segment.take(rows),
        )


def course_of(export: Export) -> Course:
    """Return the course of an export's leads."""
    return Course(
        created_at=export.created_at,
        outcome_at=export.outcome_at,
        outcome=export.outcome,
        order=export.order,
        data_end=export.data_end,
        opportunity_at=export.opportunity_at,
    )


def day_weights(day: IntArray, snapshot_days: tuple[int, ...]) -> FloatArray:
    """Return how much a snapshot counts: creation as much as all later days together.

    The weight depends on the day alone, never on how long the lead stayed open, so that it
    takes no side between won and lost.
    """
    later = max(1, len(snapshot_days) - 1)
    return np.where(day == 0, 1.0, 1.0 / later)


def leads_at(export: Export, snapshots: Snapshots) -> Leads:
    """Return the leads of snapshots, each at its moment."""
    return export.leads(snapshots.lead, snapshots.as_of)


def fit_space(export: Export, snapshots: Snapshots) -> FeatureSpace:
    """Return the feature space of leads at their creation, each counted once."""
    first = snapshots.take(snapshots.at_creation)
    return FeatureSpace.fit(
        leads_at(export, first),
        export.activities.take(first.lead),
        export.specs,
        export.activity_spec,
        channel=export.channel_spec,
        source=export.source_spec,
    )


def build_table(
    export: Export,
    snapshots: Snapshots,
    space: FeatureSpace,
    snapshot_days: tuple[int, ...],
    scratch: Scratch = IN_MEMORY,
) -> Table:
    """Return snapshots as numbers, in a file where they are many."""
    channel = export.channel.take(snapshots.lead)
    encoder = space.encoder("channel")
    segments: list[Segment] = []
    parts = _parts(export, snapshots, space, segments)
    matrix = scratch.matrix(parts, snapshots.n_rows, len(space.features))
    return Table(
        matrix=matrix,
        target=snapshots.target,
        weight=day_weights(snapshots.day, snapshot_days),
        opportunity=snapshots.opportunity,
        channel=channel,
        channel_name=tuple(encoder.read(value) for value in channel.values),
        at_creation=snapshots.at_creation,
        group=export.group[snapshots.lead],
        time=snapshots.time,
        features=space.features,
        segment=_together(segments) if segments else None,
    )


def _parts(
    export: Export, snapshots: Snapshots, space: FeatureSpace, segments: list[Segment]
) -> Iterator[FloatArray]:
    """Yield the features of neighbouring rows; their segments are added to a list."""
    for begin, end in bounds(snapshots.n_rows, PART_ROWS):
        part = snapshots.take(np.arange(begin, end))
        leads = leads_of_part(export, part.lead, part.as_of)
        if export.segment is not None:
            segments.append(segment_of(export.segment, leads, space))
        yield space.build(leads, export.activities.take(part.lead)).values


def _together(segments: list[Segment]) -> Segment:
    """Return the segments of parts as one column."""
    places: dict[object, int] = {}
    codes = []
    for segment in segments:
        values = segment.column.values
        found = [places.setdefault(value, len(places)) for value in values]
        codes.append(np.array(found, dtype=np.int32)[segment.column.codes])
    return Segment(segments[0].about, Column(list(places), np.concatenate(codes)))


def segment_of(about: str, leads: Leads, space: FeatureSpace) -> Segment:
    """Return each lead's segment.

    Parameters
    ----------
    about : str
        The attribute, or "source".
    """
    encoder = space.encoder(about)
    names = named(Segments(about).column(leads), encoder)
    vocabulary = getattr(encoder, "vocabulary", None)
    if not isinstance(vocabulary, Vocabulary):
        return Segment(about, names)
    known = [name if name in vocabulary.rows else None for name in names.values]
    return Segment(about, Column(known, names.codes))
