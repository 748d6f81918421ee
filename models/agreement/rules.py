"""An agreement made ready for many leads: its rules as arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from math import inf
from typing import Any, NamedTuple

import numpy as np

from features.arrays import FloatArray, IntArray
from features.errors import AgreementError
from features.space import FeatureSpace
from models.agreement import kernel
from models.agreement.agreement import (
    FIT_GRADES,
    LABELS,
    Agreement,
    Icp,
    Intent,
    Recycling,
    ServiceLevel,
    Sign,
    Signal,
)
from models.agreement.condition import IMPLIED, READABLE, Condition
from models.agreement.lines import Lines
from models.agreement.subject import (
    Subject,
    can_read,
    encoder_named,
    home_state,
    mail_states,
    state_of,
)


class Watch(NamedTuple):
    """A sign that is looked for: its role, and where its points come from."""

    role: int
    sign: Sign
    signal: Signal | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The rules for one segment, or for everybody else.

    Parameters
    ----------
    segment : str or None
        None for everybody else.
    icp, intent, service, recycling, lines
        As the agreement has them for the segment.
    criteria : tuple of int
        Tests of the criteria, in the order of `icp.criteria`.
    watches : tuple of int
        First watch of the plan, and the one after the last.
    """

    segment: str | None
    icp: Icp | None
    intent: Intent | None
    service: Mapping[str, ServiceLevel]
    recycling: Recycling
    lines: Lines
    asks: int
    criteria: tuple[int, ...]
    watches: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything about an agreement that does not depend on the leads.

    Parameters
    ----------
    agreement : Agreement
    subjects : tuple of Subject
        The values that it looks at.
    plans : tuple of Plan
        Everybody else first, then the segments, those of lower rank first.
    watches : tuple of Watch
        Disqualifiers first, then those of each plan.
    n_disqualifiers : int
    kinds : mapping of str to int
        Kinds of activity that it looks for.
    tests : mapping of Condition to int
        Position of each condition.
    space : FeatureSpace or None
        Of the model.
    tellers : dict of str to Teller
        Those that were needed so far, by language.
    width : array of shape (n_subjects,)
        Conditions on each value.
    arrays : tuple of arrays
        As the kernel takes them, from `tests` to `plan_numbers`.
    """

    agreement: Agreement
    subjects: tuple[Subject, ...]
    plans: tuple[Plan, ...]
    watches: tuple[Watch, ...]
    n_disqualifiers: int
    kinds: Mapping[str, int]
    tests: Mapping[Condition, int]
    space: FeatureSpace | None
    tellers: dict[str, Any]
    width: IntArray
    arrays: tuple[
        IntArray, IntArray, FloatArray, IntArray, FloatArray, IntArray, IntArray, FloatArray
    ]

    @property
    def has_ties(self) -> bool:
        """Whether a line has room for some of the leads exactly on it only."""
        lines = [plan.lines for plan in self.plans]
        return any(one.mql_share < 1.0 or one.sql_share < 1.0 for one in lines)

    def decided_by(self, places: Sequence[int]) -> str:
        """Return the rule that gave a lead its label, from its row of `Qualified.places`."""
        label, plan, _, _, reason, flags = places
        if reason >= 0:
            return self.watches[reason].code
        if flags & kernel.HELD:
            free = int(kernel.label_of(flags & ~kernel.HELD, self.plans[plan].asks, -1))
            if free < label:
                return "handed_over"
        if flags & kernel.RECYCLED and label == kernel.NURTURE:
            return "recycled"
        return LABELS[label]


def make_rules(agreement: Agreement, lines: Lines, space: FeatureSpace | None = None) -> Rules:
    """Return an agreement made ready.

    Parameters
    ----------
    agreement : Agreement
        The order of its rules makes no difference.
    lines : Lines
        What its lines come to.
    space : FeatureSpace, optional
        Of the model; its encoders read the values.

    Raises
    ------
    AgreementError
        When a condition cannot read the values of its attribute.
    """
    return _Maker(agreement, lines, space).rules()


class _Maker:
    """Numbers tests, kinds and watches while it goes through an agreement."""

    def __init__(self, agreement: Agreement, lines: Lines, space: FeatureSpace | None) -> None:
        self.agreement = agreement
        self.lines = lines
        self.space = space
        self.subjects: dict[tuple[str, str], tuple[int, Subject]] = {}
        self.tests: dict[Condition, int] = {}
        self.test_rows: list[tuple[int, ...]] = []
        self.homes: dict[str, tuple[int, int]] = {}
        self.kinds: dict[str, int] = {}
        self.watches: list[Watch] = []
        self.criteria: list[int] = []
        self.weights: list[float] = []
        self.conditions: list[int] = []
        self.plan_places: list[list[int]] = []
        self.plan_numbers: list[list[float]] = []

    def rules(self) -> Rules:
        """Go through the agreement."""
        for one in sorted(self.agreement.disqualifiers, key=lambda d: d.code):
            self.watches.append(Watch(kernel.DISQUALIFIER, one.sign, code=one.code))
        n_disqualifiers = len(self.watches)
        plans = [self._plan(None, self.agreement, ())]
        segments = sorted(
            self.agreement.segments, key=lambda s: (s.rank is None, s.rank or 0, s.name)
        )
        plans += [self._plan(s.name, s, s.conditions) for s in segments]
        watch_places = [self._watch_row(watch) for watch in self.watches]
        subjects = tuple(subject for _, subject in self.subjects.values())
        return Rules(
            agreement=self.agreement,
            subjects=subjects,
            plans=tuple(plans),
            watches=tuple(self.watches),
            n_disqualifiers=n_disqualifiers,
            kinds=dict(self.kinds),
            tests=dict(self.tests),
            space=self.space,
            tellers={},
            width=np.array([subject.width for subject in subjects], dtype=np.int64),
            arrays=(
                _ints(self.test_rows, kernel.TEST_COLUMNS),
                _ints(watch_places, 4),
                _floats([_watch_numbers(watch) for watch in self.watches], 4),
                np.array(self.criteria, dtype=np.int64),
                np.array(self.weights),
                np.array(self.conditions, dtype=np.int64),
                _ints(self.plan_places, kernel.PLAN_PLACES),
                _floats(self.plan_numbers, kernel.PLAN_NUMBERS),
            ),
        )

    def _plan(self, segment: str | None, part: Any, conditions: Sequence[Condition]) -> Plan:
        whole = self.agreement
        icp: Icp | None = whole.icp if part.icp is None else part.icp
        intent: Intent | None = whole.intent if part.intent is None else part.intent
        inquiry = whole.inquiry if part.inquiry is None else part.inquiry
        explicit = whole.explicit_intent if part.explicit_intent is None else part.explicit_intent
        first_criterion, first_condition = len(self.criteria), len(self.conditions)
        if icp is not None:
            icp = Icp(tuple(_sorted(icp.criteria)), icp.grades, icp.fits, icp.known_share)
            for criterion in icp.criteria:
                self.criteria.append(self._test(criterion.condition))
                self.weights.append(criterion.weight)
        self.conditions += [self._test(condition) for condition in conditions]
        first_watch = len(self.watches)
        self._watch(inquiry, explicit, intent)
        asks = kernel.ASKS_FIT * (icp is not None) + kernel.GRADES_INTENT * (intent is not None)
        asks += kernel.ASKS_INQUIRY * (inquiry is not None)
        asks += kernel.ASKS_EXPLICIT * (explicit is not None)
        plan = Plan(
            segment=segment,
            icp=icp,
            intent=intent,
            service=whole.service if part.service is None else part.service,
            recycling=whole.recycling if part.recycling is None else part.recycling,
            lines=self.lines.of(segment),
            asks=asks,
            criteria=tuple(self.criteria[first_criterion:]),
            watches=(first_watch, len(self.watches)),
        )
        worst = -1 if icp is None else FIT_GRADES.index(icp.fits[-1])
        self.plan_places.append(
            [
                *(first_criterion, len(self.criteria), first_watch, len(self.watches)),
                *(first_condition, len(self.conditions), worst, asks),
            ]
        )
        self.plan_numbers.append(_plan_numbers(plan, whole.hysteresis_points))
        return plan

    def _watch(
        self,
        inquiry: Sequence[Sign] | None,
        explicit: Sequence[Sign] | None,
        intent: Intent | None,
    ) -> None:
        signals = () if intent is None else intent.signals
        self.watches += [Watch(kernel.INQUIRY, sign) for sign in _sorted(inquiry or ())]
        self.watches += [Watch(kernel.EXPLICIT, sign) for sign in _sorted(explicit or ())]
        self.watches += [Watch(kernel.SIGNAL, one.sign, one) for one in _sorted(signals)]

    def _watch_row(self, watch: Watch) -> tuple[int, ...]:
        what = watch.sign.what
        if isinstance(what, Condition):
            return (-1, self._test(what), watch.role, 1)
        kind = self.kinds.setdefault(what, len(self.kinds))
        return (kind, -1, watch.role, watch.sign.least_count)

    def _test(self, condition: Condition) -> int:
        known = self.tests.get(condition)
        if known is not None:
            return known
        place, subject = self._subject(condition)
        state, ends = state_of(condition, subject.encoder)
        home = (-1, -1, 0, 0)
        if condition.test == "mail":
            home = (-1, -1, *mail_states(condition))
            if condition.country is not None:
                home = (*self._home(condition.country), *home[2:])
        self.tests[condition] = len(self.test_rows)
        self.test_rows.append((place, subject.add(state, ends), *home))
        return self.tests[condition]

    def _subject(self, condition: Condition) -> tuple[int, Subject]:
        found = self._reader(condition.about, condition.test)
        type_ = found[1].encoder.type
        if not can_read(condition, type_):
            expected = " or ".join(READABLE[condition.test])
            raise AgreementError(
                f"{self.agreement.place(())}: {condition.about} is of type {type_}, the "
                f"condition {condition.test} needs {expected}"
            )
        return found

    def _reader(self, name: str, test: Any) -> tuple[int, Subject]:
        encoder = encoder_named(name, IMPLIED[test], self.space)
        key = (name, encoder.type)
        if key not in self.subjects:
            self.subjects[key] = (len(self.subjects), Subject(name, encoder))
        return self.subjects[key]

    def _home(self, country: str) -> tuple[int, int]:
        if country not in self.homes:
            place, subject = self._reader(country, "country_one_of")
            self.homes[country] = (place, subject.add(home_state))
        return self.homes[country]


def _plan_numbers(plan: Plan, hysteresis_points: float) -> list[float]:
    lines = (plan.lines.mql, plan.lines.sql)
    recycling = (plan.recycling.mql_days, plan.recycling.sql_days)
    return [
        *((0.0,) * 3 if plan.icp is None else plan.icp.grades),
        *((0.0,) * 3 if plan.intent is None else plan.intent.grades),
        0.0 if plan.icp is None else plan.icp.known_share,
        _or_endless(None if plan.intent is None else plan.intent.most_points),
        *lines,
        *(lowered(line, hysteresis_points) for line in lines),
        *(plan.lines.mql_share, plan.lines.sql_share),
        *map(_or_endless, recycling),
    ]


def lowered(line: float, points: float) -> float:
    """Return the probability that is so many points below a line.

    Examples
    --------
    >>> lowered(0.5, 10.0) == 1.0 / 3.0
    True
    """
    if not 0.0 < line < 1.0:
        return line
    odds = line / (1.0 - line) * 2.0 ** (-points / 10.0)
    return odds / (1.0 + odds)


def _watch_numbers(watch: Watch) -> tuple[float, ...]:
    signal = watch.signal
    half_life = None if signal is None else signal.half_life_days
    points = 0.0 if signal is None else signal.points
    most = None if signal is None else signal.most_points
    return (
        _or_endless(watch.sign.within_days),
        _or_endless(half_life),
        points,
        _or_endless(most),
    )


def _or_endless(number: float | None) -> float:
    return inf if number is None else number


def _sorted(things: Sequence[Any]) -> list[Any]:
    """Return rules in an order that does not depend on the file."""
    return sorted(things, key=_order)


def _order(thing: Any) -> str:
    shown = [getattr(thing, field.name) for field in fields(thing)]
    return repr([sorted(one.items()) if isinstance(one, dict) else one for one in shown])


def _ints(rows: Sequence[Sequence[int]], width: int) -> IntArray:
    return np.array(rows, dtype=np.int64).reshape(len(rows), width)


def _floats(rows: Sequence[Sequence[float]], width: int) -> FloatArray:
    return np.array(rows, dtype=np.float64).reshape(len(rows), width)
