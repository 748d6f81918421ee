"""A store with decisions, and time that passes when it is told to."""

import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import to_json

from features.moment import to_moment
from service.crm.drain import Drain, drained
from service.crm.outbox import state
from service.store.database import open_engine, read_url
from service.store.sql import SqlStore
from service.store.store import Written


class Time:
    """What time it is."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """Return an empty store."""
    made = SqlStore(open_engine(read_url(f"sqlite:///{tmp_path / 'store.db'}")))
    made.prepare()
    yield made
    made.close()


def run_until_done(drain: Drain, time: Time, most: int = 2000) -> None:
    """Let time pass and tell the CRM until nothing waits."""
    for _ in range(most):
        done = drained(drain, time.pass_by)
        if not drain.store.reading(lambda c: state(c, drain.connector.name))["waiting"]:
            return
        time.pass_by(done.wait_seconds)
    pytest.fail("the outbox never became empty")


def decision(lead_id: str, at: datetime, score: int, **changes: Any) -> Written:
    """Return a decision of a lead; its id sorts by time, as the service's do."""
    moment = to_moment(at)
    decision_id = f"{moment:014x}{lead_id.encode().hex()}{score:03d}"
    answer = {
        **{"score": score, "probability": score / 100, "label": "MQL", "grade": "A2"},
        "reasons": [{"text": f"Demo requested: +{score}"}],
        "as_of": at.isoformat(),
    }
    values: dict[str, Any] = {
        **{"decision_id": decision_id, "lead_id": lead_id, "episode": 1, "as_of": moment},
        **{"created_at": moment, "decided_at": moment, "channel": None, "source": None},
        **{"account_id": None, "contact_id": None, "attributes": {}, "activities": ()},
        **{"model_version": "1", "agreement_version": "1", "probability": score / 100},
        **{"score": score, "label": "MQL", "previous_label": None, "handed_over_at": None},
        "content": zlib.compress(to_json({"answer": answer, "lead": {}})),
    }
    return Written(**(values | changes))
