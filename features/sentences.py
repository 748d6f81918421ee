"""One sentence about one fact of a lead, in English or Chinese."""

import tomllib
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

from features.arrays import FloatArray
from features.attributes.encoder import Encoder, Unreadable
from features.attributes.remembered import remembered
from features.attributes.spec import readable
from features.feature import Described, FeatureMatrix
from features.leads import Leads
from features.space import FeatureSpace

LANGUAGES = ("en", "zh")
OFTEN = 2
MOST_SAID = 1_000
"""Sentences of each kind of activity that are kept, since whole days and small numbers recur."""
Words: TypeAlias = dict[str, Any]
Fact: TypeAlias = Callable[[FloatArray, Words], Described]


@cache
def catalogue(language: str) -> Words:
    """Return the sentences of a language; those of English where it is not spoken.

    Examples
    --------
    >>> catalogue("en")["when"]["today"]
    'today'
    """
    name = language if language in LANGUAGES else LANGUAGES[0]
    return tomllib.loads(files("features").joinpath(f"{name}.toml").read_text(encoding="utf-8"))


class Describer:
    """Says what a lead's attributes, activities and facts are.

    Parameters
    ----------
    space : FeatureSpace
        The space that built the matrix.
    """

    def __init__(self, space: FeatureSpace) -> None:
        self.space = space
        self._sentences: dict[str, list[Sentence]] = {}

    def describe(
        self, matrix: FeatureMatrix, leads: Leads, row: int, about: int, language: str
    ) -> Described:
        """Return the value that matters most and its sentence.

        Parameters
        ----------
        matrix : FeatureMatrix
            The leads as numbers.
        leads : Leads
            The same leads.
        row : int
            Row of the lead.
        about : int
            Position in `space.abouts`.
        language : str
            "en" or "zh".
        """
        sentences = self._sentences.get(language)
        if sentences is None:
            sentences = self._sentences[language] = _sentences(self.space, language)
        return sentences[about](matrix, leads, row)


Sentence: TypeAlias = Callable[[FeatureMatrix, Leads, int], Described]
"""Says one thing about a row of a matrix and its leads."""


def _sentences(space: FeatureSpace, language: str) -> list[Sentence]:
    words = catalogue(language)
    first: dict[str, int] = {}
    for position, feature in enumerate(space.features):
        first.setdefault(feature.about, position)
    sentences: list[Sentence] = []
    for name, _, origin in space.abouts:
        if origin == "activity":
            windows = space.activity.windows_days
            label = kind_label(space, name, language)
            sentences.append(OfActivity(first[name], windows, label, words))
        elif name in ("channel", "source"):
            sentences.append(OfCategory(space.encoder(name), words["lead"]))
        elif origin == "lead":
            sentences.append(OfFact(first[name], LEAD_FACTS[name], words))
        else:
            sentences.append(OfAttribute(space.encoder(name), language, words["attribute"]))
    return sentences


def kind_label(space: FeatureSpace, kind: str, language: str) -> str:
    """Return the words for a kind of activity, its name as words where none are known."""
    own = space.activity.labels.get(kind, {})
    known = catalogue(language)["kinds"].get(kind)
    return own.get(language) or known or own.get("en") or readable(kind)


def kind_words(kind: str, language: str) -> str:
    """Return the words for a kind of activity of which no data set has its own.

    Examples
    --------
    >>> kind_words("demo_request", "en"), kind_words("seat_added", "en")
    ('Demo requested', 'Seat added')
    """
    return catalogue(language)["kinds"].get(kind) or readable(kind)


class OfAttribute:
    """What an attribute is."""

    def __init__(self, encoder: Encoder, language: str, words: Words) -> None:
        self._encoder = encoder
        self._language = language
        self._words = words
        self._name = encoder.spec.name
        self._label = encoder.spec.label_in(language)
        self._missing = Described(None, words["missing"].format(label=self._label))
        self._of_value = remembered(encoder.type, self.of)

    def __call__(self, matrix: FeatureMatrix, leads: Leads, row: int) -> Described:
        """Return the value that a person may see and its sentence."""
        return self._of_value(leads.attribute(self._name).at(row))

    def of(self, raw: object) -> Described:
        """Return the same of a raw value."""
        try:
            meaning = self._encoder.read(raw)
        except Unreadable:
            return self._missing
        if meaning is None:
            return self._missing
        value, key, parts = self._encoder.shown(meaning, self._language)
        return Described(value, self._words[key].format(label=self._label, **parts))


