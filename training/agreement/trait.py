"""What leads may have: values of attributes, channels and sources, as an agreement asks them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from features.arrays import BoolArray, FloatArray
from features.attributes.email import kind_of_domain
from features.attributes.encoder import Encoder, Unreadable
from features.attributes.job_title import UNKNOWN_RANK, seniority_name
from features.attributes.vocabulary import Vocabulary
from features.column import Column
from features.leads import Leads
from features.space import FeatureSpace

BINS: Final = 5
MOST_VALUES: Final = 40
TYPES_OF_FIT: Final = ("number", "category", "boolean", "country", "job_title", "tags", "email")


@dataclass(frozen=True, slots=True)
class Trait:
    """One value, or one range of numbers, of something.

    Parameters
    ----------
    about : str
        Attribute, "channel" or "source".
    test : str
        How an agreement asks for it, such as "one_of".
    value : str, bool or pair of float
        What is asked for; an end of a range that is not finite is open.
    has, known : arrays of shape (n_leads,)
        Who has it, and of whom it is known.
    """

    about: str
    test: str
    value: Any
    has: BoolArray
    known: BoolArray


def traits(leads: Leads, space: FeatureSpace) -> Iterator[Trait]:
    """Yield the traits that leads have, at most so many values of each attribute."""
    yield from _values("channel", "channel_one_of", leads.channel, space.encoder("channel"))
    yield from _values("source", "source_one_of", leads.source, space.encoder("source"))
    for spec in space.attributes:
        if spec.family not in ("fit", "intent") and spec.type != "email":
            continue
        column, encoder = leads.attribute(spec.name), space.encoder(spec.name)
        if spec.type == "number":
            yield from _ranges(spec.name, column, encoder, rising=spec.family == "intent")
        elif spec.type in TYPES_OF_FIT:
            test, read = READ[spec.type]
            yield from _values(spec.name, test, column, encoder, read)


def _meanings(column: Column, encoder: Encoder) -> list[Any]:
    found: list[Any] = []
    values = column.values.tolist() if isinstance(column.values, np.ndarray) else column.values
    for value in values:
        try:
            found.append(encoder.read(value))
        except Unreadable:
            found.append(None)
    return found


def _spelt(meaning: str, encoder: Encoder) -> list[object]:
    vocabulary = getattr(encoder, "vocabulary", None)
    return [vocabulary.spelling(meaning) if isinstance(vocabulary, Vocabulary) else meaning]


def _iso(meaning: str, encoder: Encoder) -> list[object]:
    del encoder
    return [meaning] if len(meaning) == 2 and meaning.isupper() else []


def _rank(meaning: Any, encoder: Encoder) -> list[object]:
    del encoder
    return [] if meaning.rank == UNKNOWN_RANK else [seniority_name(meaning.rank, "en")]


def _mail(meaning: Any, encoder: Encoder) -> list[object]:
    del encoder
    return [kind_of_domain(meaning.domain) if meaning.valid else "invalid"]


def _same(meaning: Any, encoder: Encoder) -> list[object]:
    del encoder
    return [meaning]


def _tags(meaning: Sequence[str], encoder: Encoder) -> list[object]:
    del encoder
    return list(meaning)


Read = Callable[[Any, Encoder], list[object]]
READ: Final[dict[str, tuple[str, Read]]] = {
    "category": ("one_of", _spelt),
    "boolean": ("is", _same),
    "country": ("country_one_of", _iso),
    "job_title": ("seniority_one_of", _rank),
    "tags": ("contains", _tags),
    "email": ("mail", _mail),
}


def _values(
    about: str, test: str, column: Column, encoder: Encoder, read: Read = _spelt
) -> Iterator[Trait]:
    words = [[] if m is None else read(m, encoder) for m in _meanings(column, encoder)]
    known = np.array([bool(one) for one in words] or [False])[column.codes]
    counts = np.bincount(column.codes, minlength=len(words))
    total: dict[object, int] = {}
    for one, count in zip(words, counts.tolist(), strict=False):
        for word in one:
            total[word] = total.get(word, 0) + count
    for value in sorted(total, key=lambda word: (-total[word], str(word)))[:MOST_VALUES]:
        has = np.array([value in one for one in words])[column.codes]
        yield Trait(about, test, value, has, known)


def _ranges(about: str, column: Column, encoder: Encoder, *, rising: bool) -> Iterator[Trait]:
    """Yield ranges between rounded quantiles; what only grows with interest from there on."""
    meanings = _meanings(column, encoder)
    each = np.array([np.nan if m is None else float(m) for m in meanings] or [np.nan])
    number = each[column.codes]
    known = ~np.isnan(number)
    if not known.any():
        return
    edges = _edges(number[known])
    if rising:
        for edge in edges:
            yield Trait(about, "between", (edge, np.inf), known & (number >= edge), known)
        return
    ends = [-np.inf, *edges, np.inf]
    for low, high in pairwise(ends):
        has = known & (number >= low) & (number <= high)
        yield Trait(about, "between", (low, high), has, known)


def _edges(number: FloatArray) -> list[float]:
    """Return inner edges of bins of equal mass, rounded as a person would write them."""
    places = np.quantile(number, np.linspace(0.0, 1.0, BINS + 1)[1:-1])
    rounded = {float(f"{place:.2g}") for place in places.tolist()}
    return [edge for edge in sorted(rounded) if number.min() < edge <= number.max()]


def joined(parts: Sequence[Trait]) -> list[Trait]:
    """Return the traits of one attribute as few: values together, neighbouring ranges as one."""
    if not parts:
        return []
    first = parts[0]
    if first.test != "between":
        has = np.logical_or.reduce([part.has for part in parts])
        return [Trait(first.about, first.test, [part.value for part in parts], has, first.known)]
    found: list[Trait] = []
    for part in sorted(parts, key=lambda one: one.value):
        if found and found[-1].value[1] >= part.value[0]:
            low, high = found[-1].value[0], max(found[-1].value[1], part.value[1])
            part = Trait(part.about, part.test, (low, high), found[-1].has | part.has, part.known)
            found.pop()
        found.append(part)
    return found
