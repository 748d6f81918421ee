"""From leads and activities to numbers: the one way for training and serving."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np

from features.activities.spec import ActivitySpec
from features.activities.table import Activities
from features.arrays import BoolArray, FloatArray, IntArray, Row
from features.attributes.encoder import Encoder, Unreadable
from features.attributes.fit import encoder_from_json, encoder_to_json, learn_encoder
from features.attributes.number import NumberEncoder
from features.attributes.remembered import remembered
from features.attributes.spec import AttributeSpec
from features.column import MOST_UNUSED, Column
from features.errors import BundleError
from features.feature import About, Feature, FeatureMatrix
from features.kernel import fill_activities, fill_dates, fill_lead, gather
from features.layout import Layout, abouts_of, check_names, features_of, layout_of
from features.leads import Leads

RowReader: TypeAlias = Callable[[object], Row]
"""Turns one raw value into numbers."""
Keeper: TypeAlias = Callable[[object], Any]
"""Turns one raw value into the form to keep."""
FORMAT = 1
CHANNEL = AttributeSpec("channel", "category", "channel")
SOURCE = AttributeSpec("source", "category", "channel")


@dataclass(frozen=True)
class FeatureSpace:
    """Fitted encoders of channel, source, attributes and activities.

    Parameters
    ----------
    encoders : tuple of Encoder
        Those of channel and source, then those of the attributes.
    kinds : tuple of str
        Known kinds of activity, most frequent first.
    activity : ActivitySpec
        How activities become numbers.
    """

    encoders: tuple[Encoder, ...]
    kinds: tuple[str, ...]
    activity: ActivitySpec
    features: tuple[Feature, ...] = field(init=False, repr=False)
    abouts: tuple[About, ...] = field(init=False, repr=False)
    about_of: IntArray = field(init=False, repr=False, compare=False)
    attributes: tuple[AttributeSpec, ...] = field(init=False, repr=False)
    attribute_names: frozenset[str] = field(init=False, repr=False)
    layout: Layout = field(init=False, repr=False, compare=False)
    kind_positions: Mapping[str, int] = field(init=False, repr=False)
    names: tuple[str, ...] = field(init=False, repr=False)
    readers: tuple[RowReader, ...] = field(init=False, repr=False, compare=False)
    keepers: Mapping[str, Keeper] = field(init=False, repr=False, compare=False)
    windows_days: FloatArray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        features = tuple(features_of(self.encoders, self.kinds, self.activity))
        abouts = tuple(abouts_of(features, self.kinds))
        index = {about.name: i for i, about in enumerate(abouts)}
        about_of = np.array([index[feature.about] for feature in features], dtype=np.int64)
        attributes = tuple(encoder.spec for encoder in self.encoders[2:])
        values: dict[str, object] = {
            "features": features,
            "abouts": abouts,
            "about_of": about_of,
            "attributes": attributes,
            "attribute_names": frozenset(spec.name for spec in attributes),
            "layout": layout_of(self.encoders),
            "kind_positions": {kind: i for i, kind in enumerate(self.kinds)},
            "names": tuple(spec.name for spec in attributes),
            "readers": tuple(remembered(one.type, one.row) for one in self.encoders),
            "keepers": {one.spec.name: remembered(one.type, one.kept) for one in self.encoders},
            "windows_days": np.array(self.activity.windows_days),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @staticmethod
    def fit(
        leads: Leads,
        activities: Activities,
        attributes: Sequence[AttributeSpec],
        activity: ActivitySpec,
        *,
        channel: AttributeSpec = CHANNEL,
        source: AttributeSpec = SOURCE,
    ) -> "FeatureSpace":
        """Return the space that the values of training leads span; no outcome is looked at.

        Parameters
        ----------
        leads : Leads
            One row per lead.
        activities : Activities
            Theirs; kinds of own staff are left out.
        attributes : sequence of AttributeSpec
            The attributes to use.
        activity : ActivitySpec
            How activities become numbers.
        channel, source : AttributeSpec
            Words that mean empty and aliases of the two; their names and family are given.

        Raises
        ------
        MappingError
            When an attribute has the name of a fact of the lead, of a kind of activity or of
            another attribute, so that reasons could not tell them apart.

        Examples
        --------
        >>> from features.records import LeadRecord, assemble
        >>> record = LeadRecord("L-1", 0, 0, "web", None, 1, {"size": 3}, ())
        >>> leads, activities = assemble([record])
        >>> spec = AttributeSpec("size", "number")
        >>> space = FeatureSpace.fit(leads, activities, [spec], ActivitySpec())
        >>> float(space.build(leads, activities).values[0, 2])
        3.0
        """
        encoders = (
            learn_encoder(replace(channel, name="channel", family="channel"), leads.channel),
            learn_encoder(replace(source, name="source", family="channel"), leads.source),
            *(learn_encoder(spec, leads.attribute(spec.name)) for spec in attributes),
        )
        kinds = _frequent_kinds(activities, activity)
        check_names([spec.name for spec in attributes], kinds)
        return FeatureSpace(encoders, kinds, activity)

    def build(self, leads: Leads, activities: Activities) -> FeatureMatrix:
        """Return the leads as numbers, each as of its own moment.

        Parameters
        ----------
        leads : Leads
            Any number of leads, in any order; one is a batch of one.
        activities : Activities
            Theirs, with as many rows of pointers.
        """
        n = leads.n_leads
        columns = [
            column if len(column.values) <= MOST_UNUSED * n else column.compact()
            for column in (leads.channel, leads.source, *map(leads.attribute, self.names))
        ]
        numbers, base, unreadable = self._read(columns)
        values = np.empty((n, len(self.features)))
        missing = np.empty((n, len(self.attributes)))
        later = np.zeros(n, dtype=np.int64)
        layout = self.layout
        codes = np.concatenate([column.codes for column in columns])
        gather(numbers, base, layout.width, codes, values)
        fill_lead(
            leads.as_of,
            leads.created_at,
            leads.episode,
            layout.firsts,
            missing,
            layout.lead,
            values,
        )
        if len(layout.dates):
            fill_dates(leads.as_of, layout.dates, values)
        position = [self.kind_positions.get(kind, -1) for kind in activities.kinds]
        fill_activities(
            leads.as_of,
            activities.start,
            activities.stop,
            activities.kind,
            activities.occurred_at,
            activities.recorded_at,
            np.array(position, dtype=np.int64),
            self.windows_days,
            self.activity.half_life_days,
            len(self.kinds),
            layout.activities,
            values,
            later,
        )
        return FeatureMatrix(
            values, missing != 0.0, unreadable, later, self._unknown(activities, position)
        )

    def _unknown(self, activities: Activities, position: list[int]) -> tuple[str, ...]:
        if -1 not in position:
            return ()
        excluded = self.activity.excluded
        names = (k for k, p in zip(activities.kinds, position, strict=True) if p < 0)
        return tuple(sorted({name for name in names if name not in excluded}))

    def _read(self, columns: Sequence[Column]) -> tuple[FloatArray, IntArray, dict[str, BoolArray]]:
        parts: list[FloatArray] = []
        flat: list[float] = []
        base: list[int] = []
        unreadable: dict[str, BoolArray] = {}
        offset = 0
        for encoder, row_of, column in zip(self.encoders, self.readers, columns, strict=True):
            base.append(offset + len(flat))
            values = column.values
            if isinstance(values, np.ndarray):
                if isinstance(encoder, NumberEncoder):
                    parts += [_array(flat), encoder.numbers_of(values)]
                    offset += len(flat) + len(values)
                    flat = []
                    continue
                values = values.tolist()  # a NumPy scalar writes itself in its own way
            if len(values) == 1:
                try:
                    flat += row_of(values[0])
                    continue
                except Unreadable:
                    bad = [0]
                    flat += encoder.missing_row
            else:
                bad = read_values(row_of, encoder.missing_row, values, flat)
            if bad:
                unreadable[encoder.spec.name] = np.isin(column.codes, bad)
        numbers = np.concatenate([*parts, _array(flat)]) if parts else _array(flat)
        return numbers, np.array(base, dtype=np.int64), unreadable

    def read(self, name: str, value: object) -> Any:
        """Return what a raw value of an attribute (or channel, source) means, or None.

        Raises
        ------
        Unreadable
            When the value is there and cannot be read.
        """
        return self.encoder(name).read(value)

    def encoder(self, name: str) -> Encoder:
        """Return the encoder of an attribute, of "channel" or of "source"."""
        for encoder in self.encoders:
            if encoder.spec.name == name:
                return encoder
        raise KeyError(name)

    def stored(self, name: str, value: object) -> Any:
        """Return the form of a value to keep, from which the same features come.

        None where it is missing or cannot be read; it belongs to others as well, and is not to
        be changed.
        """
        return self.keepers[name](value)

    def to_json(self) -> dict[str, Any]:
        """Return the form that a manifest keeps."""
        return {
            "format": FORMAT,
            "encoders": [encoder_to_json(encoder) for encoder in self.encoders],
            "kinds": list(self.kinds),
            "activity": self.activity.to_json(),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "FeatureSpace":
        """Return the space that `to_json` wrote.

        Raises
        ------
        BundleError
            When the format is not this one.
        """
        if data.get("format") != FORMAT:
            raise BundleError(
                f"the features have the format {data.get('format')!r}, this version reads {FORMAT}"
            )
        return FeatureSpace(
            tuple(encoder_from_json(encoder) for encoder in data["encoders"]),
            tuple(data["kinds"]),
            ActivitySpec.from_json(data["activity"]),
        )


def read_values(
    row_of: RowReader, missing: Row, values: Sequence[object], flat: list[float]
) -> list[int]:
    """Append the rows of raw values to `flat`; return the positions that cannot be read."""
    bad: list[int] = []
    for i, value in enumerate(values):
        try:
            flat += row_of(value)
        except Unreadable:
            bad.append(i)
            flat += missing
    return bad


def _array(numbers: list[float]) -> FloatArray:
    return np.fromiter(numbers, np.float64, len(numbers))


def _frequent_kinds(activities: Activities, activity: ActivitySpec) -> tuple[str, ...]:
    counts: dict[str, int] = {}
    rows = np.bincount(activities.kind, minlength=len(activities.kinds))
    for kind, n in zip(activities.kinds, rows.tolist(), strict=True):
        if kind not in activity.excluded:
            counts[kind] = counts.get(kind, 0) + n
    known = sorted((k for k, n in counts.items() if n), key=lambda kind: (-counts[kind], kind))
    return tuple(known[: activity.most_kinds])