class OfCategory:
    """What the channel or the source is."""

    def __init__(self, encoder: Encoder, words: Words) -> None:
        self._encoder = encoder
        self._text = words[encoder.spec.name]
        self._missing = Described(None, words[f"{encoder.spec.name}_missing"])
        self._of_value = remembered(encoder.type, self.of)

    def __call__(self, matrix: FeatureMatrix, leads: Leads, row: int) -> Described:
        """Return the channel or the source and its sentence."""
        column = leads.channel if self._encoder.spec.name == "channel" else leads.source
        return self._of_value(column.at(row))

    def of(self, raw: object) -> Described:
        """Return the same of a raw value."""
        try:
            meaning = self._encoder.read(raw)
        except Unreadable:
            return self._missing
        if meaning is None:
            return self._missing
        value = self._encoder.shown(meaning, "").value
        return Described(value, self._text.format(value=value))


class OfActivity:
    """When activities of a kind were, and how many."""

    def __init__(self, first: int, windows: tuple[float, ...], label: str, words: Words) -> None:
        self._begin = first
        self._end = first + len(windows) + 2
        self._windows = windows
        self._label = label
        self._words = words
        self._never = Described(None, words["activity"]["never"].format(label=label))
        self._known: dict[tuple[int, float, float], str] = {}

    def __call__(self, matrix: FeatureMatrix, leads: Leads, row: int) -> Described:
        """Return the days since the last one and the sentence."""
        numbers = matrix.values[row, self._begin : self._end].tolist()
        days = numbers[-1]
        if days != days:
            return self._never
        often = (0.0, 1.0)
        for window, count in zip(self._windows, numbers, strict=False):
            if count >= OFTEN:
                often = (window, count)
                break
        said = (int(days), *often)
        text = self._known.get(said)
        if text is None:
            text = self._say(days, *often)
            if len(self._known) < MOST_SAID:
                self._known[said] = text
        return Described(days, text)

    def _say(self, days: float, window: float, count: float) -> str:
        words, when = self._words["activity"], _when(days, self._words)
        if count < OFTEN:
            return str(words["once"].format(label=self._label, when=when))
        return str(
            words["often"].format(label=self._label, n=int(count), days=f"{window:g}", when=when)
        )


class OfFact:
    """A fact of the lead."""

    def __init__(self, first: int, say: Fact, words: Words) -> None:
        self._first = first
        self._say = say
        self._words = words

    def __call__(self, matrix: FeatureMatrix, leads: Leads, row: int) -> Described:
        """Return the number that the fact is and its sentence."""
        return self._say(matrix.values[row, self._first :], self._words)


def _when(days: float, words: Words) -> str:
    if days < 1:
        return str(words["when"]["today"])
    if days < OFTEN:
        return str(words["when"]["yesterday"])
    return str(words["when"]["days"].format(n=int(days)))


def _lead_age(numbers: FloatArray, words: Words) -> Described:
    days = float(numbers[0])
    if days != days:
        return Described(None, words["lead"]["lead_age_missing"])
    return Described(days, words["lead"]["lead_age"].format(when=_when(days, words)))


def _created_time(numbers: FloatArray, words: Words) -> Described:
    weekday, hour = float(numbers[0]), float(numbers[1])
    if hour != hour:
        return Described(None, words["lead"]["created_time_missing"])
    name = words["weekday"][str(int(weekday))]
    return Described(hour, words["lead"]["created_time"].format(weekday=name, hour=int(hour)))


def _episode(numbers: FloatArray, words: Words) -> Described:
    n = int(numbers[0])
    key = "episode" if n == 1 else "episode_again"
    return Described(float(n), words["lead"][key].format(n=n))


def _completeness(numbers: FloatArray, words: Words) -> Described:
    n = int(numbers[0])
    key = {0: "completeness", 1: "completeness_one"}.get(n, "completeness_missing")
    return Described(float(n), words["lead"][key].format(n=n))


def _activity_level(numbers: FloatArray, words: Words) -> Described:
    n = int(numbers[0])
    key = "activity" if n else "activity_none"
    return Described(float(n), words["lead"][key].format(n=n))


LEAD_FACTS: dict[str, Fact] = {
    "lead_age": _lead_age,
    "created_time": _created_time,
    "episode": _episode,
    "completeness": _completeness,
    "activity": _activity_level,
}
