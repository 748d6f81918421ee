"""How sales works a lead: the first contact, further calls, and neglect."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from features.arrays import FloatArray, IntArray
from training.simulation.catalogue import WORKINGS
from training.simulation.change import NOT_YET
from training.simulation.config import SECONDS_A_DAY

NEGLECT_SHARE: Final = 0.20
"""A neglected lead gets one call, late. It happens to every kind of lead alike."""
PROMPT_MEAN_DAYS: Final = 0.8
PROMPT_LIMIT_DAYS: Final = 4.0
LATE_DAYS: Final = (2.0, 21.0)
CALLS: Final = 2.5
"""Expected further calls of a lead that is worked well."""
CALL_FADE_DAYS: Final = 15.0
MOST_CALLS: Final = 12


@dataclass(frozen=True, slots=True)
class Work:
    """How each lead is worked, were it to stay open.

    `working` has shape (n,): 0 well, 1 neglected. `calls` has shape (n, MOST_CALLS): seconds,
    ascending, `NOT_YET` behind the last one.
    """

    working: IntArray
    calls: IntArray


def draw_work(created: IntArray, rng: np.random.Generator) -> Work:
    """Draw how leads are worked, which depends on nothing else."""
    n = len(created)
    working = (rng.random(n) < NEGLECT_SHARE).astype(np.int64)
    chance = rng.random(n)
    reach = 1.0 - np.exp(-PROMPT_LIMIT_DAYS / PROMPT_MEAN_DAYS)
    prompt = -PROMPT_MEAN_DAYS * np.log1p(-chance * reach)
    late = LATE_DAYS[0] + chance * (LATE_DAYS[1] - LATE_DAYS[0])
    first = np.where(working == 1, late, prompt)
    further = np.where(working == 1, 0, np.minimum(rng.poisson(CALLS, n), MOST_CALLS - 1))
    gaps = rng.exponential(CALL_FADE_DAYS, (n, MOST_CALLS - 1))
    gaps[np.arange(MOST_CALLS - 1)[None, :] >= further[:, None]] = np.inf
    days = np.concatenate([first[:, None], first[:, None] + np.sort(gaps, axis=1)], axis=1)
    real = np.isfinite(days)
    seconds = np.ceil(np.where(real, days, 0.0) * SECONDS_A_DAY).astype(np.int64)
    return Work(working, np.where(real, created[:, None] + seconds, NOT_YET))


def working_shares() -> FloatArray:
    """Return P(working), shape (WORKINGS,)."""
    shares = np.zeros(WORKINGS)
    shares[:] = 1.0 - NEGLECT_SHARE, NEGLECT_SHARE
    return shares


def work_weights(work: Work, created: IntArray, as_of: IntArray) -> FloatArray:
    """Return P(the calls up to `as_of` | working), shape (n, WORKINGS), up to a factor a lead."""
    made = (work.calls <= as_of[:, None]).sum(axis=1)
    age = (as_of - created) / SECONDS_A_DAY
    first = (np.where(made > 0, work.calls[:, 0], as_of) - created) / SECONDS_A_DAY
    tail = np.exp(-PROMPT_LIMIT_DAYS / PROMPT_MEAN_DAYS)
    start, stop = LATE_DAYS
    # Nobody was called so far: the share of first contacts that are still to come.
    none_well = (np.exp(-np.minimum(age, PROMPT_LIMIT_DAYS) / PROMPT_MEAN_DAYS) - tail) / (1 - tail)
    none_late = np.clip((stop - age) / (stop - start), 0.0, 1.0)
    # Somebody was: density of the first contact, then a fading Poisson process of calls.
    well = np.exp(-first / PROMPT_MEAN_DAYS) / (PROMPT_MEAN_DAYS * (1 - tail))
    well = well * (first <= PROMPT_LIMIT_DAYS + 1 / SECONDS_A_DAY)
    faded = 1.0 - np.exp(-(age - first) / CALL_FADE_DAYS)
    well = well * further_calls_weight(made, faded)
    late = ((first >= start) & (made == 1)) / (stop - start)
    weight = np.stack(
        [np.where(made > 0, well, none_well), np.where(made > 0, late, none_late)], axis=1
    )
    result: FloatArray = weight
    return result


def further_calls_weight(made: IntArray, faded: FloatArray) -> FloatArray:
    """Return P(the calls after the first), relative to the density of their times.

    Only whether there are any matters: with some, a lead is certainly not neglected.
    """
    return np.where(made > 1, 1.0, np.exp(-CALLS * faded))
