"""What is asked of one lead: what was sent, and what is known of it besides."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from features.moment import NEVER
from features.records import LeadRecord
from models.agreement.agreement import Agreement
from service.api.read import moment_of, record_of
from service.api.schemas import ScoreRequest
from service.earlier import Earlier
from service.errors import NotStorableError, StoreError
from service.parts import Parts
from service.store.again import asks_again, next_episode
from service.store.known import KnownLead, Placed, Wanted
from service.store.merge import merged, not_stored


class Asked(NamedTuple):
    """One lead to be answered for.

    Parameters
    ----------
    lead : ScoreRequest
        As it was sent.
    sent, record : LeadRecord
        The same as a record, alone and together with what is stored.
    earlier : Earlier
        What was decided before; what the store knows wins over what the request says.
    new : sequence or None
        Activities that are not stored, as they are kept; None: all.
    stored : KnownLead or None
        The episode as it is stored; None for one that is not yet.
    """

    lead: ScoreRequest
    sent: LeadRecord
    record: LeadRecord
    earlier: Earlier
    new: Sequence[Placed] | None
    stored: KnownLead | None = None


def asked_of(
    lead: ScoreRequest, sent: LeadRecord, known: KnownLead | None, agreement: Agreement
) -> Asked:
    """Return what is asked of a lead.

    Parameters
    ----------
    agreement : Agreement
        Its inquiries and explicit intents open a new episode of a lost lead, unless the request
        says which episode it means.
    """
    if known is None:
        return Asked(lead, sent, sent, earlier_of(lead), None)
    new = not_stored(sent.activities, known.activities)
    told = lead.model_fields_set
    if known.outcome == "lost" and "episode" not in told:
        at = asks_again(sent, known, new, agreement.asking, came_in="created_at" in told)
        if at is not None:
            return _asked_anew(lead, sent, known, new, at)
    earlier = Earlier(known.label, known.handed_over_at)
    return Asked(lead, sent, merged(sent, known, new), earlier, new, known)


def _asked_anew(
    lead: ScoreRequest, sent: LeadRecord, known: KnownLead, new: Sequence[Placed], at: int
) -> Asked:
    record = merged(sent, next_episode(known, sent, at), new)
    # the new episode starts with all that is known, as if it had been sent
    whole = record._replace(activities=sent.activities)
    over = NEVER if known.outcome_at is None else known.outcome_at
    return Asked(lead, whole, record, Earlier(None, over), new)


def asked_again(
    known: KnownLead, now: datetime, agreement: Agreement, *, newest: bool = False
) -> Asked:
    """Return the question what a stored lead is now.

    Parameters
    ----------
    newest : bool
        Whether its newest episode is meant, which it may open by what it did.
    """
    named = {} if newest else {"episode": known.episode}
    lead = ScoreRequest.model_validate({"lead_id": known.lead_id, **named})
    return asked_of(lead, record_of(lead, now), known, agreement)


def earlier_of(lead: ScoreRequest) -> Earlier:
    """Return what the caller says was decided of a lead before."""
    if lead.handed_over_at is None:
        return Earlier(lead.previous_label)
    return Earlier(lead.previous_label, moment_of(lead.handed_over_at))


def wanted(lead: ScoreRequest) -> Wanted:
    """Return which episode of a lead is meant: the newest, unless the request says which."""
    return lead.lead_id, lead.episode if "episode" in lead.model_fields_set else None


def known_leads(parts: Parts, leads: Sequence[ScoreRequest]) -> Mapping[Wanted, KnownLead]:
    """Return what is stored of the leads of a request.

    Raises
    ------
    StoreError
        When the store does not answer, and the settings do not let leads be answered all the
        same; or when it cannot be asked for one of them.
    """
    store = parts.store
    if store is None or not leads:
        return {}
    try:
        return store.known([wanted(lead) for lead in leads])
    except NotStorableError:
        raise
    except StoreError:
        if parts.settings.unrecorded == "refuse":
            raise
        return {}
