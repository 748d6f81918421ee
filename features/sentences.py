"""One sentence about one fact of a lead, in English or Chinese."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from features.attributes.encoder import Unreadable
from features.attributes.spec import readable
from features.feature import Described, FeatureMatrix
from features.leads import Leads
from features.space import FeatureSpace

LANGUAGES = ("en", "zh")
OFTEN = 2


@cache
def catalogue(language: str) -> dict[str, Any]:
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
        self._first: dict[str, int] = {}
        for position, feature in enumerate(space.features):
            self._first.setdefault(feature.about, position)
        self._encoders = {encoder.spec.name: encoder for encoder in space.encoders}

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
        name, _, origin = self.space.abouts[about]
        numbers = matrix.values[row, self._first[name] :]
        words = catalogue(language)
        if origin == "activity":
            return self._activity(name, numbers, words, language)
        if name in ("channel", "source"):
            column = leads.channel if name == "channel" else leads.source
            return self._category(name, column.at(row), words, language)
        if origin == "lead":
            return LEAD_FACTS[name](numbers, words)
        return self._attribute(name, leads.attribute(name).at(row), words, language)

    def _attribute(self, name: str, raw: object, words: Any, language: str) -> Described:
        encoder = self._encoders[name]
        label = encoder.spec.label_in(language)
        try:
            meaning = encoder.read(raw)
        except Unreadable:
            meaning = None
        if meaning is None:
            return Described(None, words["attribute"]["missing"].format(label=label))
        value, key, parts = encoder.shown(meaning, language)
        return Described(value, words["attribute"][key].format(label=label, **parts))

    def _category(self, name: str, raw: object, words: Any, language: str) -> Described:
        encoder = self._encoders[name]
        try:
            meaning = encoder.read(raw)
        except Unreadable:
            meaning = None
        if meaning is None:
            return Described(None, words["lead"][f"{name}_missing"])
        value = encoder.shown(meaning, language).value
        return Described(value, words["lead"][name].format(value=value))

    def _activity(self, kind: str, numbers: Any, words: Any, language: str) -> Described:
        activity = self.space.activity
        own = activity.labels.get(kind, {})
        label = own.get(language) or words["kinds"].get(kind) or own.get("en") or readable(kind)
        n_windows = len(activity.windows_days)
        days = float(numbers[n_windows + 1])
        if days != days:
            return Described(None, words["activity"]["never"].format(label=label))
        when = _when(days, words)
        for window, count in zip(activity.windows_days, numbers[:n_windows], strict=True):
            if count >= OFTEN:
                text = words["activity"]["often"].format(
                    label=label, n=int(count), days=f"{window:g}", when=when
                )
                return Described(days, text)
        return Described(days, words["activity"]["once"].format(label=label, when=when))


def _when(days: float, words: Any) -> str:
    if days < 1:
        return str(words["when"]["today"])
    if days < OFTEN:
        return str(words["when"]["yesterday"])
    return str(words["when"]["days"].format(n=int(days)))


def _lead_age(numbers: Any, words: Any) -> Described:
    days = float(numbers[0])
    if days != days:
        return Described(None, words["lead"]["lead_age_missing"])
    return Described(days, words["lead"]["lead_age"].format(when=_when(days, words)))


def _created_time(numbers: Any, words: Any) -> Described:
    weekday, hour = float(numbers[0]), float(numbers[1])
    if hour != hour:
        return Described(None, words["lead"]["created_time_missing"])
    name = words["weekday"][str(int(weekday))]
    return Described(hour, words["lead"]["created_time"].format(weekday=name, hour=int(hour)))


def _episode(numbers: Any, words: Any) -> Described:
    n = int(numbers[0])
    key = "episode" if n == 1 else "episode_again"
    return Described(float(n), words["lead"][key].format(n=n))


def _completeness(numbers: Any, words: Any) -> Described:
    n = int(numbers[0])
    key = {0: "completeness", 1: "completeness_one"}.get(n, "completeness_missing")
    return Described(float(n), words["lead"][key].format(n=n))


def _activity_level(numbers: Any, words: Any) -> Described:
    n = int(numbers[0])
    key = "activity" if n else "activity_none"
    return Described(float(n), words["lead"][key].format(n=n))


LEAD_FACTS = {
    "lead_age": _lead_age,
    "created_time": _created_time,
    "episode": _episode,
    "completeness": _completeness,
    "activity": _activity_level,
}
