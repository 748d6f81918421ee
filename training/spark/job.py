"""Scores or features of leads as Spark data frames: one co-grouping, the code of one machine."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from features.errors import SchemaError
from features.moment import NEVER
from training.bulk.answers import COLUMNS, Answerer
from training.bulk.scatter import Kind, kinds_of
from training.bulk.survey import columns as id_columns
from training.bulk.work import Order
from training.data.mapping import ExportMapping
from training.parts import leads_of_part
from training.score import moments
from training.spark.model import Model, Shared, share
from training.spark.part import WHICH, PartReader, empty_others, only_dates, without_files
from training.spark.source import BUCKET, Columns, Frames, check_ids

MOST_LEADS = 20_000
LEAST_LEADS = 5_000
"""Leads of a bucket: fewer keep its memory small, more make better use of each call."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for.

    Parameters
    ----------
    as_of : str
        When each lead is looked at: "latest", "created" or a date.
    now : datetime
        The moment of the answers.
    language : str
        Of the reasons.
    reasons : int
        How many; 0 for none.
    buckets : int or None
        Into how many the leads are divided; chosen by their number when not given.
    """

    as_of: str
    now: datetime
    language: str = "en"
    reasons: int = 3
    buckets: int | None = None


def score(spark: Any, frames: Frames, mapping: ExportMapping, model: Model, wish: Wish) -> Any:
    """Return a data frame of lead_id, episode, probability, score, label, reasons and as_of.

    Raises
    ------
    ConfigError
        When `as_of` is neither a date nor one of the words, or leads have no ids.
    SchemaError
        When there are no leads, or columns that the ids stand in are missing.
    """
    shared, order = share(spark, model), _order(wish)

    def answer(reader: PartReader, latest: int) -> Callable[[Any, Any], Any]:
        return lambda leads, others: _answers(
            shared, order, wish, reader.read(leads, others), latest
        )

    return _grouped(frames, mapping, wish, answer, COLUMNS)


def features(spark: Any, frames: Frames, mapping: ExportMapping, model: Model, wish: Wish) -> Any:
    """Return a data frame of lead_id, episode and one column for each feature.

    Raises
    ------
    ConfigError, SchemaError
        As `score`.
    """
    shared = share(spark, model)
    names = [feature.name for feature in model.bundle.manifest.space.features]

    def answer(reader: PartReader, latest: int) -> Callable[[Any, Any], Any]:
        return lambda leads, others: _numbers(shared, wish, reader.read(leads, others), latest)

    return _grouped(frames, mapping, wish, answer, _feature_schema(names))


def _grouped(
    frames: Frames,
    mapping: ExportMapping,
    wish: Wish,
    answer: Callable[[PartReader, int], Callable[[Any, Any], Any]],
    schema: Any,
) -> Any:
    check_ids(mapping)
    mapping = without_files(mapping)
    moments(wish.as_of)
    n_leads = frames.leads.count()
    if n_leads == 0:
        raise SchemaError("leads: has no rows")
    buckets = wish.buckets or _buckets(n_leads)
    latest = NEVER
    if wish.as_of == "latest":
        latest = _latest(frames, only_dates(mapping), buckets)
    carried = _Carried(frames, mapping, buckets)
    return carried.apply(answer(carried.reader, latest), schema)


def _buckets(n_leads: int) -> int:
    """Return into how many buckets leads are divided: at most 400, unless there are many."""
    return max(-(-n_leads // MOST_LEADS), min(400, -(-n_leads // LEAST_LEADS)))


def _latest(frames: Frames, mapping: ExportMapping, buckets: int) -> int:
    carried = _Carried(frames, mapping, buckets)
    reader, schema = carried.reader, pa.schema([("latest", pa.int64())])

    def latest(leads: Any, others: Any) -> Any:
        return pa.table([[reader.latest(leads, others)]], schema=schema)

    return int(carried.apply(latest, schema).agg({"latest": "max"}).first()[0])


class _Carried:
    """The tables on their way to the workers.

    Leads are on one side; activities and history, which have few columns, together on the
    other, so that Spark moves everything once.
    """

    def __init__(self, frames: Frames, mapping: ExportMapping, buckets: int) -> None:
        files = PartReader(mapping, _names(frames)).files()
        self._frames = frames
        self._buckets = buckets
        self._kinds = list(kinds_of(files))
        roles = {column for _, column in mapping.leads.columns()}
        read = {mapping.column_of(name) for name in mapping.attributes} | roles | id_columns(files)
        self._leads = (Columns.of("leads", frames.leads, read), mapping.leads.lead_id)
        self._others = [(self._columns(kind), kind.lead_id) for kind in self._kinds]
        columns = [self._leads[0], *(columns for columns, _ in self._others)]
        self.reader = PartReader(mapping, {one.name: one for one in columns})

    def _columns(self, kind: Kind) -> Columns:
        return Columns.of(kind.name, getattr(self._frames, kind.name), kind.only)

    def apply(self, work: Callable[[Any, Any], Any], schema: Any) -> Any:
        """Return what work makes of each bucket, as a data frame."""
        from pyspark.sql import functions
        from pyspark.sql.pandas.types import from_arrow_schema

        columns, lead_id = self._leads
        leads = columns.carry(self._frames.leads, lead_id, self._buckets)
        others = None
        for columns, lead_id in self._others:
            frame = getattr(self._frames, columns.name)
            rows = columns.carry(frame, lead_id, self._buckets)
            rows = rows.withColumn(WHICH, functions.lit(columns.name))
            others = rows if others is None else others.unionByName(rows, True)
        spark_schema = from_arrow_schema(schema)
        if others is None:
            return leads.groupBy(BUCKET).applyInArrow(
                lambda rows: work(rows, empty_others()), spark_schema
            )
        return (
            leads.groupBy(BUCKET).cogroup(others.groupBy(BUCKET)).applyInArrow(work, spark_schema)
        )


def _names(frames: Frames) -> dict[str, Columns]:
    """Return the tables that are there, nothing known of their columns yet."""
    there = [name for name in Frames._fields if getattr(frames, name) is not None]
    return {name: Columns(name, (), {}) for name in there}


def _answers(shared: Shared, order: Order, wish: Wish, export: Any, latest: int) -> Any:
    if export is None:
        return COLUMNS.empty_table()
    model = shared()
    answerer = Answerer(model.scorer, model.agreement, model.lines, order)
    return answerer.answer(export, moments(wish.as_of)(export, latest))


def _numbers(shared: Shared, wish: Wish, export: Any, latest: int) -> Any:
    space = shared().bundle.manifest.space
    schema = _feature_schema([feature.name for feature in space.features])
    if export is None:
        return schema.empty_table()
    as_of = moments(wish.as_of)(export, latest)
    leads = leads_of_part(export, np.arange(export.n_rows), as_of)
    values = space.build(leads, export.activities).values
    columns = [np.ascontiguousarray(column) for column in values.T]
    return pa.table([export.lead_id, export.episode, *columns], schema=schema)


def _feature_schema(names: list[str]) -> Any:
    facts = [("lead_id", pa.string()), ("episode", pa.int64())]
    return pa.schema([*facts, *((name, pa.float64()) for name in names)])


def _order(wish: Wish) -> Order:
    return Order([], [], wish.language, wish.reasons, wish.now)
