"""What becomes of a lead: won, lost or never closed, and when."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from features.arrays import FloatArray, IntArray
from training.simulation.change import NOT_YET
from training.simulation.config import HORIZON_DAYS, SECONDS_A_DAY
from training.simulation.entry import Entries

START_DAYS: Final = np.array([4.0, 21.0])
"""Nothing closes before the first contact must have been made, per working."""
STAGE_DAYS: Final = np.array([11.0, 13.0, 16.0, 20.0, 26.0, 13.0])
"""Mean days to the opportunity, and again to its end, per size class."""
LOSS_DAYS: Final = np.array([24.0, 28.0, 34.0, 42.0])
"""Mean days until a lead without opportunity is closed, per interest."""
NEVER_CLOSED: Final = 0.08


@dataclass(frozen=True, slots=True)
class Fates:
    """What will have happened in the end; arrays of shape (n,), seconds or `NOT_YET`."""

    won: IntArray
    outcome_at: IntArray
    opportunity_at: IntArray


@dataclass(frozen=True, slots=True)
class Ends:
    """Shares of the ways to end, given p = P(won in the end), each shaped like p."""

    won: FloatArray
    lost_late: FloatArray
    lost: FloatArray
    never: FloatArray


def ends(won: FloatArray) -> Ends:
    """Return the shares of the ways to end.

    Few opportunities are lost where few leads are won: lost_late = (1 - p)(1 - (1 - p)^2).
    """
    rest = 1.0 - won
    lost_late = rest * (1.0 - rest * rest)
    closed_without = rest - lost_late
    return Ends(
        won=won,
        lost_late=lost_late,
        lost=(1.0 - NEVER_CLOSED) * closed_without,
        never=NEVER_CLOSED * closed_without,
    )


def draw_fates(
    entries: Entries, working: IntArray, won: FloatArray, rng: np.random.Generator
) -> Fates:
    """Draw the fates, given P(won in the end) of each lead with all that is hidden."""
    n = len(won)
    share = ends(won)
    chance = rng.random(n)
    is_won = chance < share.won
    through = chance < share.won + share.lost_late
    closed = through | (chance < share.won + share.lost_late + share.lost)
    stage = STAGE_DAYS[entries.size]
    start = START_DAYS[working]
    opportunity = start + rng.exponential(1.0, n) * stage
    late = opportunity + rng.exponential(1.0, n) * stage
    early = start + rng.exponential(1.0, n) * LOSS_DAYS[entries.interest]
    end = np.where(through, late, early)

    def moment(days: FloatArray) -> IntArray:
        return entries.created + np.ceil(days * SECONDS_A_DAY).astype(np.int64)

    return Fates(
        won=is_won.astype(np.int64),
        outcome_at=np.where(closed, moment(end), NOT_YET),
        opportunity_at=np.where(through, moment(opportunity), NOT_YET),
    )


def two_stages(x: FloatArray) -> FloatArray:
    """Return P(two exponential stages of mean 1 are over by x), the Erlang distribution."""
    return 1.0 - np.exp(-x) * (1.0 + x)


@dataclass(frozen=True, slots=True)
class Standing:
    """What may still happen to a lead that is open at some age.

    `open` is P(what is known of the opportunity, and still open | what is hidden), `won` the
    part of it that is won within the horizon; shapes (n, LEVELS, WORKINGS, TEAMS).
    """

    open: FloatArray
    won: FloatArray


def standing(won: FloatArray, size: IntArray, age_days: float) -> Standing:
    """Return how leads stand at an age when nothing is known of opportunities.

    Parameters
    ----------
    won : array of shape (n, LEVELS, WORKINGS, TEAMS)
        P(won in the end) given what is hidden.
    size : array of shape (n,)
        Size class, which sets the pace.
    age_days : float
        Days since creation.
    """
    share = ends(won)
    stage = STAGE_DAYS[size][:, None, None, None]
    start = START_DAYS[None, None, :, None]
    past = np.maximum(age_days - start, 0.0)
    later = np.maximum(age_days + HORIZON_DAYS - start, 0.0)
    over = two_stages(past / stage)
    lost = share.lost * (1.0 - np.exp(-past / LOSS_DAYS[None, :, None, None]))
    return Standing(
        open=1.0 - (share.won + share.lost_late) * over - lost,
        won=share.won * (two_stages(later / stage) - over),
    )


def standing_seen(
    won: FloatArray, size: IntArray, age_days: float, opportunity_days: FloatArray
) -> Standing:
    """Return how leads stand at an age when it is seen whether there is an opportunity.

    Parameters
    ----------
    won, size, age_days
        As in `standing`.
    opportunity_days : array of shape (n,)
        Age at which the opportunity arose, infinite where there is none so far.
    """
    share = ends(won)
    stage = STAGE_DAYS[size][:, None, None, None]
    start = START_DAYS[None, None, :, None]
    seen = np.isfinite(opportunity_days)[:, None, None, None]
    since = np.where(np.isfinite(opportunity_days), opportunity_days, age_days)
    arose = since[:, None, None, None]
    past = np.maximum(age_days - start, 0.0)
    later = np.maximum(age_days + HORIZON_DAYS - start, 0.0)
    density = np.where(arose >= start, np.exp(-np.maximum(arose - start, 0.0) / stage) / stage, 0.0)
    pending = density * np.exp(-(age_days - arose) / stage)
    none = np.exp(-past / stage)
    through = share.won + share.lost_late
    loss = share.lost * np.exp(-past / LOSS_DAYS[None, :, None, None]) + share.never
    return Standing(
        open=np.where(seen, through * pending, through * none + loss),
        won=share.won
        * np.where(
            seen,
            pending * (1.0 - np.exp(-HORIZON_DAYS / stage)),
            none * two_stages((later - past) / stage),
        ),
    )
