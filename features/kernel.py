"""The compiled part of feature building: fills one matrix, row by row."""

import numpy as np

from features.arrays import CodeArray, FloatArray, IntArray, MomentArray
from features.compiled import compiled
from features.moment import DAY, NEVER

ACTIVE_DAYS_WINDOW = 30
MOMENTUM_DAYS = 7
MOMENTUM_BEFORE_DAYS = 28
PER_KIND_BESIDES_WINDOWS = 3
OVERALL = 3
LEAD_COLUMNS = 5


@compiled
def gather(
    numbers: FloatArray, base: IntArray, width: IntArray, codes: CodeArray, out: FloatArray
) -> None:
    """Copy each row's numbers of every encoder into the matrix.

    Parameters
    ----------
    numbers : array
        The rows of all distinct values of all encoders, one after the other.
    base, width : arrays of shape (n_encoders,)
        Where an encoder's first row starts, and how many numbers a row has.
    codes : array of shape (n_encoders * n_leads,)
        Which of its encoder's rows each lead has, encoder by encoder.
    out : array of shape (n_leads, n_features)
        Filled from column 0 on.
    """
    n_leads = out.shape[0]
    column = 0
    for encoder in range(len(base)):
        k = width[encoder]
        for lead in range(n_leads):
            first = base[encoder] + codes[encoder * n_leads + lead] * k
            for j in range(k):
                out[lead, column + j] = numbers[first + j]
        column += k


@compiled
def fill_dates(as_of: MomentArray, columns: IntArray, out: FloatArray) -> None:
    """Turn moments into days before `as_of`, NaN where there is no `as_of`."""
    for lead in range(out.shape[0]):
        for column in columns:
            if as_of[lead] == NEVER:
                if not np.isnan(out[lead, column]):
                    out[lead, column] = 0.0
            else:
                out[lead, column] = (float(as_of[lead]) - out[lead, column]) / DAY


@compiled
def fill_lead(
    as_of: MomentArray,
    created_at: MomentArray,
    episode: IntArray,
    firsts: IntArray,
    missing: FloatArray,
    column: int,
    out: FloatArray,
) -> None:
    """Fill age, weekday, hour (both UTC), episode and number of missing attributes."""
    for lead in range(out.shape[0]):
        absent = 0
        for i in range(len(firsts)):
            is_missing = np.isnan(out[lead, firsts[i]])
            missing[lead, i] = is_missing
            absent += is_missing
        age, weekday, hour = np.nan, np.nan, np.nan
        if created_at[lead] != NEVER:
            day = created_at[lead] // DAY
            weekday = float((day + 3) % 7)
            hour = float((created_at[lead] - day * DAY) // (DAY // 24))
            if as_of[lead] != NEVER:
                age = max(0.0, (as_of[lead] - created_at[lead]) / DAY)
        out[lead, column] = age
        out[lead, column + 1] = weekday
        out[lead, column + 2] = hour
        out[lead, column + 3] = float(episode[lead])
        out[lead, column + 4] = float(absent)


@compiled
def fill_activities(
    as_of: MomentArray,
    start: IntArray,
    stop: IntArray,
    kind: CodeArray,
    occurred_at: MomentArray,
    recorded_at: MomentArray,
    position: IntArray,
    windows_days: FloatArray,
    half_life_days: float,
    n_kinds: int,
    column: int,
    out: FloatArray,
    later: IntArray,
) -> None:
    """Fill what leads did up to `as_of`.

    Per kind: counts in the windows, decayed intensity (a sum of 2^(-age / half-life)), days
    since the last, total. Overall: distinct active days in 30, momentum (activities of the
    last week over the weekly mean of the three before, plus one each), total. Activities
    must be sorted by time within a lead. What happened or became known after `as_of` is
    counted in `later` and not seen; kinds with position -1 are not seen either.
    """
    n_windows = len(windows_days)
    per_kind = n_windows + PER_KIND_BESIDES_WINDOWS
    overall = column + n_kinds * per_kind
    for lead in range(out.shape[0]):
        for k in range(n_kinds):
            first = column + k * per_kind
            for j in range(per_kind):
                out[lead, first + j] = 0.0
            out[lead, first + n_windows + 1] = np.nan
        active_days, recent, before, total = 0, 0, 0, 0
        last_day = np.int64(-1)
        for i in range(start[lead], stop[lead]):
            if as_of[lead] != NEVER and max(occurred_at[i], recorded_at[i]) > as_of[lead]:
                later[lead] += 1
                continue
            k = position[kind[i]]
            if k < 0:
                continue
            total += 1
            first = column + k * per_kind
            out[lead, first + n_windows + 2] += 1.0
            if as_of[lead] == NEVER or occurred_at[i] == NEVER:
                continue
            age = (as_of[lead] - occurred_at[i]) / DAY
            for w in range(n_windows):
                if age < windows_days[w]:
                    out[lead, first + w] += 1.0
            out[lead, first + n_windows] += 2.0 ** (-age / half_life_days)
            out[lead, first + n_windows + 1] = age
            if age < MOMENTUM_DAYS:
                recent += 1
            elif age < MOMENTUM_BEFORE_DAYS:
                before += 1
            day = np.int64(age)
            if day < ACTIVE_DAYS_WINDOW and day != last_day:
                active_days += 1
                last_day = day
        out[lead, overall] = float(active_days)
        out[lead, overall + 1] = (recent + 1.0) / (before / 3.0 + 1.0)
        out[lead, overall + 2] = float(total)
