"""Which numbers there are, what each is about, and where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.activities.spec import ActivitySpec
from features.arrays import IntArray
from features.attributes.encoder import Encoder
from features.errors import MappingError
from features.feature import About, Feature, Origin

LEAD_FEATURES = (
    Feature("lead_age.days", "lead_age", "timing", "days"),
    Feature("created_time.weekday", "created_time", "timing", "weekday"),
    Feature("created_time.hour", "created_time", "timing", "hour"),
    Feature("episode.count", "episode", "timing", "episodes"),
    Feature("completeness.missing", "completeness", "quality", "attributes"),
)
OVERALL_FEATURES = (
    Feature("activity.active_days_30", "activity", "intent", "days"),
    Feature("activity.momentum", "activity", "intent", "ratio"),
    Feature("activity.total", "activity", "intent", "activities"),
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the encoders' numbers stand in the matrix.

    Parameters
    ----------
    width : array of shape (n_encoders,)
        Columns of each encoder.
    firsts : array of shape (n_attributes,)
        First column of each attribute.
    dates : array
        First columns of encoders of dates.
    lead, activities : int
        First column of the facts of the lead, and of what it did.
    """

    width: IntArray
    firsts: IntArray
    dates: IntArray
    lead: int
    activities: int


def check_names(names: Sequence[str], kinds: Sequence[str]) -> None:
    """Refuse names of attributes that reasons could not tell apart from others.

    Raises
    ------
    MappingError
        When an attribute has the name of a fact of the lead, of a kind of activity or of
        another attribute.

    Examples
    --------
    >>> check_names(["size", "industry"], ["page_view"])
    """
    facts = {feature.about for feature in (*LEAD_FEATURES, *OVERALL_FEATURES)}
    taken = {**dict.fromkeys(kinds, "a kind of activity"), **dict.fromkeys(facts, "a fact")}
    taken |= {"channel": "the channel", "source": "the source"}
    for name in names:
        if name in taken:
            raise MappingError(
                f"attribute {name!r} has the name of {taken[name]}; give it another name"
            )
        taken[name] = "another attribute"


def features_of(
    encoders: Sequence[Encoder], kinds: Sequence[str], activity: ActivitySpec
) -> list[Feature]:
    """Return what each column of the matrix is: encoders, the lead, kinds of activity, all.

    Examples
    --------
    >>> features_of([], [], ActivitySpec())[0].name
    'lead_age.days'
    """
    features = [
        Feature(f"{spec.name}.{name}" if name else spec.name, spec.name, spec.family, unit)
        for spec, columns in ((encoder.spec, encoder.columns) for encoder in encoders)
        for name, unit in columns
    ]
    features += LEAD_FEATURES
    for kind in kinds:
        counts = [(f"count_{days:g}", "activities") for days in activity.windows_days]
        rest = [("decayed", "activities"), ("days_since_last", "days"), ("total", "activities")]
        features += [
            Feature(f"{kind}.{name}", kind, "intent", unit) for name, unit in counts + rest
        ]
    return [*features, *OVERALL_FEATURES]


def abouts_of(features: Sequence[Feature], kinds: Sequence[str]) -> list[About]:
    """Return what features are about, each once, in their order.

    Examples
    --------
    >>> abouts_of(LEAD_FEATURES[:2], [])[1]
    About(name='created_time', family='timing', origin='lead')
    """
    lead = {feature.about for feature in (*LEAD_FEATURES, *OVERALL_FEATURES)}
    lead |= {"channel", "source"}
    abouts: dict[str, About] = {}
    for feature in features:
        origin: Origin = "attribute"
        if feature.about in lead:
            origin = "lead"
        elif feature.about in kinds:
            origin = "activity"
        abouts.setdefault(feature.about, About(feature.about, feature.family, origin))
    return list(abouts.values())


def layout_of(encoders: Sequence[Encoder]) -> Layout:
    """Return where the numbers of encoders stand, channel and source first.

    Examples
    --------
    >>> layout_of([]).lead
    0
    """
    width = np.array([len(encoder.columns) for encoder in encoders], dtype=np.int64)
    firsts = np.concatenate([[0], np.cumsum(width)])
    dates = [int(f) for f, e in zip(firsts, encoders, strict=False) if e.type == "date"]
    return Layout(
        width=width,
        firsts=firsts[2:-1].astype(np.int64),
        dates=np.array(dates, dtype=np.int64),
        lead=int(firsts[-1]),
        activities=int(firsts[-1]) + len(LEAD_FEATURES),
    )
