"""Notebooks see what the service has kept."""

import pytest
from pydantic import SecretStr

from service.errors import NotFoundError
from service.kept import load_decisions, replay_decision
from service.settings import Settings
from tests.service.conftest import NOW
from tests.service.store.test_decisions import body, serving


def test_decisions_come_with_what_became_of_the_lead(settings: Settings, url: str) -> None:
    won = {"lead_id": "L-1", "outcome": "won", "value": 900.0, "at": "2026-01-01T12:00:00Z"}
    with serving(settings, url) as client:
        answers = {f"L-{i}": client.post("/score", json=body(i)).json() for i in (1, 2)}
        client.post("/outcomes", json=won)
    own = settings.model_copy(update={"database_url": SecretStr(url)})
    kept = {one["lead_id"]: one for one in load_decisions(own)}
    assert sorted(kept) == sorted(answers)
    for lead_id, answer in answers.items():
        for name in ("decision_id", "score", "probability", "label", "model_version"):
            assert kept[lead_id][name] == answer[name]
    assert (kept["L-1"]["outcome"], kept["L-1"]["value"]) == ("won", 900.0)
    assert (kept["L-2"]["outcome"], kept["L-2"]["decided_at"]) == (None, NOW)
    assert replay_decision(answers["L-1"]["decision_id"], own)["replay"]["equal"]
    with pytest.raises(NotFoundError, match="was not kept"):
        replay_decision("nothing", own)
