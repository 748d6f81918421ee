"""A key asks as often as it may, and is told what is left."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.access.rate import RateLimit
from service.settings import Settings
from tests.service.access.test_keys import bearer, make
from tests.service.careful import check_careful
from tests.service.store.test_decisions import body, serving


@given(st.integers(1, 100), st.lists(st.floats(0, 30), min_size=1, max_size=300))
def test_no_minute_sees_more_than_twice_the_limit_nor_a_quiet_key_less(
    per_minute: int, pauses: list[float]
) -> None:
    limit, now, passed = RateLimit(per_minute), 0.0, []
    for pause in pauses:
        now += pause
        if limit.take("crm", now).allowed:
            passed.append(now)
    for since in passed:
        assert sum(since <= at < since + 60 for at in passed) <= 2 * per_minute
    assert len(passed) >= min(len(pauses), per_minute)
    assert len(passed) <= per_minute * (1 + now / 60) + 1


def test_keys_are_counted_apart_and_refusals_do_not_count() -> None:
    limit = RateLimit(2)
    found = [limit.take("a", 0.0) for _ in range(4)]
    assert [one.allowed for one in found] == [True, True, False, False]
    assert [one.remaining for one in found] == [1, 0, 0, 0]
    assert found[-1].headers()["Retry-After"] == "30"
    assert limit.take("b", 0.0).allowed
    assert limit.take("a", 30.0).allowed


def test_a_key_over_its_rate_gets_429_and_health_stays_open(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv("LEAD_SCORING_DATABASE_URL", url)
    monkeypatch.setenv("LEAD_SCORING_ARTIFACTS", str(settings.artifacts))
    _, token = make(capsys, "--scopes", "score")
    limited = settings.model_copy(update={"requests_per_minute": 2})
    with serving(limited, url) as client:
        found = [client.post("/score", json=body(1), headers=bearer(token)) for _ in range(3)]
        health = client.get("/health/live")
    assert [one.status_code for one in found] == [200, 200, 429]
    assert [one.headers["RateLimit-Remaining"] for one in found] == ["1", "0", "0"]
    assert (found[2].headers["RateLimit-Limit"], found[2].headers["Retry-After"]) == ("2", "30")
    assert found[2].json()["error"] == "TooManyRequestsError"
    assert health.status_code == 200
    check_careful(found[2].headers)
