"""What a mapping says about one attribute."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from features.attributes.vocabulary import canonical

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
        Words that mean "no value", compared without case; "" always does. Aliases of them
        are such words too.
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
        aliases = {_form(spelling): meant for spelling, meant in self.aliases.items()}
        ends = {word: _end_of(word, aliases) for word in aliases}
        empty = dict.fromkeys(map(_form, self.empty))
        # a spelling of an empty word is one itself, so that no value is empty once stored
        empty |= dict.fromkeys(word for word, end in ends.items() if _form(end) in {"", *empty})
        aliases = {word: end for word, end in ends.items() if word not in empty}
        object.__setattr__(self, "empty", tuple(empty))
        object.__setattr__(self, "aliases", aliases)

    def meant_by(self, text: str) -> str:
        """Return the spelling that is meant by one, itself where it is no alias.

        Examples
        --------
        >>> AttributeSpec("a", "category", aliases={"G  Ads": "Google"}).meant_by(" g ads")
        'Google'
        """
        return self.aliases.get(_form(text), text) if self.aliases else text

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


def _form(word: str) -> str:
    """Return the form in which words are compared: no case, single spaces, 3.0 as 3."""
    return canonical(word) or ""


def _end_of(word: str, aliases: Mapping[str, str]) -> str:
    """Follow aliases of aliases, so that a stored value means the same when read again."""
    passed = {word}
    meant = aliases[word]
    while (following := _form(meant)) in aliases:
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
