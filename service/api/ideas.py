"""Leads that might be: a stored lead with one thing more."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

import numpy as np

from features.attributes.encoder import Encoder
from features.feature import Described
from features.moment import to_moment
from features.records import ActivityRecord
from features.sentences import OfAttribute, catalogue, kind_label, kind_words
from models.bundle.reference import ReferenceLeads
from service.api.asked import Asked
from service.holder import Served
from service.rules_alone import RulesAlone
from service.specimen import specimen
from service.words import words

USUAL_VALUES = 5
"""Of an attribute that nobody has filled in."""
QUANTILES = (0.1, 0.5, 0.9)
"""Of numbers, where there are too many values to name them."""
UNTOLD = ("text", "date")
"""Types of attributes whose usual values nobody could name."""


class Idea(NamedTuple):
    """What might be, and the lead as it would be then.

    Parameters
    ----------
    what, about, value, text
        See `Change`.
    asked : Asked
        The lead.
    """

    what: Literal["attribute", "activity"]
    about: str
    value: Any
    text: str
    asked: Asked


def filled_in(
    served: Served | RulesAlone, asked: Asked, missing: Sequence[str], language: str
) -> Iterator[Idea]:
    """Yield the lead with each usual value of each attribute that nobody has filled in."""
    if not isinstance(served, Served):
        return
    space = served.space
    reference = served.scorer.bundle.reference.first()
    if not reference.n_rows:
        return
    sentences = catalogue(language)["attribute"]
    for name in missing:
        if name not in space.attribute_names or space.encoder(name).spec.type in UNTOLD:
            continue
        encoder = space.encoder(name)
        say = OfAttribute(encoder, language, sentences)
        seen: set[Described] = set()
        for value in usual_values(encoder, reference):
            fact = say.of(value)
            if fact.value is not None and fact not in seen:
                seen.add(fact)
                attributes = {**asked.record.attributes, name: value}
                record = asked.record._replace(attributes=attributes)
                yield Idea("attribute", name, value, fact.text, asked._replace(record=record))


def usual_values(encoder: Encoder, reference: ReferenceLeads) -> list[Any]:
    """Return the values that past leads had most often, as somebody could send them.

    Parameters
    ----------
    encoder : Encoder
        Of an attribute.
    reference : ReferenceLeads
        One row a lead.
    """
    column = reference.leads.attribute(encoder.spec.name)
    filled = np.array([value is not None and value == value for value in column.values])
    rows = filled[column.codes]
    codes, weight = column.codes[rows], reference.weight[rows]
    if not len(codes):
        return []
    if encoder.spec.type == "number":
        numbers = np.array([column.values[code] for code in codes.tolist()], dtype=np.float64)
        found = np.quantile(numbers, QUANTILES, method="inverted_cdf").tolist()
    else:
        often = np.bincount(codes, weights=weight, minlength=len(column.values))
        most = np.argsort(-often, kind="stable")[:USUAL_VALUES].tolist()
        found = [column.values[code] for code in most if often[code] > 0.0]
    typed = (specimen(encoder, value) for value in found)
    return [value for value in typed if value is not None]


def one_more(
    served: Served | RulesAlone, asked: Asked, language: str, now: datetime
) -> Iterator[Idea]:
    """Yield the lead with one more activity of each kind that model or agreement knows."""
    space = served.space
    text = words(language)["changes"]["activity"]
    at = to_moment(now)
    rules = served.agreed.rules if isinstance(served, Served) else served.rules
    kinds = dict.fromkeys((*rules.kinds, *(space.kinds if space else ())))
    for kind in kinds:
        label = kind_label(space, kind, language) if space else kind_words(kind, language)
        deeds = [*asked.record.activities, ActivityRecord(kind, at, at)]
        record = asked.record._replace(activities=deeds)
        said = text.format(kind=label)
        yield Idea("activity", kind, None, said, asked._replace(record=record))
