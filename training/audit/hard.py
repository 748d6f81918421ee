"""Evidence that stops: values that nobody could have known when the lead came."""

from collections.abc import Iterator

import numpy as np

from features.arrays import BoolArray, FloatArray, IntArray
from features.moment import DAY, NEVER
from models.explain.evidence import wilson_interval
from training.audit.finding import Finding
from training.audit.subject import Outcomes, Subject
from training.data.export import Export

Z = 3.29
"""Of a bound that one honest column in a thousand passes by chance."""
LEAST_PURE = 0.8
"""A column is for won leads only when surely more than this share of its leads was won."""
LEAST_MORE = 0.3
"""And when surely by so much more than of all closed leads."""
LEAST_ROWS_OF_VALUE = 10
LEAST_WON_COVERED = 0.1
"""Values are those of more than this share of the won leads."""
MOST_STILL_OPEN = 0.02
"""A column is for closed leads only when at most this share of the open leads has it that
were to be expected from leads of the same age."""
LEAST_EXPECTED_OPEN = 30.0
LEAST_COVERED = 0.5
"""And when such values are those of more than this share of the closed leads: a colleague who
left, or a campaign that ended, has closed leads only, too."""
LEAST_DATES = 20
MOST_LATER = 0.05
MOST_SAME_DAY = 0.5
LEAST_EXPLAINED = 0.95


def hard_evidence(subject: Subject, outcomes: Outcomes) -> Iterator[Finding]:
    """Yield what of an attribute could not be known when the lead came."""
    yield from _only_won(subject, outcomes)
    yield from _only_closed(subject, outcomes)
    yield from _dates(subject, outcomes)
    yield from _equal(subject, outcomes)


def _found(subject: Subject, kind: str, sentence: str, **figures: float) -> Finding:
    return Finding(subject.name, "hard", kind, sentence, figures)


def _only_won(subject: Subject, outcomes: Outcomes) -> Iterator[Finding]:
    closed = outcomes.closed
    share_won = float(outcomes.won.sum()) / max(1, int(closed.sum()))
    for what, rows in (("filled", subject.filled), ("value", _pure_values(subject, outcomes))):
        rows = rows & closed
        n, won = int(rows.sum()), int((rows & outcomes.won).sum())
        if not n or (what == "value" and n == int((subject.filled & closed).sum())):
            continue
        if what == "value" and won < LEAST_WON_COVERED * int(outcomes.won.sum()):
            continue
        low = _lower(won, n)
        if low > LEAST_PURE and low > share_won + LEAST_MORE and won >= n * (1 - MOST_STILL_OPEN):
            has = "it is filled" if what == "filled" else "it has certain values"
            yield _found(
                subject,
                f"{what} for won only",
                f"of the {n:,} closed leads where {has}, {won:,} were won; of all closed leads "
                f"{share_won:.0%} were",
                leads=n,
                won=won,
            )
            return


def _pure_values(subject: Subject, outcomes: Outcomes) -> BoolArray:
    """Return the leads whose value belongs to won leads only, of the closed ones."""
    filled = subject.filled & outcomes.closed
    n_values = int(subject.code.max(initial=-1)) + 1
    if not n_values:
        return np.zeros(len(filled), dtype=np.bool_)
    n = np.bincount(subject.code[filled], minlength=n_values)
    won = np.bincount(subject.code[filled], weights=outcomes.won[filled], minlength=n_values)
    pure = (n >= LEAST_ROWS_OF_VALUE) & (won == n)
    out: BoolArray = subject.filled & pure[np.maximum(subject.code, 0)]
    return out


def _only_closed(subject: Subject, outcomes: Outcomes) -> Iterator[Finding]:
    filled = subject.filled
    everyone = np.ones(len(filled), dtype=np.bool_)
    for what, code, among in (
        ("filled", np.where(filled, 0, -1), everyone),
        ("value", subject.code, filled),
    ):
        expected, found = expected_open(code, outcomes, among)
        suspect = (expected >= LEAST_EXPECTED_OPEN) & (found <= MOST_STILL_OPEN * expected)
        closed = int((suspect[np.maximum(code, 0)] & (code >= 0) & outcomes.closed).sum())
        if closed > LEAST_COVERED * int((filled & outcomes.closed).sum()):
            due, came = float(expected[suspect].sum()), int(found[suspect].sum())
            has = "it is filled" if what == "filled" else "it has certain values"
            yield _found(
                subject,
                f"{what} for closed only",
                f"{has} for {closed:,} closed leads and for {came:,} open ones, where leads of "
                f"the same age let expect {due:,.0f}",
                open=came,
                expected_open=due,
            )
            return


