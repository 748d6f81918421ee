"""Decisions that are written together."""

from typing import Any

from service.api.answer import answer_leads
from service.api.asked import Asked
from service.api.keep import decided
from service.api.read import record_of
from service.api.schemas import ScoreRequest
from service.context import RequestContext
from service.earlier import Earlier
from service.holder import ModelHolder
from service.settings import Settings
from service.store.content import written
from service.store.database import open_engine, read_url
from service.store.group import AT_ONCE
from service.store.sql import SqlStore
from service.store.store import Written
from tests.service.conftest import NOW
from tests.service.store.test_decisions import body, counts, rows


def decision(settings: Settings, number: int, **changes: Any) -> Written:
    """Return a decision, ready to be kept."""
    holder = ModelHolder()
    holder.load(settings, NOW.date())
    served = holder.served
    lead = ScoreRequest.model_validate(body(1, **changes))
    record = record_of(lead, NOW)
    [answer] = answer_leads(served, [record], [Earlier()], now=NOW, languages=["en"], reasons=5)
    answer.body.update({"offered": None, "propensity": None, "arm": None})
    asked = Asked(lead, record, record, Earlier(), None)
    one = decided(served, asked, answer.body, RequestContext("test", None, "en"), NOW)
    one.answer["decision_id"] = f"{number:032x}"
    return written(one)


def test_of_two_values_for_one_moment_the_later_one_is_kept(settings: Settings, url: str) -> None:
    store = SqlStore(open_engine(read_url(url)))
    both = [decision(settings, n, attributes={"a0_number": n}) for n in (1, 2)]
    store.write(both)
    store.close()
    assert rows(url, "SELECT value FROM attribute_values") == [("2.0",)]
    assert counts(url) == [1, 1, 10, 2]


def test_a_late_decision_of_a_group_changes_no_newer_one(settings: Settings, url: str) -> None:
    store = SqlStore(open_engine(read_url(url)))
    newer = decision(settings, 1, owner="kim", as_of="2026-01-02T00:00:00Z")
    store.write([newer])
    store.write([decision(settings, 2, owner="lee", as_of="2026-01-01T12:00:00Z")])
    store.close()
    assert rows(url, "SELECT decision_id, owner FROM leads") == [(newer.decision_id, "kim")]
    assert counts(url)[3] == 2


def test_a_group_may_have_more_rows_than_a_statement(settings: Settings, url: str) -> None:
    store = SqlStore(open_engine(read_url(url)))
    one = decision(settings, 1)
    many = [one._replace(decision_id=f"{n:032x}", lead_id=f"L-{n}") for n in range(2 * AT_ONCE + 1)]
    store.write(many)
    store.close()
    assert counts(url) == [len(many), 20 * len(many), 10 * len(many), len(many)]
