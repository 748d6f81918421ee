import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.activities.spec import ActivitySpec
from features.moment import DAY, NEVER
from features.records import ActivityRecord, LeadRecord, assemble
from features.space import FeatureSpace
from tests.features.invented import AS_OF, records


def lead(*activities: ActivityRecord) -> LeadRecord:
    return LeadRecord("L", AS_OF, AS_OF - 200 * DAY, None, None, 1, {}, activities)


def done(kind: str, days_ago: float, known_days_ago: float | None = None) -> ActivityRecord:
    known = days_ago if known_days_ago is None else known_days_ago
    return ActivityRecord(kind, AS_OF - round(days_ago * DAY), AS_OF - round(known * DAY))


def features_of(space: FeatureSpace, record: LeadRecord, about: str) -> dict[str, float]:
    values = space.build(*assemble([record])).values[0].tolist()
    pairs = zip(space.features, values, strict=True)
    return {f.name.rpartition(".")[2]: value for f, value in pairs if f.about == about}


def test_counts_decay_and_recency_by_hand(space: FeatureSpace) -> None:
    record = lead(*(done("page_view", days) for days in (0, 14, 28, 89, 100)))
    found = features_of(space, record, "page_view")
    # half-life of 14 days
    decayed = 1 + 1 / 2 + 1 / 4 + 2 ** (-89 / 14) + 2 ** (-100 / 14)
    assert found == pytest.approx(
        {
            "count_7": 1,
            "count_30": 3,
            "count_90": 4,
            "decayed": decayed,
            "days_since_last": 0,
            "total": 5,
        },
        rel=1e-12,
    )


def test_a_window_ends_just_before_its_length(space: FeatureSpace) -> None:
    edge = [features_of(space, lead(done("page_view", d)), "page_view") for d in (6.999, 7)]
    assert [found["count_7"] for found in edge] == [1, 0]


def test_kinds_that_did_not_happen_are_zero_and_have_no_last_day(space: FeatureSpace) -> None:
    found = features_of(space, lead(done("page_view", 1)), "demo_request")
    assert np.isnan(found.pop("days_since_last"))
    assert set(found.values()) == {0.0}


def test_active_days_and_momentum_by_hand(space: FeatureSpace) -> None:
    days_ago = (0.1, 0.4, 3, 8, 9, 20, 27.9, 29, 40)
    found = features_of(space, lead(*(done("page_view", d) for d in days_ago)), "activity")
    # three in the last week; four in the three weeks before
    assert found == pytest.approx(
        {"active_days_30": 7, "momentum": (3 + 1) / (4 / 3 + 1), "total": 9}
    )


@given(records(), st.floats(0.001, 30), st.floats(-100, 100))
def test_what_happens_or_is_known_later_is_not_seen(
    space: FeatureSpace, record: LeadRecord, after_days: float, other_days: float
) -> None:
    late = record.as_of + round(after_days * DAY) + 1
    other = record.as_of + round(other_days * DAY)
    before = space.build(*assemble([record]))
    for occurred_at, recorded_at in ((late, other), (other, late)):
        more = [*record.activities, ActivityRecord("page_view", occurred_at, recorded_at)]
        after = space.build(*assemble([record._replace(activities=more)]))
        assert after.values.tobytes() == before.values.tobytes()
        assert after.later_activities.tolist() == [before.later_activities[0] + 1]


def test_an_activity_without_date_counts_only_in_total(space: FeatureSpace) -> None:
    found = features_of(space, lead(ActivityRecord("page_view", NEVER, NEVER)), "page_view")
    assert found.pop("total") == 1
    assert np.isnan(found.pop("days_since_last"))
    assert set(found.values()) == {0.0}


def test_unknown_kinds_are_ignored_and_named(space: FeatureSpace) -> None:
    plain, more = lead(done("page_view", 1)), lead(done("page_view", 1), done("dance", 1))
    matrix = space.build(*assemble([more]))
    assert matrix.unknown_kinds == ("dance",)
    assert matrix.values.tobytes() == space.build(*assemble([plain])).values.tobytes()


def test_kinds_of_own_staff_are_neither_used_nor_called_unknown() -> None:
    batch = assemble([lead(done("page_view", 1), done("call_logged", 1), done("call_logged", 2))])
    space = FeatureSpace.fit(*batch, (), ActivitySpec(excluded=("call_logged",)))
    assert space.kinds == ("page_view",)
    assert space.build(*batch).unknown_kinds == ()


def test_only_the_most_frequent_kinds_are_known() -> None:
    kinds = [("a", 1), ("b", 3), ("c", 2)]
    batch = assemble([lead(*(done(kind, i) for kind, n in kinds for i in range(n)))])
    assert FeatureSpace.fit(*batch, (), ActivitySpec(most_kinds=2)).kinds == ("b", "c")
