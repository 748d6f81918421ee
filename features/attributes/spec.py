"""What a mapping says about one attribute."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

AttributeType = Literal[
    "number",
    "category",
    "boolean",
    "date",
    "country",
    "email",
    "phone",
    "job_title",
    "tags",
    "text",
]
Family = Literal["fit", "intent", "channel", "timing", "quality"]
ATTRIBUTE_TYPES: tuple[AttributeType, ...] = get_args(AttributeType)
FAMILIES: tuple[Family, ...] = get_args(Family)
QUALITY_TYPES: tuple[AttributeType, ...] = ("email", "phone", "text")


@dataclass(frozen=True, slots=True)
class AttributeSpec:
    """An attribute's name, type and the ways of writing that the mapping knows.

    Parameters
    ----------
    name : str
        Name by which requests and reasons speak of it.
    type : AttributeType
        Decides the features.
    family : Family
        Part of the ledger that its points belong to.
    empty : tuple of str
        Words that mean "no value", compared without case; "" always does.
    aliases : mapping of str to str
        Spelling (compared without case) to the one that is meant.
    label : mapping of str to str
        Language to the words shown to people.
    """

    name: str
    type: AttributeType
    family: Family = "fit"
    empty: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    label: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        empty = tuple(word.strip().casefold() for word in self.empty)
        aliases = {
            " ".join(spelling.split()).casefold(): meant for spelling, meant in self.aliases.items()
        }
        object.__setattr__(self, "empty", empty)
        object.__setattr__(self, "aliases", {word: _end_of(word, aliases) for word in aliases})

    def label_in(self, language: str) -> str:
        """Return the words shown to people.

        Examples
        --------
        >>> AttributeSpec("job_title", "job_title").label_in("en")
        'Job title'
        """
        return self.label.get(language) or self.label.get("en") or readable(self.name)

    def to_json(self) -> dict[str, Any]:
        """Return the form that a manifest keeps."""
        return {
            "name": self.name,
            "type": self.type,
            "family": self.family,
            "empty": list(self.empty),
            "aliases": dict(self.aliases),
            "label": dict(self.label),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "AttributeSpec":
        """Return the attribute that `to_json` wrote."""
        return AttributeSpec(
            name=data["name"],
            type=data["type"],
            family=data["family"],
            empty=tuple(data["empty"]),
            aliases=dict(data["aliases"]),
            label=dict(data["label"]),
        )


def _end_of(word: str, aliases: Mapping[str, str]) -> str:
    """Follow aliases of aliases, so that a stored value means the same when read again."""
    passed = {word}
    meant = aliases[word]
    while (following := " ".join(meant.split()).casefold()) in aliases:
        if aliases[following] == meant:
            return meant
        if following in passed:
            return min(passed)  # a circle: each of its spellings means the first
        passed.add(following)
        meant = aliases[following]
    return meant


def default_family(type_: AttributeType) -> Family:
    """Return the family of an attribute whose mapping names none.

    Examples
    --------
    >>> default_family("email"), default_family("number")
    ('quality', 'fit')
    """
    return "quality" if type_ in QUALITY_TYPES else "fit"


def readable(name: str) -> str:
    """Return a name as words.

    Examples
    --------
    >>> readable("demo_request")
    'Demo request'
    """
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
