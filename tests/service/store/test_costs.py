"""Costs take the place of those of the same months, all or none."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from features.errors import SchemaError
from service.store import costs
from service.store.costs import GIVEN, Cost, add_sample_costs, put_costs, read_costs
from service.store.database import open_engine, read_url
from service.store.sample import remove_sample
from service.store.sql import SqlStore
from service.store.tables import AUDIT

FIRST = [Cost("2026-01", "LinkedIn", 100.0), Cost("2026-02", "LinkedIn", 200.0)]


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    """Return an empty store of each kind."""
    opened = SqlStore(open_engine(read_url(url)))
    yield opened
    opened.close()


def kept(store: SqlStore) -> list[tuple[str, str, float]]:
    rows = store.reading(read_costs)
    return [(one["month"], one["channel"], one["amount"]) for one in rows]


def logged(store: SqlStore) -> list[tuple[str | None, str]]:
    query = select(AUDIT.c.who, AUDIT.c.content).where(AUDIT.c.what == GIVEN)
    return [(who, text) for who, text in store.reading(lambda c: c.execute(query).all())]


def test_a_month_is_replaced_whole_and_others_stay(store: SqlStore) -> None:
    store.changing(lambda c: put_costs(c, FIRST, 1, "kim"))
    new = [Cost("2026-02", "Referral", 30.0), Cost("2026-03", "Referral", 40.0)]
    told = store.changing(lambda c: put_costs(c, new, 2, "kim"))
    assert told == {
        "months": ["2026-02", "2026-03"],
        "rows": 2,
        "rows_before": 1,
        "changed": True,
    }
    assert kept(store) == [
        ("2026-01", "LinkedIn", 100.0),
        ("2026-02", "Referral", 30.0),
        ("2026-03", "Referral", 40.0),
    ]
    assert [row[0] for row in logged(store)] == ["kim", "kim"]
    assert '"months":["2026-02","2026-03"]' in logged(store)[1][1]


def test_the_same_again_changes_nothing_and_is_not_logged(store: SqlStore) -> None:
    store.changing(lambda c: put_costs(c, FIRST, 1, None))
    again = store.changing(lambda c: put_costs(c, FIRST[::-1], 2, None))
    assert (again["changed"], again["rows_before"], len(logged(store))) == (False, 2, 1)


def test_months_are_read_from_and_to(store: SqlStore) -> None:
    store.changing(lambda c: put_costs(c, FIRST, 1, None))
    found = store.reading(lambda c: read_costs(c, "2026-02", "2026-12"))
    assert [one["month"] for one in found] == ["2026-02"]
    assert store.reading(lambda c: read_costs(c, "2025-01", "2025-12")) == []


def test_more_than_there_is_room_for_is_refused_and_nothing_kept(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(costs, "MOST_ROWS", 2)
    store.changing(lambda c: put_costs(c, FIRST, 1, None))
    more = [Cost("2026-03", "LinkedIn", 1.0)]
    with pytest.raises(SchemaError, match="3 rows would be kept, expected at most 2"):
        store.changing(lambda c: put_costs(c, more, 2, None))
    assert len(kept(store)) == 2


def test_who_gives_the_same_month_at_the_same_time_waits(store: SqlStore) -> None:
    def give(number: int) -> None:
        new = [Cost("2026-01", f"C-{number % 3}", float(number))]
        store.changing(lambda c: put_costs(c, new, number, None))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(give, range(12)))
    assert len(kept(store)) == 1


def test_the_samples_costs_make_room_and_leave_with_it(store: SqlStore) -> None:
    store.changing(lambda c: put_costs(c, FIRST[:1], 1, None))
    added = store.changing(
        lambda c: add_sample_costs(c, [Cost("2026-01", "Event", 5.0), *FIRST[1:]], 2)
    )
    assert added == 1
    assert [one["is_sample"] for one in store.reading(read_costs)] == [False, True]
    assert store.changing(remove_sample)["costs"] == 1
    assert kept(store) == [("2026-01", "LinkedIn", 100.0)]
    store.changing(lambda c: add_sample_costs(c, FIRST[1:], 3))
    told = store.changing(lambda c: put_costs(c, FIRST[1:], 4, None))
    assert told["changed"] is True  # the same amount, but people say it now
    assert store.changing(remove_sample)["costs"] == 0
