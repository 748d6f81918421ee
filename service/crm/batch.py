"""What the writers do alike with many leads at once."""

import re
from collections.abc import Callable, Mapping, Sequence

from service.crm.writer import Push, Refusal
from service.errors import CrmRefusedError

Update = Callable[[Sequence[Push]], Mapping[str, Refusal]]


def with_own_ids(
    batch: Sequence[Push], pattern: re.Pattern[str], crm: str, update: Update
) -> dict[str, Refusal]:
    """Return the leads not taken: `update` is asked for those whose id the CRM could have given.

    Parameters
    ----------
    batch : sequence of Push
    pattern : pattern
        Matches a whole id.
    crm : str
        As the refusal names it.
    update : callable
        Not called where no lead is left.

    Examples
    --------
    >>> batch = [Push("a", "12", "d", {}), Push("b", "none", "d", {})]
    >>> with_own_ids(batch, re.compile("[0-9]+"), "HubSpot", lambda own: {})
    {'b': Refusal(reason='its id is none of HubSpot', final=True)}
    """
    own = [one for one in batch if pattern.fullmatch(one.record_id)]
    refused = {
        one.lead_id: Refusal(f"its id is none of {crm}", final=True)
        for one in batch
        if one not in own
    }
    return refused | dict(update(own)) if own else refused


def one_by_one(batch: Sequence[Push], error: CrmRefusedError, update: Update) -> dict[str, Refusal]:
    """Return the leads not taken, each tried alone, after a CRM refused the whole for one.

    Parameters
    ----------
    batch : sequence of Push
        What was refused; one lead alone is to blame itself.
    error : CrmRefusedError
        What the CRM said.
    update : callable

    Examples
    --------
    >>> one = Push("a", "12", "d", {})
    >>> one_by_one([one], CrmRefusedError("HubSpot: NO"), lambda batch: {})
    {'a': Refusal(reason='HubSpot: NO', final=True)}
    """
    if len(batch) == 1:
        return {batch[0].lead_id: Refusal(str(error), final=True)}
    refused: dict[str, Refusal] = {}
    for one in batch:
        refused |= update([one])
    return refused
