"""The best that anyone could know: P(won within the horizon | what the export shows)."""

from dataclasses import dataclass

import numpy as np

from features.arrays import FloatArray, IntArray
from training.simulation.behaviour import Behaviour, event_terms, expected_terms
from training.simulation.chance import chance_of_each
from training.simulation.change import Changes, change_weights
from training.simulation.config import END, SECONDS_A_DAY, SNAPSHOT_DAYS
from training.simulation.entry import Entries, entry_weights
from training.simulation.fate import Fates, Standing, standing, standing_seen
from training.simulation.work import Work, work_weights, working_shares


@dataclass(frozen=True, slots=True)
class Oracle:
    """One row per lead and snapshot at which it is open; arrays of shape (n_rows,).

    Parameters
    ----------
    row : array
        Row of the entries.
    snapshot_day : array
        Days since creation.
    probability : array
        P(won within the horizon | attributes, history, activities of the lead, still open).
        How the lead is worked is averaged over, as it is worked in this company.
    probability_with_work : array
        The same, knowing also the calls made and whether there is an opportunity so far.
    """

    row: IntArray
    snapshot_day: IntArray
    probability: FloatArray
    probability_with_work: FloatArray


def make_oracle(
    entries: Entries, changes: Changes, behaviour: Behaviour, work: Work, fates: Fates
) -> Oracle:
    """Return the exact probabilities, by Bayes over all that is hidden.

    Everything that is hidden (interest, working, team) takes a few values, and given these
    the form, the activities, the changes, the calls and the fate are independent.
    """
    won = chance_of_each(entries)
    entry = entry_weights(entries)
    seen = event_terms(entries, behaviour)
    rows, days, plain, worked = [], [], [], []
    for snapshot, day in enumerate(SNAPSHOT_DAYS):
        as_of = entries.created + day * SECONDS_A_DAY
        here = np.flatnonzero((fates.outcome_at > as_of) & (as_of <= END))
        log = seen[snapshot] - expected_terms(entries, behaviour, snapshot)
        weight = np.exp(log - log.max(axis=1, keepdims=True))[:, :, None] * entry
        weight = weight * change_weights(entries, changes, as_of)
        open_ = weight[here][:, :, None, :] * working_shares()[None, None, :, None]
        calls = work_weights(work, entries.created, as_of)[here][:, None, :, None]
        at = fates.opportunity_at[here]
        known = (at - entries.created[here]) / SECONDS_A_DAY
        arose = np.where(at <= as_of[here], known, np.inf)
        size = entries.size[here]
        rows.append(here)
        days.append(np.full(len(here), day))
        plain.append(share_won(open_, standing(won[here], size, day)))
        worked.append(share_won(open_ * calls, standing_seen(won[here], size, day, arose)))
    return Oracle(
        row=np.concatenate(rows),
        snapshot_day=np.concatenate(days).astype(np.int64),
        probability=np.concatenate(plain),
        probability_with_work=np.concatenate(worked),
    )


def share_won(weight: FloatArray, stands: Standing) -> FloatArray:
    """Return the probability of being won, averaged over all that is hidden, shape (n,)."""
    won = (weight * stands.won).sum(axis=(1, 2, 3))
    result: FloatArray = won / (weight * stands.open).sum(axis=(1, 2, 3))
    return result
