import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.activities.spec import ActivitySpec
from features.attributes.spec import AttributeSpec
from features.column import Column
from features.errors import BundleError
from features.moment import DAY, NEVER
from features.records import ActivityRecord, LeadRecord, assemble
from features.space import FeatureSpace
from tests.features.invented import AS_OF, RAW, SPECS, records, training_records


def bits(space: FeatureSpace, batch: list[LeadRecord]) -> list[bytes]:
    """Return the exact bits of each lead's features."""
    return [row.tobytes() for row in space.build(*assemble(batch)).values]


def lead(**attributes: object) -> LeadRecord:
    return LeadRecord("L", AS_OF, AS_OF, None, None, 1, attributes, ())


def number(space: FeatureSpace, record: LeadRecord, feature: str) -> float:
    names = [each.name for each in space.features]
    return float(space.build(*assemble([record])).values[0, names.index(feature)])


@given(st.lists(records(), min_size=1, max_size=6))
def test_a_lead_alone_has_the_bits_of_the_lead_in_a_batch(
    space: FeatureSpace, batch: list[LeadRecord]
) -> None:
    alone = [bits(space, [record])[0] for record in batch]
    assert bits(space, batch) == alone
    assert bits(space, batch[::-1]) == alone[::-1]


@given(st.lists(records(), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_the_order_in_which_activities_come_changes_nothing(
    space: FeatureSpace, batch: list[LeadRecord], random: object
) -> None:
    shuffled = [
        record._replace(activities=sorted(record.activities, key=lambda _: random.random()))  # type: ignore[attr-defined]
        for record in batch
    ]
    assert bits(space, shuffled) == bits(space, batch)


def test_leads_of_training_get_the_same_bits_when_scored_alone() -> None:
    training = training_records()
    leads, activities = assemble(training)
    space = FeatureSpace.fit(leads, activities, SPECS, ActivitySpec())
    rows = np.array([7, 3, 3, 119])
    snapshots = space.build(leads.take(rows), activities.take(rows)).values
    assert [row.tobytes() for row in snapshots] == [
        bits(space, [training[row]])[0] for row in rows.tolist()
    ]


def test_a_column_of_numbers_gives_what_single_numbers_give(space: FeatureSpace) -> None:
    values = np.array([3.0, np.nan, 250.0, np.inf])
    leads, activities = assemble([lead(the_number=0) for _ in values])
    codes = np.arange(4, dtype=np.int32)
    for name in ("the_number", "the_category"):
        attributes = {name: Column(values, codes)}
        object.__setattr__(leads, "attributes", attributes)
        from_column = [row.tobytes() for row in space.build(leads, activities).values]
        assert from_column == bits(space, [lead(**{name: value}) for value in values.tolist()])


@given(st.lists(records(), min_size=1, max_size=4))
def test_a_space_read_from_json_gives_the_same_bits(
    space: FeatureSpace, batch: list[LeadRecord]
) -> None:
    again = FeatureSpace.from_json(json.loads(json.dumps(space.to_json(), allow_nan=False)))
    assert again.features == space.features
    assert bits(again, batch) == bits(space, batch)


def test_a_format_that_is_not_known_is_refused(space: FeatureSpace) -> None:
    with pytest.raises(BundleError, match="format 2, this version reads 1"):
        FeatureSpace.from_json({**space.to_json(), "format": 2})


def test_fitting_twice_gives_the_same_space_whatever_the_order_of_leads() -> None:
    training = training_records()
    spaces = [
        FeatureSpace.fit(*assemble(batch), SPECS, ActivitySpec())
        for batch in (training, training[::-1])
    ]
    assert json.dumps(spaces[0].to_json()) == json.dumps(spaces[1].to_json())


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.type)
def test_a_stored_value_gives_the_same_features(space: FeatureSpace, spec: AttributeSpec) -> None:
    for raw in RAW[spec.type]:
        stored = json.loads(json.dumps(space.stored(spec.name, raw)))
        kept, original = lead(**{spec.name: stored}), lead(**{spec.name: raw})
        assert bits(space, [kept]) == bits(space, [original])


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.type)
def test_an_attribute_is_missing_exactly_when_its_first_feature_is(
    space: FeatureSpace, spec: AttributeSpec
) -> None:
    first = [feature.about for feature in space.features].index(spec.name)
    position = space.attributes.index(spec)
    batch = [lead(**{spec.name: raw}) for raw in RAW[spec.type]]
    matrix = space.build(*assemble(batch))
    absent = np.isnan(matrix.values[:, first])
    assert matrix.missing[:, position].tolist() == absent.tolist()
    assert absent.any()
    assert not absent.all()


def test_unreadable_values_are_missing_and_named(space: FeatureSpace) -> None:
    matrix = space.build(*assemble([lead(the_number="lots"), lead(the_number=1)]))
    assert {name: rows.tolist() for name, rows in matrix.unreadable.items()} == {
        "the_number": [True, False]
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [("Google", " google"), ("Goggle", "GOOGLE"), (3, "3"), (3.0, "3.0"), (3, 3.0), ("-", None)],
)
def test_spellings_of_one_value_are_one_value(
    space: FeatureSpace, one: object, other: object
) -> None:
    assert bits(space, [lead(the_category=one)]) == bits(space, [lead(the_category=other)])


def test_rare_and_unseen_values_share_a_code() -> None:
    batch = [lead(place=place) for place in ["a"] * 30 + ["b"] * 20 + ["c"] * 9]
    spec = AttributeSpec("place", "category")
    space = FeatureSpace.fit(*assemble(batch), [spec], ActivitySpec())
    codes = [number(space, lead(place=place), "place.code") for place in ("a", "b", "c", "new")]
    assert codes == [0.0, 1.0, 2.0, 2.0]
    assert np.isnan(number(space, lead(), "place.code"))


def test_dates_count_in_days_before_the_moment_of_scoring(space: FeatureSpace) -> None:
    record = lead(the_date="2025-12-30T09:00:00Z")
    assert number(space, record, "the_date.days_since") == 2.0
    earlier = record._replace(as_of=AS_OF - 3 * DAY)
    assert number(space, earlier, "the_date.days_since") == -1.0


def test_facts_of_the_lead_are_those_of_its_dates(space: FeatureSpace) -> None:
    record = lead(the_number=1)._replace(created_at=AS_OF - 4 * DAY, episode=2)
    assert number(space, record, "lead_age.days") == 4.0
    assert number(space, record, "created_time.weekday") == 6.0  # 2025-12-28 was a Sunday
    assert number(space, record, "created_time.hour") == 9.0
    assert number(space, record, "episode.count") == 2.0
    assert number(space, record, "completeness.missing") == len(SPECS) - 1


def test_leads_without_dates_have_no_times(space: FeatureSpace) -> None:
    done = ActivityRecord("page_view", NEVER, NEVER)
    record = lead()._replace(as_of=NEVER, created_at=NEVER, activities=[done])
    assert np.isnan(number(space, record, "lead_age.days"))
    assert np.isnan(number(space, record, "created_time.hour"))
    assert np.isnan(number(space, record, "page_view.days_since_last"))
    assert number(space, record, "page_view.total") == 1.0


def test_every_feature_has_a_name_of_its_own_and_an_about(space: FeatureSpace) -> None:
    names = [feature.name for feature in space.features]
    assert len(set(names)) == len(names) == space.build(*assemble([lead()])).values.shape[1]
    for feature, position in zip(space.features, space.about_of.tolist(), strict=True):
        assert space.abouts[position].name == feature.about
        assert space.abouts[position].family == feature.family
        assert feature.unit
