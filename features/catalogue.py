"""`python -m features.catalogue`: every feature there is, as a table in Markdown."""

import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from features.activities.spec import ActivitySpec
from features.attributes.fit import encoder_from_json
from features.attributes.spec import ATTRIBUTE_TYPES, AttributeSpec, AttributeType, default_family
from features.attributes.vocabulary import MOST_INDICATORS
from features.errors import SchemaError
from features.layout import LEAD_FEATURES, OVERALL_FEATURES, features_of

LEARNED = "..."
"""Stands for any value that training learns."""
VOCABULARY = {"vocabulary": {"words": [LEARNED], "n_indicators": 1, "spellings": [LEARNED]}}
ATTRIBUTE, KIND = "*attribute*", "*kind*"
"""Where the name of an attribute or a kind of activity stands."""
HEAD = ("| of | feature | family | unit | meaning |", "| --- | --- | --- | --- | --- |")


class Entry(NamedTuple):
    """One line of the catalogue: a feature, or several that mean the same of other names.

    Parameters
    ----------
    name : str
        Of the feature; with "..." where it stands for several.
    family : str
        Part of the ledger, by default.
    unit : str
        Unit of its values.
    meaning : str
        In words.
    """

    name: str
    family: str
    unit: str
    meaning: str


@cache
def _meanings() -> Mapping[str, Mapping[str, str]]:
    text = (files("features") / "catalogue.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def entries_of(type_: AttributeType) -> tuple[Entry, ...]:
    """Return the features of an attribute of a type.

    Raises
    ------
    SchemaError
        When the meaning of one is not written down.

    Examples
    --------
    >>> entries_of("date")[0].unit
    'days'
    """
    spec = AttributeSpec("attribute", type_, default_family(type_))
    encoder = encoder_from_json({"spec": spec.to_json(), "state": VOCABULARY})
    return _grouped(type_, ATTRIBUTE, spec.family, encoder.columns)


def activity_entries(activity: ActivitySpec) -> tuple[Entry, ...]:
    """Return the features of a kind of activity.

    Examples
    --------
    >>> activity_entries(ActivitySpec())[0].name
    '*kind*.count_...'
    """
    found = features_of([], ["kind"], activity)
    columns = [(f.name.partition(".")[2], f.unit) for f in found if f.about == "kind"]
    return _grouped("activity", KIND, "intent", columns, days=f"{activity.half_life_days:g}")


def fact_entries() -> tuple[Entry, ...]:
    """Return the features that every lead has.

    Examples
    --------
    >>> fact_entries()[0].name
    'lead_age.days'
    """
    return tuple(
        Entry(one.name, one.family, one.unit, _meanings()[origin][one.name])
        for origin, features in (("lead", LEAD_FEATURES), ("overall", OVERALL_FEATURES))
        for one in features
    )


def _grouped(
    table: str, about: str, family: str, columns: Sequence[tuple[str, str]], **words: str
) -> tuple[Entry, ...]:
    """Put columns that mean the same of different names in one line."""
    groups: dict[str, tuple[str, list[str]]] = {}
    for name, unit in columns:
        key = _key(table, name)
        groups.setdefault(key, (unit, []))[1].append(name.removeprefix(key.rstrip("*")))
    return tuple(
        Entry(
            f"{about}.{key.replace('*', LEARNED)}" if key else about,
            family,
            unit,
            _meanings()[table][key].format(names=", ".join(names), most=MOST_INDICATORS, **words),
        )
        for key, (unit, names) in groups.items()
    )


def _key(table: str, name: str) -> str:
    """Return under which key the meaning of a name stands."""
    known = _meanings()[table]
    starts = (key for key in known if key.endswith("*") and name.startswith(key[:-1]))
    found = name if name in known else next(starts, None)
    if found is None:
        raise SchemaError(f"catalogue.toml: [{table}] says nothing of {name!r}")
    return found


def catalogue() -> str:
    """Return the catalogue as a table in Markdown.

    Examples
    --------
    >>> catalogue().splitlines()[2]
    '| `number` | *attribute* | fit | value | the number |'
    """
    return "".join(f"{line}\n" for line in (*HEAD, *_rows()))


def _rows() -> Iterator[str]:
    parts = {f"`{type_}`": entries_of(type_) for type_ in ATTRIBUTE_TYPES}
    parts["channel, source"] = _of_channel(entries_of("category"))
    parts["each kind of activity"] = activity_entries(ActivitySpec())
    parts["every lead"] = fact_entries()
    for part, entries in parts.items():
        for one in entries:
            yield f"| {part} | {one.name} | {one.family} | {one.unit} | {one.meaning} |"


def _of_channel(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Make of a category's features those of channel and source."""
    return tuple(
        one._replace(name=one.name.replace(ATTRIBUTE, "*channel*"), family="channel")
        for one in entries
    )


def main() -> int:
    """Write the catalogue to the standard output."""
    sys.stdout.write(catalogue())
    return 0


if __name__ == "__main__":
    sys.exit(main())
