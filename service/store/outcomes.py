"""How episodes came out, and what was corrected of it."""

from typing import Any, NamedTuple

from sqlalchemy import Connection, select, update

from service.errors import NotFoundError
from service.store.audit import log_change
from service.store.episode import at_place, change_episode, end_hand_over, episode_of, put_row
from service.store.tables import OUTCOMES

CORRECTED = "outcome corrected"
CLOSED, OPENED = "closed", "opened"
STAGES = {"opportunity": OPENED, "won": CLOSED, "lost": CLOSED}


class Outcome(NamedTuple):
    """What became of an episode; `corrects` where another outcome stood there by mistake."""

    lead_id: str
    episode: int | None
    outcome: str
    at: int
    value: float | None
    corrects: bool
    recorded_at: int
    who: str | None


def add_outcome(connection: Connection, new: Outcome) -> dict[str, Any]:
    """Keep an outcome; one that was there by mistake is replaced, and that is written down.

    Raises
    ------
    NotFoundError
        When the lead is not stored, or there is nothing to be corrected.
    ConflictError
        When the episode came out otherwise.
    """
    lead = episode_of(connection, new.lead_id, new.episode)
    stage = STAGES[new.outcome]
    place = {"lead_id": new.lead_id, "episode": lead.episode, "stage": stage}
    values = {"outcome": new.outcome, "at": new.at, "value": new.value}
    if new.corrects:
        before = connection.execute(select(OUTCOMES).where(at_place(OUTCOMES, place))).one_or_none()
        if before is None:
            raise NotFoundError("outcome: there is none to be corrected")
        changed = update(OUTCOMES).where(at_place(OUTCOMES, place))
        connection.execute(changed.values(**values, recorded_at=new.recorded_at))
        was = {name: getattr(before, name) for name in values}
        corrected = (CORRECTED, new.lead_id)
        log_change(connection, new.recorded_at, new.who, corrected, {"was": was, "is": values})
        is_new = True
    else:
        is_new = put_row(connection, OUTCOMES, place, values, new.recorded_at)
    end_hand_over(connection, lead)
    if stage == OPENED:
        change_episode(connection, lead, {"opportunity_at": new.at})
    else:
        came_out = {"outcome": new.outcome, "outcome_at": new.at, "value": new.value}
        change_episode(connection, lead, came_out)
    return {"lead_id": new.lead_id, "episode": lead.episode, **values, "new": is_new}
