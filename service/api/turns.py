"""Items of a batch: those of one lead have their turns, and see what was decided before."""

from collections import Counter
from collections.abc import Sequence

from service.api.asked import known_leads, wanted
from service.api.schemas import ScoreRequest
from service.parts import Parts
from service.sink import Decision
from service.store.after import remember
from service.store.content import written
from service.store.known import KnownLead, Wanted


def turns_of(lead_ids: Sequence[str]) -> list[list[int]]:
    """Return the places of items by turns: the n-th item of each lead is in the n-th turn.

    Examples
    --------
    >>> turns_of(["a", "b", "a"])
    [[0, 1], [2]]
    """
    seen: Counter[str] = Counter()
    turns: list[list[int]] = []
    for place, lead_id in enumerate(lead_ids):
        if seen[lead_id] == len(turns):
            turns.append([])
        turns[seen[lead_id]].append(place)
        seen[lead_id] += 1
    return turns


class Memory:
    """What is known of the leads of a batch, with what the batch has decided itself.

    Parameters
    ----------
    parts : Parts
    leads : sequence of ScoreRequest
        All of them: what is stored is read once.

    Raises
    ------
    StoreError
        See `known_leads`.
    """

    def __init__(self, parts: Parts, leads: Sequence[ScoreRequest]) -> None:
        counts = Counter(lead.lead_id for lead in leads)
        repeated = [ScoreRequest(lead_id=name) for name, count in counts.items() if count > 1]
        self._known: dict[Wanted, KnownLead] = dict(known_leads(parts, [*leads, *repeated]))
        self._keeps = parts.store is not None and parts.sink.keeps
        self._left = counts

    def of(self, lead: ScoreRequest) -> KnownLead | None:
        """Return what is known of a lead, None where nothing is."""
        self._left[lead.lead_id] -= 1
        return self._known.get(wanted(lead))

    def add(self, decision: Decision) -> None:
        """Take up a decision that will be kept, where the lead comes again."""
        again = self._left[decision.record.lead_id] > 0
        if self._keeps and again and decision.space is not None:
            remember(self._known, written(decision))
