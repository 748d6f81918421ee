"""What leads do: fading Poisson processes whose rates depend on the hidden interest."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np

from features.arrays import BoolArray, FloatArray, IntArray
from training.simulation.catalogue import LEVELS
from training.simulation.config import SECONDS_A_DAY, SNAPSHOT_DAYS
from training.simulation.entry import Entries


class Recording(Enum):
    """When an activity becomes known."""

    AT_ONCE = "at once"
    AT_NIGHT = "the next import at 02:00"
    BY_HAND = "when somebody enters it"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of activity.

    Parameters
    ----------
    name, medium : str
        As the export names them.
    after : tuple of float
        Expected number after creation, per interest, had the lead all the time in the world.
    before : tuple of float
        Expected number in the weeks before creation, known from the creation on.
    recording : Recording
        When it becomes known.
    once : bool
        Whether it happens at most once after creation.
    """

    name: str
    medium: str
    after: tuple[float, float, float, float]
    before: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    recording: Recording = Recording.AT_ONCE
    once: bool = False


KINDS: Final = (
    Kind("page_view", "web", (0.8, 1.7, 3.0, 4.6), (0.9, 1.3, 1.8, 2.4)),
    Kind("pricing_page", "web", (0.03, 0.15, 0.50, 1.1), (0.04, 0.13, 0.32, 0.60)),
    Kind("email_open", "email", (0.7, 1.2, 1.8, 2.3)),
    Kind("email_click", "email", (0.06, 0.2, 0.5, 0.9)),
    Kind("download", "web", (0.05, 0.15, 0.32, 0.45), (0.05, 0.12, 0.20, 0.28)),
    Kind(
        "webinar_attended",
        "event",
        (0.02, 0.07, 0.18, 0.28),
        recording=Recording.AT_NIGHT,
    ),
    Kind("booth_visit", "event", (0.01, 0.02, 0.05, 0.08), recording=Recording.AT_NIGHT),
    Kind("chat", "web", (0.02, 0.07, 0.18, 0.32), (0.01, 0.04, 0.10, 0.16)),
    Kind("reply", "email", (0.02, 0.09, 0.32, 0.70), recording=Recording.BY_HAND),
    Kind("demo_request", "web", (0.005, 0.04, 0.18, 0.50)),
    Kind("trial_start", "web", (0.005, 0.03, 0.14, 0.40), once=True),
    Kind("unsubscribe", "email", (0.16, 0.08, 0.03, 0.01), once=True),
)
FORM_SUBMIT: Final = "form_submit"
"""Marks the entry through a form; it follows from the source and tells nothing more."""
FADE_DAYS: Final = np.array([10.0, 14.0, 20.0, 28.0])
"""Time in which activity after creation falls to 1/e, per interest."""
BEFORE_FADE_DAYS: Final = 6.0
BEFORE_LIMIT_DAYS: Final = 28.0
NIGHT_SECOND: Final = 2 * 3600
BY_HAND_DAYS: Final = 0.5
"""Mean delay of what is entered by hand."""
ENGAGEMENT: Final = np.array([1.0, 0.8, 1.1, 0.9, 0.9, 1.1, 0.9, 0.7, 0.5, 1.2, 1.1])
"""Factor on all rates after creation, per channel."""
TRACKED: Final = np.array([0.8, 0.6, 1.0, 0.8, 0.6, 1.3, 1.0, 0.3, 0.0, 1.2, 1.2])
"""Factor on all rates before creation, per channel: nobody visits from a purchased list."""
AFTER: Final = np.array([kind.after for kind in KINDS])
BEFORE: Final = np.array([kind.before for kind in KINDS])
AT_NIGHT: Final = np.array([kind.recording is Recording.AT_NIGHT for kind in KINDS])
BY_HAND: Final = np.array([kind.recording is Recording.BY_HAND for kind in KINDS])
ONCE: Final = np.array([kind.once for kind in KINDS])


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Activities of leads, were they to stay open; arrays of shape (n_activities,).

    `row` is the row of the entries, `kind` a position in `KINDS`; times are seconds.
    """

    row: IntArray
    kind: IntArray
    occurred: IntArray
    recorded: IntArray
    before: BoolArray

    def keep(self, mask: BoolArray) -> "Behaviour":
        """Return the activities of a mask."""
        return Behaviour(
            row=self.row[mask],
            kind=self.kind[mask],
            occurred=self.occurred[mask],
            recorded=self.recorded[mask],
            before=self.before[mask],
        )


def draw_behaviour(entries: Entries, rng: np.random.Generator) -> Behaviour:
    """Draw all activities of the leads themselves."""
    n, created = len(entries.lead), entries.created
    after = AFTER[:, entries.interest] * ENGAGEMENT[entries.channel]
    before = BEFORE[:, entries.interest] * TRACKED[entries.channel]
    row_after, kind_after = spread(rng.poisson(after), n)
    row_before, kind_before = spread(rng.poisson(before), n)
    days = rng.exponential(1.0, len(row_after)) * FADE_DAYS[entries.interest[row_after]]
    reach = 1.0 - np.exp(-BEFORE_LIMIT_DAYS / BEFORE_FADE_DAYS)
    ago = -BEFORE_FADE_DAYS * np.log1p(-rng.random(len(row_before)) * reach)
    occurred_after = created[row_after] + np.ceil(days * SECONDS_A_DAY).astype(np.int64)
    occurred_before = created[row_before] - np.ceil(ago * SECONDS_A_DAY).astype(np.int64)
    behaviour = Behaviour(
        row=np.concatenate([row_after, row_before]),
        kind=np.concatenate([kind_after, kind_before]),
        occurred=np.concatenate([occurred_after, occurred_before]),
        recorded=np.concatenate(
            [recorded_at(kind_after, occurred_after, rng), created[row_before]]
        ),
        before=np.arange(len(row_after) + len(row_before)) >= len(row_after),
    )
    return behaviour.keep(is_allowed(behaviour, n))


def spread(count: IntArray, n: int) -> tuple[IntArray, IntArray]:
    """Return row and kind of every activity from counts of shape (n_kinds, n)."""
    place = np.repeat(np.arange(count.size), count.ravel())
    return place % n, place // n


def recorded_at(kind: IntArray, occurred: IntArray, rng: np.random.Generator) -> IntArray:
    """Return the seconds at which activities after creation become known."""
    night = (occurred - NIGHT_SECOND) // SECONDS_A_DAY + 1
    delay = np.zeros(len(kind), np.int64)
    by_hand = BY_HAND[kind]
    delay[by_hand] = rng.exponential(BY_HAND_DAYS * SECONDS_A_DAY, by_hand.sum()).astype(np.int64)
    at_night = night * SECONDS_A_DAY + NIGHT_SECOND
    return np.where(AT_NIGHT[kind], at_night, occurred + delay)


def is_allowed(behaviour: Behaviour, n: int) -> BoolArray:
    """Say which activities stay when some kinds happen at most once."""
    single = np.flatnonzero(ONCE[behaviour.kind] & ~behaviour.before)
    key = behaviour.kind[single] * n + behaviour.row[single]
    order = np.lexsort((behaviour.occurred[single], key))
    again = np.zeros(len(single), np.bool_)
    again[order[1:]] = key[order[1:]] == key[order[:-1]]
    allowed = np.ones(len(behaviour.row), np.bool_)
    allowed[single[again]] = False
    return allowed


def event_terms(entries: Entries, behaviour: Behaviour) -> FloatArray:
    """Return the summed log rates of the activities seen at each snapshot.

    Returns
    -------
    array of shape (n_snapshots, n, LEVELS)
    """
    n, levels = len(entries.lead), LEVELS
    snapshots = np.array(SNAPSHOT_DAYS) * SECONDS_A_DAY
    known = np.maximum(behaviour.occurred, behaviour.recorded) - entries.created[behaviour.row]
    first = np.searchsorted(snapshots, known, side="left")
    seen = behaviour.keep(first < len(snapshots))
    first = first[first < len(snapshots)]
    age = (seen.occurred - entries.created[seen.row]) / SECONDS_A_DAY
    place = first * n + seen.row
    terms = np.empty((len(snapshots), n, levels))
    with np.errstate(divide="ignore"):
        log_before, log_after = np.log(BEFORE), np.log(AFTER / FADE_DAYS)
    for level in range(levels):
        before, after = log_before[seen.kind, level], log_after[seen.kind, level]
        log_rate = np.where(seen.before, before, after - age / FADE_DAYS[level])
        summed = np.bincount(place, weights=log_rate, minlength=len(snapshots) * n)
        terms[:, :, level] = summed.reshape(len(snapshots), n)
    return np.cumsum(terms, axis=0)


def expected_terms(entries: Entries, behaviour: Behaviour, snapshot: int) -> FloatArray:
    """Return how many activities were to be seen up to a snapshot, shape (n, LEVELS).

    What has not been recorded yet is not seen, so it does not count as absent: the rate of
    an import at night is integrated up to the last import, that of entries by hand over
    their exponential delay. A kind that happens once is awaited until it happens.
    """
    e, fade = entries, FADE_DAYS
    day = SNAPSHOT_DAYS[snapshot]
    as_of = e.created + day * SECONDS_A_DAY
    night = (as_of - NIGHT_SECOND) // SECONDS_A_DAY * SECONDS_A_DAY + NIGHT_SECOND
    slept = np.maximum(night - e.created, 0) / SECONDS_A_DAY
    rate = AFTER / fade
    plain = rate[~AT_NIGHT & ~BY_HAND & ~ONCE].sum(axis=0) * faded(np.array([float(day)]))
    by_hand = rate[BY_HAND].sum(axis=0) * faded_and_entered(float(day))
    total = plain + by_hand + rate[AT_NIGHT].sum(axis=0) * faded(slept)
    for kind in np.flatnonzero(ONCE):
        until = np.full(len(e.lead), float(day))
        own = (behaviour.kind == kind) & ~behaviour.before
        happened = behaviour.row[own]
        age = (behaviour.occurred[own] - e.created[happened]) / SECONDS_A_DAY
        until[happened] = np.minimum(until[happened], age)
        total = total + rate[kind] * faded(until)
    before = TRACKED[e.channel][:, None] * BEFORE.sum(axis=0)
    result: FloatArray = ENGAGEMENT[e.channel][:, None] * total + before
    return result


def faded(days: FloatArray) -> FloatArray:
    """Return the integral of exp(-t / fade) from 0 to `days`, shape (len(days), LEVELS)."""
    result: FloatArray = FADE_DAYS * -np.expm1(-days[:, None] / FADE_DAYS)
    return result


def faded_and_entered(days: float) -> FloatArray:
    """Return the integral of exp(-t / fade) times P(entered by then), shape (LEVELS,)."""
    fade, delay = FADE_DAYS, BY_HAND_DAYS
    waiting = fade * delay / (fade - delay) * (np.exp(-days / fade) - np.exp(-days / delay))
    result: FloatArray = fade * -np.expm1(-days / fade) - waiting
    return result
