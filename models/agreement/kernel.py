"""The compiled part of qualification: fit, intent, windows and rules, lead by lead."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.arrays import CodeArray, FloatArray, IntArray, MomentArray
from features.compiled import compiled
from features.moment import DAY, NEVER

# columns of `tests`: subject, place in its row, subject and place of the country (-1: none),
# state at home and abroad
TEST_COLUMNS = 6
# columns of `watch_places`: kind of activity (-1: a value), test (-1: an activity), role, count
INQUIRY, EXPLICIT, SIGNAL, DISQUALIFIER = 0, 1, 2, 3
# columns of `watch_numbers`: window, half-life (both in days), points, most points
# columns of `plan_places`
CRITERIA, WATCHES, CONDITIONS, WORST_FIT, ASKS = 0, 2, 4, 6, 7
PLAN_PLACES = 8
ASKS_FIT, ASKS_INQUIRY, ASKS_EXPLICIT, GRADES_INTENT = 1, 2, 4, 8
# columns of `plan_numbers`: three bands each, then single numbers
FIT_BANDS, INTENT_BANDS, KNOWN_SHARE, MOST_POINTS, LINES, LOWERED = 0, 3, 6, 7, 8, 10
SHARES, RECYCLING = 12, 14
PLAN_NUMBERS = 16
# columns of `places` of the outcome
LABEL, PLAN, FIT, INTENT, REASON, FLAGS = 0, 1, 2, 3, 4, 5
OUT_PLACES = 6
# columns of `numbers` of the outcome
FIT_SHARE, FIT_KNOWN, POINTS = 0, 1, 2
OUT_NUMBERS = 3
# bits of FLAGS
FITS, FIT_UNKNOWN, INQUIRED, INTENDS, OVER_MQL, OVER_SQL = 1, 2, 4, 8, 16, 32
HELD, RECYCLED, ANEW, NO_PROBABILITY, STAYS_MQL, STAYS_SQL = 64, 128, 256, 512, 1024, 2048
DISQUALIFIED, NURTURE, MQL, SQL = 0, 1, 2, 3
UNKNOWN_GRADE, NO_GRADE = 4, 5
FIRST_HOME = 2
ALMOST = 1e-12
"""Sums of weights that should be equal may differ in their last bits."""


class Values(NamedTuple):
    """The states of all conditions, each distinct value's once, and who has which value."""

    flat: NDArray[np.int8]
    base: IntArray
    width: IntArray
    codes: CodeArray
    tests: IntArray
    n_leads: int


class Deeds(NamedTuple):
    """When leads came in, and what they did."""

    as_of: MomentArray
    created_at: MomentArray
    start: IntArray
    stop: IntArray
    kind: CodeArray
    occurred_at: MomentArray
    recorded_at: MomentArray
    position: IntArray


@compiled
def apply_rules(
    flat: NDArray[np.int8],
    base: IntArray,
    width: IntArray,
    codes: CodeArray,
    tests: IntArray,
    watch_places: IntArray,
    watch_numbers: FloatArray,
    criteria: IntArray,
    weights: FloatArray,
    conditions: IntArray,
    plan_places: IntArray,
    plan_numbers: FloatArray,
    n_disqualifiers: int,
    probability: FloatArray,
    rank: FloatArray,
    previous: IntArray,
    handed_over_at: MomentArray,
    now: int,
    as_of: MomentArray,
    created_at: MomentArray,
    start: IntArray,
    stop: IntArray,
    kind: CodeArray,
    occurred_at: MomentArray,
    recorded_at: MomentArray,
    position: IntArray,
    places: IntArray,
    numbers: FloatArray,
    met: NDArray[np.int8],
) -> None:
    """Fill what the agreement says of each lead.

    The arrays of the agreement are those of `Rules`, the last three those of `Qualified`.
    """
    values = Values(flat, base, width, codes, tests, len(as_of))
    deeds = Deeds(as_of, created_at, start, stop, kind, occurred_at, recorded_at, position)
    for lead in range(len(as_of)):
        plan = plan_of(lead, conditions, plan_places, values)
        own, bounds = plan_places[plan], plan_numbers[plan]
        before, since, flags = previous[lead], NEVER, 0
        if before >= MQL and handed_over_at[lead] != NEVER:
            days = bounds[RECYCLING + before - MQL]
            flags = hand_over(handed_over_at[lead], created_at[lead], now, days)
            if flags == RECYCLED:
                since = handed_over_at[lead]
            if flags != HELD:
                before = -1
        fit, fit_flags = fit_of(lead, criteria, weights, own, bounds, values, numbers)
        reason, _, _ = watched(
            lead, 0, n_disqualifiers, since, watch_places, watch_numbers, values, deeds, met
        )
        first, last = own[WATCHES], own[WATCHES + 1]
        _, points, signs = watched(
            lead, first, last, since, watch_places, watch_numbers, values, deeds, met
        )
        points = min(points, bounds[MOST_POINTS])
        intent = band(points, bounds[INTENT_BANDS : INTENT_BANDS + 3])
        flags |= fit_flags | signs | lines_passed(probability[lead], rank[lead], before, bounds)
        label = label_of(flags, own[ASKS], before)
        places[lead, LABEL] = label if reason < 0 else DISQUALIFIED
        places[lead, PLAN] = plan
        places[lead, FIT] = fit
        places[lead, INTENT] = intent if own[ASKS] & GRADES_INTENT else NO_GRADE
        places[lead, REASON] = reason
        places[lead, FLAGS] = flags
        numbers[lead, POINTS] = points


