"""From a column and its specification to an encoder, and from JSON back."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from features.attributes.boolean import BooleanEncoder
from features.attributes.category import CategoryEncoder
from features.attributes.country import CountryEncoder
from features.attributes.date import DateEncoder
from features.attributes.email import EmailEncoder
from features.attributes.encoder import Encoder, Unreadable
from features.attributes.job_title import JobTitleEncoder
from features.attributes.number import NumberEncoder
from features.attributes.phone import Phone, PhoneEncoder
from features.attributes.spec import AttributeSpec
from features.attributes.tags import TagsEncoder
from features.attributes.text import TextEncoder
from features.attributes.vocabulary import Vocabulary, learn_vocabulary
from features.column import Column
from features.errors import BundleError

STATELESS: Mapping[str, type[Encoder]] = {
    encoder.type: encoder
    for encoder in (
        NumberEncoder,
        BooleanEncoder,
        DateEncoder,
        EmailEncoder,
        JobTitleEncoder,
        TextEncoder,
    )
}
WITH_VOCABULARY: Mapping[str, type[Any]] = {
    encoder.type: encoder
    for encoder in (CategoryEncoder, CountryEncoder, PhoneEncoder, TagsEncoder)
}


def learn_encoder(spec: AttributeSpec, column: Column) -> Encoder:
    """Return the encoder of an attribute, fitted to the values of the training rows.

    Examples
    --------
    >>> column = Column(["de", "fr"], np.zeros(100, dtype=np.int32))
    >>> learn_encoder(AttributeSpec("place", "category"), column).row("DE")
    (0.0, 1.0)
    """
    if spec.type in STATELESS:
        return STATELESS[spec.type](spec)
    encoder = WITH_VOCABULARY[spec.type](spec, Vocabulary((), 0, ()))
    counts: dict[str, dict[str, int]] = {}
    for value, rows in _rows_by_value(column):
        try:
            meaning = encoder.read(value)
        except Unreadable:
            continue
        for word in _words(meaning):
            spelling = value.strip() if isinstance(value, str) and meaning == word else word
            spellings = counts.setdefault(word, {})
            spellings[spelling] = spellings.get(spelling, 0) + rows
    vocabulary = learn_vocabulary(counts, n_rows=column.n_rows)
    return WITH_VOCABULARY[spec.type](spec, vocabulary)


def _rows_by_value(column: Column) -> list[tuple[object, int]]:
    if isinstance(column.values, np.ndarray) and column.values.dtype.kind == "f":
        numbers, rows = np.unique(column.values[column.codes], return_counts=True)
        return list(zip(numbers.tolist(), rows.tolist(), strict=True))
    counts = np.bincount(column.codes, minlength=len(column.values))
    return [(value, int(n)) for value, n in zip(column.values, counts.tolist(), strict=True) if n]


def _words(meaning: Any) -> tuple[str, ...]:
    if meaning is None:
        return ()
    if isinstance(meaning, Phone):
        return (meaning.country,) if meaning.country else ()
    return (meaning,) if isinstance(meaning, str) else tuple(meaning)


def encoder_to_json(encoder: Encoder) -> dict[str, Any]:
    """Return the form that a manifest keeps."""
    return {"spec": encoder.spec.to_json(), "state": encoder.state()}


def encoder_from_json(data: Mapping[str, Any]) -> Encoder:
    """Return the encoder that `encoder_to_json` wrote.

    Raises
    ------
    BundleError
        When the attribute's type is not known.
    """
    spec = AttributeSpec.from_json(data["spec"])
    if spec.type in STATELESS:
        return STATELESS[spec.type](spec)
    if spec.type in WITH_VOCABULARY:
        vocabulary = Vocabulary.from_json(data["state"]["vocabulary"])
        encoder: Encoder = WITH_VOCABULARY[spec.type](spec, vocabulary)
        return encoder
    raise BundleError(f"attribute {spec.name!r} has the type {spec.type!r}, which is not known")
