"""What is kept no longer than it has to be."""

from datetime import timedelta
from functools import partial

from features.moment import to_moment
from service.parts import Parts
from service.store.erasure import erase_lead, expired_leads, forget_requests

AT_ONCE = 200
KEYS_LAST = timedelta(days=7)
WHO = "retention"


def forget(parts: Parts) -> int:
    """Erase leads of which nothing was heard for longer than the settings keep them.

    Answers by `Idempotency-Key` go after a week. Returns how many leads were erased.

    Raises
    ------
    StoreError
        When the database does not answer.
    """
    store, now = parts.require_store(), parts.clock()
    store.changing(lambda connection: forget_requests(connection, to_moment(now - KEYS_LAST)))
    days = parts.settings.retention_days
    if days is None:
        return 0
    before, erased = to_moment(now - timedelta(days=days)), 0
    while leads := store.reading(lambda connection: expired_leads(connection, before, AT_ONCE)):
        for lead_id in leads:
            store.changing(partial(erase_lead, lead_id=lead_id, at=to_moment(now), who=WHO))
        erased += len(leads)
    return erased