@compiled
def state(test: int, lead: int, values: Values) -> int:
    """Return a lead's state of one test: 1 met, 0 not met, -1 unknown."""
    tests, n = values.tests, values.n_leads
    subject = tests[test, 0]
    row = values.base[subject] + values.codes[subject * n + lead] * values.width[subject]
    found = np.int64(values.flat[row + tests[test, 1]])
    if found < FIRST_HOME:
        return int(found)
    country = np.int64(-1)
    subject = tests[test, 2]
    if subject >= 0:
        row = values.base[subject] + values.codes[subject * n + lead] * values.width[subject]
        country = np.int64(values.flat[row + tests[test, 3]])
    at_home = country < 0 or country == found
    return int(tests[test, 4] if at_home else tests[test, 5])


@compiled
def plan_of(lead: int, conditions: IntArray, plans: IntArray, values: Values) -> int:
    """Return the first segment whose conditions are all met, 0 where there is none."""
    for plan in range(1, len(plans)):
        inside = True
        for i in range(plans[plan, CONDITIONS], plans[plan, CONDITIONS + 1]):
            inside = inside and state(conditions[i], lead, values) == 1
        if inside:
            return plan
    return 0


@compiled
def fit_of(
    lead: int,
    criteria: IntArray,
    weights: FloatArray,
    own: IntArray,
    bounds: FloatArray,
    values: Values,
    numbers: FloatArray,
) -> tuple[int, int]:
    """Return the fit grade and what it means to the label; write down the shares."""
    total, known, reached = 0.0, 0.0, 0.0
    for i in range(own[CRITERIA], own[CRITERIA + 1]):
        found = state(criteria[i], lead, values)
        total += weights[i]
        if found >= 0:
            known += weights[i]
        if found == 1:
            reached += weights[i]
    numbers[lead, FIT_SHARE] = reached / known if known > 0.0 else np.nan
    numbers[lead, FIT_KNOWN] = known / total if total > 0.0 else np.nan
    if not own[ASKS] & ASKS_FIT:
        return NO_GRADE, FITS
    if known == 0.0 or known / total + ALMOST < bounds[KNOWN_SHARE]:
        return UNKNOWN_GRADE, FIT_UNKNOWN
    fit = band(reached / known, bounds[FIT_BANDS : FIT_BANDS + 3])
    return fit, FITS if fit <= own[WORST_FIT] else 0


@compiled
def band(value: float, bands: FloatArray) -> int:
    """Return the position of the first of the falling bands that a value reaches."""
    for i in range(len(bands)):
        if value + ALMOST >= bands[i]:
            return i
    return len(bands)


