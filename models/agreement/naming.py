"""Conditions and signs in words."""

from collections.abc import Sequence

from features.attributes.category import CategoryEncoder
from features.attributes.country import country_name
from features.attributes.encoder import Encoder
from features.attributes.job_title import department_label, seniority_name
from features.attributes.number import format_number
from features.attributes.spec import readable
from features.attributes.tags import TagsEncoder
from features.sentences import kind_label, kind_words
from features.space import FeatureSpace
from models.agreement.agreement import Sign
from models.agreement.condition import CHANNEL, SOURCE, Condition
from models.words import words

MINUTES_OF_HOURS = 120.0
MINUTES_OF_DAYS = 3 * 24 * 60.0


class Naming:
    """Says what conditions and signs are, in one language.

    Parameters
    ----------
    language : str
        "en" or "zh".
    space : FeatureSpace, optional
        Of the model; knows how attributes, values and activities are called.
    """

    def __init__(self, language: str, space: FeatureSpace | None) -> None:
        self.language = language
        self.words = words(language)
        self.space = space

    def listed(self, names: Sequence[str]) -> str:
        """Return "a, b or c"."""
        text = self.words["list"]
        return str(text["last"]).join(
            part for part in (text["comma"].join(names[:-1]), names[-1] if names else "") if part
        )

    def attribute(self, name: str) -> str:
        """Return the name of an attribute, of the channel or of the source."""
        if name in (CHANNEL, SOURCE):
            return str(self.words["about"][name])
        encoder = self._encoder(name)
        return readable(name) if encoder is None else encoder.spec.label_in(self.language)

    def values(self, condition: Condition) -> str:
        """Return what a value must be."""
        test, text = condition.test, self.words["values"]
        if test in ("between", "at_least", "at_most"):
            ends = [format_number(float(end)) for end in condition.wanted]
            return str(text[test].format(low=ends[0], high=ends[-1]))
        if test == "is":
            return str(text["is_yes" if condition.wanted[0] else "is_no"])
        return self.listed([self._value(condition, str(value)) for value in condition.wanted])

    def condition(self, condition: Condition) -> str:
        """Return the attribute and what it must be."""
        label, values = self.attribute(condition.about), self.values(condition)
        return str(self.words["values"]["pair"].format(label=label, values=values))

    def sign(self, sign: Sign, *, window: bool = False) -> str:
        """Return what is looked for, with its window where that is wanted."""
        text = sign.label.get(self.language) or sign.label.get("en") or self.thing(sign)
        if sign.least_count > 1:
            text = self.words["sign"]["times"].format(label=text, n=sign.least_count)
        if window and sign.within_days is not None:
            text = self.words["sign"]["days"].format(label=text, days=f"{sign.within_days:g}")
        return str(text)

    def thing(self, sign: Sign) -> str:
        """Return the kind of activity, or the condition."""
        return self._kind(sign.what) if isinstance(sign.what, str) else self.condition(sign.what)

    def time(self, minutes: float) -> str:
        """Return a span of time in minutes, hours or days, whichever reads best."""
        text = self.words["time"]
        if minutes < MINUTES_OF_HOURS:
            return str(text["minutes"].format(n=f"{minutes:g}"))
        if minutes < MINUTES_OF_DAYS:
            return str(text["hours"].format(n=f"{minutes / 60.0:g}"))
        return str(text["days"].format(n=f"{minutes / (24 * 60.0):g}"))

    def _kind(self, kind: str) -> str:
        if self.space is None:
            return kind_words(kind, self.language)
        return kind_label(self.space, kind, self.language)

    def _encoder(self, name: str) -> Encoder | None:
        if self.space is None:
            return None
        try:
            return self.space.encoder(name)
        except KeyError:
            return None

    def _value(self, condition: Condition, value: str) -> str:
        test = condition.test
        if test == "country_one_of":
            return country_name(value, self.language)
        if test == "mail":
            return str(self.words["mail"][value])
        if test == "seniority_one_of":
            return seniority_name(int(value), self.language)
        if test == "department_one_of":
            return department_label(value, self.language)
        encoder = self._encoder(condition.about)
        if isinstance(encoder, CategoryEncoder | TagsEncoder):
            return encoder.vocabulary.spelling(value)
        return value
