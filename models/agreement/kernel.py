"""The compiled part of qualification: fit, intent, windows and rules, lead by lead."""

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
BEFORE_MQL = 4096
DISQUALIFIED, NURTURE, MQL, SQL = 0, 1, 2, 3
UNKNOWN_GRADE, NO_GRADE = 4, 5
FIRST_HOME = 2
ALMOST = 1e-12
"""Sums of weights that should be equal may differ in their last bits."""


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
    found: NDArray[np.int8],
) -> None:
    """Fill what the agreement says of each lead.

    The arrays of the agreement are those of `Rules`, the last three those of `Qualified`.
    """
    states = np.empty(len(tests), dtype=np.int8)
    counts = np.empty(len(watch_places), dtype=np.int64)
    decayed = np.empty(len(watch_places))
    for lead in range(len(as_of)):
        read_lead(lead, len(as_of), flat, base, width, codes, tests, states)
        plan = plan_of(conditions, plan_places, states)
        own, bounds = plan_places[plan], plan_numbers[plan]
        before, since, flags = previous[lead], NEVER, 0
        if before >= MQL and handed_over_at[lead] != NEVER:
            days = bounds[RECYCLING + before - MQL]
            flags = hand_over(handed_over_at[lead], created_at[lead], now, days)
            if flags & RECYCLED:
                since = handed_over_at[lead]
            if before == MQL:
                flags |= BEFORE_MQL
            if not flags & HELD:
                before = -1
        for watch in range(len(watch_places)):
            counts[watch], decayed[watch] = 0, 0.0
        for i in range(start[lead], stop[lead]):
            at, what = occurred_at[i], position[kind[i]]
            if what >= 0 and is_seen(at, recorded_at[i], as_of[lead]):
                moments = (at, as_of[lead], since)
                count(what, moments, watch_places, watch_numbers, states, counts, decayed)
        moments = (created_at[lead], as_of[lead], since)
        count(-1, moments, watch_places, watch_numbers, states, counts, decayed)
        fit, fit_flags = fit_of(lead, criteria, weights, own, bounds, states, numbers)
        reason, points, signs = summed(
            lead, n_disqualifiers, own, watch_places, watch_numbers, counts, decayed, found
        )
        for test in range(len(states)):
            found[lead, len(watch_places) + test] = states[test]
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
def read_lead(
    lead: int,
    n_leads: int,
    flat: NDArray[np.int8],
    base: IntArray,
    width: IntArray,
    codes: CodeArray,
    tests: IntArray,
    states: NDArray[np.int8],
) -> None:
    """Fill a lead's state of each test: 1 met, 0 not met, -1 unknown."""
    for test in range(len(tests)):
        subject = tests[test, 0]
        row = base[subject] + codes[subject * n_leads + lead] * width[subject]
        found = flat[row + tests[test, 1]]
        if found >= FIRST_HOME:
            at_home = True
            subject = tests[test, 2]
            if subject >= 0:
                row = base[subject] + codes[subject * n_leads + lead] * width[subject]
                country = flat[row + tests[test, 3]]
                at_home = country < 0 or country == found
            found = np.int8(tests[test, 4] if at_home else tests[test, 5])
        states[test] = found


@compiled
def plan_of(conditions: IntArray, plans: IntArray, states: NDArray[np.int8]) -> int:
    """Return the first segment whose conditions are all met, 0 where there is none."""
    for plan in range(1, len(plans)):
        inside = True
        for i in range(plans[plan, CONDITIONS], plans[plan, CONDITIONS + 1]):
            inside = inside and states[conditions[i]] == 1
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
    states: NDArray[np.int8],
    numbers: FloatArray,
) -> tuple[int, int]:
    """Return the fit grade and what it means to the label; write down the shares."""
    total, known, reached = 0.0, 0.0, 0.0
    for i in range(own[CRITERIA], own[CRITERIA + 1]):
        found = states[criteria[i]]
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
def is_seen(occurred_at: int, recorded_at: int, as_of: int) -> bool:
    """Return whether something had happened and was known at a moment."""
    return as_of == NEVER or max(occurred_at, recorded_at) <= as_of


@compiled
def count(
    kind: int,
    moments: tuple[int, int, int],
    watch_places: IntArray,
    watch_numbers: FloatArray,
    states: NDArray[np.int8],
    counts: IntArray,
    decayed: FloatArray,
) -> None:
    """Count one activity of a kind, or (kind -1) all values that say something.

    `moments` are when it happened, `as_of`, and when a recycled lead was handed over: what
    it did before that is no inquiry any more. Without dates everything counts in full.
    """
    at, as_of, since = moments
    dated = at != NEVER and as_of != NEVER
    age = max(0.0, (as_of - at) / DAY) if dated else 0.0
    for watch in range(len(watch_places)):
        if watch_places[watch, 0] != kind:
            continue
        if kind < 0 and states[watch_places[watch, 1]] != 1:
            continue
        if dated and age >= watch_numbers[watch, 0]:
            continue
        if since != NEVER and at <= since and watch_places[watch, 2] <= EXPLICIT:
            continue
        counts[watch] += 1
        if watch_places[watch, 2] == SIGNAL:
            half_life = watch_numbers[watch, 1]
            decayed[watch] += 2.0 ** (-age / half_life) if half_life < np.inf else 1.0


@compiled
def summed(
    lead: int,
    n_disqualifiers: int,
    own: IntArray,
    watch_places: IntArray,
    watch_numbers: FloatArray,
    counts: IntArray,
    decayed: FloatArray,
    met: NDArray[np.int8],
) -> tuple[int, float, int]:
    """Return the first disqualifier, the points and the flags of the signs that were found."""
    reason, points, flags = -1, 0.0, 0
    for watch in range(len(watch_places)):
        ours = watch < n_disqualifiers or own[WATCHES] <= watch < own[WATCHES + 1]
        if not ours or counts[watch] < watch_places[watch, 3]:
            continue
        met[lead, watch] = 1
        role = watch_places[watch, 2]
        if role == DISQUALIFIER:
            reason = watch if reason < 0 else reason
        elif role == SIGNAL:
            points += min(decayed[watch] * watch_numbers[watch, 2], watch_numbers[watch, 3])
        else:
            flags |= INQUIRED | (INTENDS if role == EXPLICIT else 0)
    return reason, points, flags


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