@compiled
def watched(
    lead: int,
    first: int,
    last: int,
    since: int,
    watch_places: IntArray,
    watch_numbers: FloatArray,
    values: Values,
    deeds: Deeds,
    met: NDArray[np.int8],
) -> tuple[int, float, int]:
    """Return the first disqualifier, the points and the flags of some watches."""
    reason, points, flags = -1, 0.0, 0
    for w in range(first, last):
        role = watch_places[w, 2]
        after = since if role <= EXPLICIT else NEVER
        window, half_life = watch_numbers[w, 0], watch_numbers[w, 1]
        if watch_places[w, 0] < 0:
            count, decayed = 0, 0.0
            if state(watch_places[w, 1], lead, values) == 1:
                at, now = deeds.created_at[lead], deeds.as_of[lead]
                count, decayed = one_deed(at, now, after, window, half_life)
        else:
            count, decayed = deeds_of(lead, watch_places[w, 0], after, window, half_life, deeds)
        if count < watch_places[w, 3]:
            continue
        met[lead, w] = 1
        if role == DISQUALIFIER:
            reason = w if reason < 0 else reason
        elif role == SIGNAL:
            points += min(decayed * watch_numbers[w, 2], watch_numbers[w, 3])
        else:
            flags |= INQUIRED | (INTENDS if role == EXPLICIT else 0)
    return reason, points, flags


@compiled
def deeds_of(
    lead: int, kind: int, after: int, window: float, half_life: float, deeds: Deeds
) -> tuple[int, float]:
    """Return how many activities of a kind count, and what is left of one point for each."""
    count, decayed = 0, 0.0
    as_of = deeds.as_of[lead]
    for i in range(deeds.start[lead], deeds.stop[lead]):
        if deeds.position[deeds.kind[i]] != kind:
            continue
        at = deeds.occurred_at[i]
        if as_of != NEVER and max(at, deeds.recorded_at[i]) > as_of:
            continue
        one, rest = one_deed(at, as_of, after, window, half_life)
        count += one
        decayed += rest
    return count, decayed


@compiled
def one_deed(at: int, as_of: int, after: int, window: float, half_life: float) -> tuple[int, float]:
    """Return 1 and what is left of one point where it counts, else nothing.

    Without dates everything counts in full.
    """
    if after != NEVER and at <= after:
        return 0, 0.0
    if at == NEVER or as_of == NEVER:
        return 1, 1.0
    age = max(0.0, (as_of - at) / DAY)
    if age >= window:
        return 0, 0.0
    return 1, 1.0 if np.isinf(half_life) else 2.0 ** (-age / half_life)


@compiled
def hand_over(handed_over_at: int, created_at: int, now: int, days: float) -> int:
    """Return whether a hand-over holds, is over, or was that of an earlier episode."""
    if created_at != NEVER and created_at > handed_over_at:
        return ANEW
    return HELD if (now - handed_over_at) / DAY < days else RECYCLED


@compiled
def lines_passed(probability: float, rank: float, before: int, bounds: FloatArray) -> int:
    """Return which lines a probability is over, or close enough under to stay over."""
    if np.isnan(probability):
        return OVER_MQL | OVER_SQL | NO_PROBABILITY
    flags = 0
    if is_over(probability, bounds[LINES], rank, bounds[SHARES]):
        flags |= OVER_MQL
    elif before >= MQL and probability >= bounds[LOWERED]:
        flags |= OVER_MQL | STAYS_MQL
    if is_over(probability, bounds[LINES + 1], rank, bounds[SHARES + 1]):
        flags |= OVER_SQL
    elif before >= SQL and probability >= bounds[LOWERED + 1]:
        flags |= OVER_SQL | STAYS_SQL
    return flags


@compiled
def is_over(probability: float, line: float, rank: float, share: float) -> bool:
    """Return whether a lead is over a line, on which there is room for a share of the leads."""
    return probability > line or (probability == line and (rank < share or share >= 1.0))


@compiled
def label_of(flags: int, asks: int, before: int) -> int:
    """Return the label of a lead that nothing disqualifies."""
    inquired = flags & INQUIRED != 0 or asks & ASKS_INQUIRY == 0
    intends = flags & INTENDS != 0 or asks & ASKS_EXPLICIT == 0
    label = NURTURE
    if flags & (FITS | FIT_UNKNOWN) and inquired and flags & OVER_MQL:
        label = MQL
    if flags & FITS and inquired and intends and flags & OVER_SQL:
        label = SQL
    return max(label, before) if flags & HELD else label
