"""Verdicts of sales."""

from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from service.errors import NotFoundError
from service.store.episode import at_place, change_episode, end_hand_over, episode_of, put_row
from service.store.tables import DECISIONS, FEEDBACK


class Feedback(NamedTuple):
    """A verdict of sales; moments in UTC microseconds."""

    lead_id: str
    episode: int | None
    decision_id: str | None
    accepted: bool
    code: str | None
    text: str | None
    at: int
    recorded_at: int


def add_feedback(connection: Connection, new: Feedback) -> dict[str, Any]:
    """Keep a verdict; the lead is no longer handed over, since sales have answered.

    Raises
    ------
    NotFoundError
        When the lead, or the decision of it, is not stored.
    ConflictError
        When another verdict of the same moment is.
    """
    lead = episode_of(connection, new.lead_id, new.episode)
    decision_id, label = lead.decision_id, lead.label
    if new.decision_id is not None:
        own = (DECISIONS.c.decision_id == new.decision_id) & (DECISIONS.c.lead_id == new.lead_id)
        found = connection.execute(select(DECISIONS.c.label).where(own)).one_or_none()
        if found is None:
            raise NotFoundError("decision_id: no such decision of this lead was kept")
        decision_id, label = new.decision_id, found.label
    values = {"decision_id": decision_id, "label": label, "accepted": new.accepted}
    values |= {"code": new.code, "text": new.text}
    place = {"lead_id": new.lead_id, "episode": lead.episode, "at": new.at}
    is_new = put_row(connection, FEEDBACK, place, values, new.recorded_at)
    end_hand_over(connection, lead)
    told = at_place(FEEDBACK, {"lead_id": new.lead_id, "episode": lead.episode})
    newest = select(FEEDBACK.c.accepted, FEEDBACK.c.at).where(told).order_by(FEEDBACK.c.at.desc())
    accepted, at = connection.execute(newest.limit(1)).one()
    reached = {"accepted_at": at if accepted else None, "rejected_at": None if accepted else at}
    change_episode(connection, lead, reached)
    return {**place, "decision_id": decision_id, "label": label, "new": is_new}
