"""What the service has kept, for notebooks: `pd.DataFrame(load_decisions())`."""

from typing import Any

from sqlalchemy import select

from features.moment import to_datetime
from service.api.replay import replayed
from service.clock import utc_now
from service.errors import NotFoundError
from service.holder import ModelHolder
from service.parts import Parts
from service.settings import Settings, read_settings
from service.sink import NullSink
from service.store.opened import open_store
from service.store.sql import SqlStore
from service.store.tables import DECISIONS, LEADS

DECIDED = (
    *("decision_id", "lead_id", "episode", "as_of", "decided_at", "model_version"),
    *("agreement_version", "probability", "score", "label"),
)
BECAME = (
    *("channel", "accepted_at", "rejected_at", "opportunity_at"),
    *("outcome", "outcome_at", "value"),
)


def load_decisions(settings: Settings | None = None) -> list[dict[str, Any]]:
    """Return the decisions that were kept, each with what became of the lead since.

    Parameters
    ----------
    settings : Settings, optional
        Default: those of the environment.

    Returns
    -------
    list of dict
        Ids, moments (UTC), versions, `probability`, `score`, `label`, and of the lead's episode
        its `channel`, when sales accepted or rejected it, `outcome` and `value`; by time.

    Raises
    ------
    NotFoundError
        When nothing is stored.
    """
    same = (LEADS.c.lead_id == DECISIONS.c.lead_id) & (LEADS.c.episode == DECISIONS.c.episode)
    columns = [*(DECISIONS.c[name] for name in DECIDED), *(LEADS.c[name] for name in BECAME)]
    order = (DECISIONS.c.decided_at, DECISIONS.c.decision_id)
    query = select(*columns).join(LEADS, same).order_by(*order)
    store = _store(settings or read_settings())
    try:
        rows = store.reading(lambda connection: connection.execute(query).all())
    finally:
        store.close()
    return [{name: _shown(name, value) for name, value in row._asdict().items()} for row in rows]


def replay_decision(decision_id: str, settings: Settings | None = None) -> dict[str, Any]:
    """Return a decision, and whether it comes out again from what was kept of it.

    Raises
    ------
    NotFoundError
        When it was not kept.
    NotReadyError
        When there is no model.
    """
    settings = settings or read_settings()
    store = _store(settings)
    try:
        kept = store.decision(decision_id)
        if kept is None:
            raise NotFoundError(f"decision {decision_id}: was not kept")
        holder = ModelHolder(store)
        holder.load(settings, utc_now().date())
        parts = Parts(settings, holder, NullSink(), utc_now, store)
        return {"answer": kept["answer"], "replay": replayed(parts, kept)}
    finally:
        store.close()


def _store(settings: Settings) -> SqlStore:
    store = open_store(settings)
    if store is None:
        raise NotFoundError("nothing is stored: LEAD_SCORING_DATABASE_URL is none")
    return store


def _shown(name: str, value: Any) -> Any:
    is_moment = name.endswith("_at") or name == "as_of"
    return to_datetime(value) if is_moment and value is not None else value
