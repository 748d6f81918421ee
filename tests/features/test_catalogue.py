"""The catalogue names every feature, and the README shows the catalogue."""

import re
from pathlib import Path

import pytest

from features import catalogue as module
from features.activities.spec import ActivitySpec
from features.attributes.spec import ATTRIBUTE_TYPES
from features.catalogue import activity_entries, catalogue, entries_of, fact_entries
from features.errors import SchemaError
from features.records import assemble
from features.space import FeatureSpace
from tests.features.invented import KINDS, SPECS, training_records

README = Path(module.__file__).parent / "README.md"


def pattern(name: str, about: str) -> str:
    """Return a pattern of the names that a line of the catalogue speaks of."""
    named = re.sub(r"^\*\w+\*", about, name)
    return ".+".join(re.escape(part) for part in named.split("..."))


def test_the_readme_shows_what_is_generated() -> None:
    assert catalogue() in README.read_text(encoding="utf-8")


def test_every_feature_of_a_fitted_space_stands_in_it_with_family_and_unit() -> None:
    leads, activities = assemble(training_records())
    space = FeatureSpace.fit(leads, activities, SPECS, ActivitySpec())
    types = {spec.name: spec.type for spec in SPECS} | dict.fromkeys(
        ("channel", "source"), "category"
    )
    facts = {one.name: one for one in fact_entries()}
    for feature in space.features:
        if feature.name in facts:
            found = [facts[feature.name]]
        elif feature.about in KINDS:
            found = list(activity_entries(ActivitySpec()))
        else:
            found = list(entries_of(types[feature.about]))
        fitting = [
            one for one in found if re.fullmatch(pattern(one.name, feature.about), feature.name)
        ]
        assert feature.unit in {one.unit for one in fitting}, feature.name
        if feature.about not in ("channel", "source"):
            assert feature.family in {one.family for one in fitting}, feature.name


def test_no_meaning_is_left_over() -> None:
    meanings = module._meanings()
    lines = sum(len(entries_of(type_)) for type_ in ATTRIBUTE_TYPES)
    lines += len(activity_entries(ActivitySpec())) + len(fact_entries())
    assert sum(map(len, meanings.values())) == lines


def test_a_feature_without_a_meaning_is_refused() -> None:
    with pytest.raises(SchemaError, match=r"\[date\] says nothing of 'weekday'"):
        module._grouped("date", "*attribute*", "fit", [("weekday", "day")])