def expected_open(
    code: IntArray, outcomes: Outcomes, among: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Return how many leads of each code should be open, as others of their age, and are.

    Parameters
    ----------
    code : array of shape (n_leads,)
        From 0; -1 for leads that do not count.
    among : array of shape (n_leads,)
        The leads to compare with.
    """
    n_ages, n_codes = int(outcomes.age.max(initial=0)) + 1, int(code.max(initial=0)) + 1
    of_age = np.bincount(outcomes.age[among], minlength=n_ages)
    open_ = np.bincount(outcomes.age[among & outcomes.open], minlength=n_ages)
    share = open_ / np.maximum(of_age, 1)
    here = code >= 0
    expected: FloatArray = np.bincount(
        code[here], weights=share[outcomes.age[here]], minlength=n_codes
    ).astype(np.float64)
    found = np.bincount(code[here & outcomes.open], minlength=n_codes).astype(np.float64)
    return expected, found


def _dates(subject: Subject, outcomes: Outcomes) -> Iterator[Finding]:
    if subject.date is None:
        return
    both = (subject.date != NEVER) & (outcomes.outcome_at != NEVER) & outcomes.closed
    n = int(both.sum())
    if n < LEAST_DATES:
        return
    day, closed_on = subject.date[both] // DAY, outcomes.outcome_at[both] // DAY
    later, same = int((day > closed_on).sum()), int((day == closed_on).sum())
    created = outcomes.created_at[both] // DAY
    slow = int((closed_on != created).sum())
    if later >= LEAST_DATES and later > MOST_LATER * n:
        yield _found(
            subject,
            "date after the outcome",
            f"in {later:,} of {n:,} closed leads it is later than the day of the outcome",
            later=later,
            leads=n,
        )
    elif same > MOST_SAME_DAY * n and slow > MOST_SAME_DAY * n:
        yield _found(
            subject,
            "date of the outcome",
            f"in {same:,} of {n:,} closed leads it is the day of the outcome",
            same=same,
            leads=n,
        )


def _equal(subject: Subject, outcomes: Outcomes) -> Iterator[Finding]:
    """Find values that tell won from lost nearly without error."""
    closed = outcomes.closed
    code = np.where(subject.code < 0, int(subject.code.max(initial=-1)) + 1, subject.code)[closed]
    won = outcomes.won[closed]
    n = len(won)
    rare = min(int(won.sum()), n - int(won.sum()))
    if rare < LEAST_DATES:
        return
    rows = np.bincount(code)
    wins = np.bincount(code, weights=won)
    large = rows >= LEAST_ROWS_OF_VALUE
    wrong = float(np.where(large, np.minimum(wins, rows - wins), 0.0).sum())
    judged = float(rows[large].sum())
    expected = rare / n * judged
    if judged > 0.5 * n and wrong + Z * np.sqrt(wrong + 1.0) < (1 - LEAST_EXPLAINED) * expected:
        yield _found(
            subject,
            "value equals the outcome",
            f"its values tell won from lost in all but {wrong:,.0f} of {judged:,.0f} closed leads",
            wrong=wrong,
            leads=judged,
        )


def history_evidence(export: Export) -> Iterator[Finding]:
    """Yield attributes whose history shows that they are set when leads are closed."""
    if export.history is None:
        return
    closing = np.full(int(export.lead.max(initial=-1)) + 1, NEVER, dtype=np.int64)
    closed = (export.outcome != -1) & (export.outcome_at != NEVER)
    closing[export.lead[closed]] = export.outcome_at[closed]  # the newest episode's
    for name, history in export.history.attributes.items():
        lead, first = np.unique(history.lead, return_index=True)
        set_at, closed_at = history.changed_at[first], closing[lead]
        known = closed_at != NEVER
        n, late = int(known.sum()), int((set_at[known] >= closed_at[known]).sum())
        if n >= LEAST_DATES and late > MOST_SAME_DAY * n:
            sentence = f"the history first sets it at or after closing in {late:,} of {n:,} leads"
            figures = {"late": float(late), "leads": float(n)}
            yield Finding(name, "hard", "set at closing", sentence, figures)


def _lower(won: int, n: int) -> float:
    low, _ = wilson_interval(_one(won), _one(n), Z)
    return float(low[0])


def _one(value: int) -> IntArray:
    return np.array([value], dtype=np.int64)
