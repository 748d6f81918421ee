"""What may be said of a lead: the fields of a form, made from the model's own signature."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from features.attributes.country import country_name
from features.attributes.encoder import Encoder
from features.attributes.vocabulary import Vocabulary
from features.attributes.words import word_list
from features.sentences import kind_label
from features.space import FeatureSpace
from models.words import words
from service.holder import Served

FACTS = ("channel", "source")


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that may be said of a lead.

    Parameters
    ----------
    name : str
        Of the attribute, or "channel" or "source".
    type : str
        Of the attribute.
    label : str
        Its name in the reader's language.
    known : mapping of str to str
        Values that the model knows, to what people call them; empty where anything goes.
    usual : pair of float or None
        Between which four fifths of the training leads' numbers lie.
    """

    name: str
    type: str
    label: str
    known: Mapping[str, str] = field(default_factory=dict)
    usual: tuple[float, float] | None = None


def fields_of(served: Served, language: str) -> list[Field]:
    """Return channel and source, then the attributes, those that matter most first."""
    space = served.space
    matters = [row["about"] for row in served.about["importances"]]
    facts, attributes = space.encoders[:2], list(space.encoders[2:])
    attributes.sort(key=lambda one: matters.index(one.spec.name))
    features = served.scorer.bundle.histograms.get("features", {})
    return [_field(one, language, features) for one in (*facts, *attributes)]


def kinds_of(space: FeatureSpace, language: str) -> dict[str, str]:
    """Return the kinds of activity that the model knows, to what people call them."""
    return {kind: kind_label(space, kind, language) for kind in space.kinds}


def _field(encoder: Encoder, language: str, features: Mapping[str, Any]) -> Field:
    spec = encoder.spec
    label = spec.label_in(language)
    if spec.name in FACTS:
        label = words(language)["about"][spec.name]
    usual = None
    edges = features.get(spec.name, {}).get("edges") or []
    if spec.type == "number" and len(edges) > 1:
        usual = (float(edges[0]), float(edges[-1]))
    return Field(spec.name, spec.type, label, _known(encoder, language), usual)


def _known(encoder: Encoder, language: str) -> dict[str, str]:
    vocabulary = getattr(encoder, "vocabulary", None)
    if not isinstance(vocabulary, Vocabulary):
        return {}
    if encoder.spec.type == "country":
        codes = dict.fromkeys((*vocabulary.words, *word_list("countries")))
        return {code: country_name(code, language) for code in codes}
    if encoder.spec.type in ("category", "tags"):
        spelt = map(vocabulary.spelling, vocabulary.words)
        return {spelling: spelling for spelling in spelt}
    return {}
