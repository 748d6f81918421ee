"""What a value of a lead must be: the conditions that an agreement may set."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from features.attributes.spec import AttributeType

Test = Literal[
    "between",
    "at_least",
    "at_most",
    "one_of",
    "country_one_of",
    "mail",
    "domain_one_of",
    "seniority_one_of",
    "department_one_of",
    "is",
    "contains",
]
Wanted = tuple[float, ...] | tuple[str, ...]
CHANNEL, SOURCE = "channel", "source"
IMPLIED: Mapping[Test, AttributeType] = {
    "between": "number",
    "at_least": "number",
    "at_most": "number",
    "one_of": "category",
    "country_one_of": "country",
    "mail": "email",
    "domain_one_of": "email",
    "seniority_one_of": "job_title",
    "department_one_of": "job_title",
    "is": "boolean",
    "contains": "tags",
}
"""The type that a condition reads a value as."""
READABLE: Mapping[Test, tuple[AttributeType, ...]] = {
    **{test: (type_,) for test, type_ in IMPLIED.items()},
    "one_of": ("category", "number"),
    "country_one_of": ("country", "category"),
    "is": ("boolean", "category", "number"),
}
"""Types of attributes, as a mapping declares them, whose values and stored forms it can read."""
MAIL_KINDS = (
    "business",
    "free",
    "regional",
    "education",
    "government",
    "disposable",
    "invalid",
    "test",
    "role",
)


@dataclass(frozen=True, slots=True)
class Condition:
    """What one value must be.

    Parameters
    ----------
    about : str
        Name of the attribute, or "channel" or "source".
    test : str
        How the value is looked at, one of `Test`.
    wanted : tuple
        Both ends or the one bound of a number; 1.0 or 0.0 for yes or no; else the values,
        each in its one form (ISO code, canonical spelling), sorted.
    country : str or None
        For `mail`: the attribute that says in which country free mail of that country is a
        firm's normal address; elsewhere it counts as free.
    """

    about: str
    test: Test
    wanted: Wanted
    country: str | None = None

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attributes that it looks at."""
        named = () if self.about in (CHANNEL, SOURCE) else (self.about,)
        return named if self.country is None else (*named, self.country)
