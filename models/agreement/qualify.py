"""From leads and probabilities to labels, by the agreement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.activities.table import Activities
from features.arrays import BoolArray, CodeArray, FloatArray, IntArray, MomentArray
from features.column import MOST_UNUSED
from features.leads import Leads
from features.moment import NEVER
from features.space import FeatureSpace
from models.agreement import kernel
from models.agreement.agreement import (
    FIT_GRADES,
    INTENT_GRADES,
    LABELS,
    NOT_AGREED,
    UNKNOWN,
    Agreement,
)
from models.agreement.lines import Lines
from models.agreement.rules import Rules, make_rules
from models.agreement.subject import StateArray, column_about
from models.agreement.telling import Teller

PLACE: Mapping[str, int] = {label: place for place, label in enumerate(LABELS)}
FIT_TEXTS = (*FIT_GRADES, UNKNOWN, NOT_AGREED)
INTENT_TEXTS = (*INTENT_GRADES, UNKNOWN, NOT_AGREED)
GRADE_TEXTS = np.array([[fit + intent for intent in INTENT_TEXTS] for fit in FIT_TEXTS], object)
LABEL_NAMES = np.array(LABELS, object)
NONE = -1


@dataclass(frozen=True, slots=True)
class States:
    """What each lead's values are to the conditions, as the kernel takes it."""

    flat: StateArray
    base: IntArray
    codes: CodeArray


@dataclass(frozen=True, slots=True)
class Qualified:
    """What the agreement says of each lead of a batch.

    Parameters
    ----------
    rules : Rules
        Of the agreement.
    places : array of shape (n_leads, 6)
        Label, plan, fit grade, intent grade, disqualifier and flags; see `kernel`.
    numbers : array of shape (n_leads, 3)
        Share of the profile that is met and that is known, and points of intent.
    found : array of shape (n_leads, n_watches + n_tests)
        Which signs were found; then, which conditions are met (1), not met (0), or cannot be
        judged (-1).
    """

    rules: Rules
    places: IntArray
    numbers: FloatArray
    found: StateArray

    @property
    def label(self) -> IntArray:
        """Position of each lead's label in `LABELS`."""
        return self.places[:, kernel.LABEL]

    @property
    def labels(self) -> list[str]:
        """Each lead's label."""
        names: list[str] = LABEL_NAMES[self.label].tolist()
        return names

    @property
    def grades(self) -> list[str]:
        """Each lead's grade: fit from A to D, intent from 1 to 4, such as "B2".

        "?" is a fit that is not known, "-" is something that the agreement does not grade.
        """
        fit, intent = self.places[:, kernel.FIT], self.places[:, kernel.INTENT]
        texts: list[str] = GRADE_TEXTS[fit, intent].tolist()
        return texts

    @property
    def decided_by(self) -> list[str]:
        """The rule that gave each lead its label.

        A disqualifier's code; "handed_over" for a label that is kept although the rules
        would give a lower one; "recycled" for a lead that was free again and has not asked
        since; else the label that the lead qualified for.
        """
        return [self.rules.decided_by(row) for row in self.places.tolist()]

    def row(self, row: int, language: str = "en") -> dict[str, Any]:
        """Return what was decided of one lead and why, in words, as JSON.

        `rule` is what decided, `rules` are those tried until then, each with a sentence;
        `missing` are the attributes that nobody has filled in and what they could change.
        """
        teller = self.rules.tellers.get(language)
        if teller is None:
            teller = self.rules.tellers[language] = Teller(self.rules, language)
        told: dict[str, Any] = teller.tell(self.places[row], self.numbers[row], self.found[row])
        return told

    @property
    def may_be_mql(self) -> BoolArray:
        """Whether a lead passes all rules of an MQL but the line."""
        flags, asks = self._flags_and_asks()
        inquired = (flags & kernel.INQUIRED > 0) | (asks & kernel.ASKS_INQUIRY == 0)
        return (
            (self.places[:, kernel.REASON] < 0)
            & (flags & (kernel.FITS | kernel.FIT_UNKNOWN) > 0)
            & inquired
        )

    @property
    def may_be_sql(self) -> BoolArray:
        """Whether a lead passes all rules of an SQL but the line."""
        flags, asks = self._flags_and_asks()
        intends = (flags & kernel.INTENDS > 0) | (asks & kernel.ASKS_EXPLICIT == 0)
        return self.may_be_mql & (flags & kernel.FITS > 0) & intends

    @property
    def segments(self) -> list[str | None]:
        """The segment that each lead is in."""
        names = [plan.segment for plan in self.rules.plans]
        return [names[place] for place in self.places[:, kernel.PLAN].tolist()]

    def _flags_and_asks(self) -> tuple[IntArray, IntArray]:
        asks = np.array([plan.asks for plan in self.rules.plans], dtype=np.int64)
        return self.places[:, kernel.FLAGS], asks[self.places[:, kernel.PLAN]]


def apply(
    rules: Rules,
    leads: Leads,
    activities: Activities,
    probability: FloatArray | None,
    *,
    now: int,
    previous: Sequence[str | None] | None = None,
    handed_over_at: MomentArray | None = None,
    rank: FloatArray | None = None,
) -> Qualified:
    """Return what ready rules say of leads; see `qualify`."""
    n = leads.n_leads
    states = read_states(rules, leads)
    before = (
        [NONE] * n if previous is None else [PLACE.get(label or "", NONE) for label in previous]
    )
    places = np.empty((n, kernel.OUT_PLACES), dtype=np.int64)
    numbers = np.empty((n, kernel.OUT_NUMBERS))
    found = np.zeros((n, len(rules.watches) + len(rules.tests)), dtype=np.int8)
    kinds = rules.kinds
    kernel.apply_rules(
        states.flat,
        states.base,
        rules.width,
        states.codes,
        *rules.arrays,
        rules.n_disqualifiers,
        np.full(n, np.nan) if probability is None else probability,
        np.zeros(n) if rank is None else rank,
        np.fromiter(before, np.int64, n),
        np.full(n, NEVER) if handed_over_at is None else handed_over_at,
        now,
        leads.as_of,
        leads.created_at,
        activities.start,
        activities.stop,
        activities.kind,
        activities.occurred_at,
        activities.recorded_at,
        np.array([kinds.get(kind, NONE) for kind in activities.kinds], dtype=np.int64),
        places,
        numbers,
        found,
    )
    return Qualified(rules, places, numbers, found)


def read_states(rules: Rules, leads: Leads) -> States:
    """Return the states of all conditions, each distinct value read once."""
    n = leads.n_leads
    flat: list[int] = []
    arrays: list[StateArray] = []
    base: list[int] = []
    codes = []
    done = 0
    for subject in rules.subjects:
        column = column_about(subject.name, leads)
        if len(column.values) > MOST_UNUSED * n:
            column = column.compact()
        codes.append(column.codes)
        base.append(done + len(flat))
        found = subject.states_of(column.values)
        if isinstance(found, list):
            flat += found
        else:
            arrays += [np.array(flat, dtype=np.int8), found]
            done += len(flat) + len(found)
            flat = []
    rest = np.fromiter(flat, np.int8, len(flat))
    return States(
        np.concatenate([*arrays, rest]) if arrays else rest,
        np.fromiter(base, np.int64, len(base)),
        np.concatenate(codes) if codes else np.zeros(0, dtype=np.int32),
    )


def qualify(
    leads: Leads,
    activities: Activities,
    probability: FloatArray | None,
    agreement: Agreement,
    lines: Lines,
    *,
    now: int,
    previous: Sequence[str | None] | None = None,
    handed_over_at: MomentArray | None = None,
    rank: FloatArray | None = None,
    space: FeatureSpace | None = None,
) -> Qualified:
    """Return each lead's label.

    In this order: a disqualifier takes the lead out; a lead that was handed over keeps its
    label; SQL needs a fit, explicit intent and a probability over the SQL line; MQL a fit or
    an unknown one, an inquiry and a probability over the MQL line; the others are nurtured.

    Parameters
    ----------
    leads : Leads
        The leads, each as of its own moment.
    activities : Activities
        Theirs.
    probability : array of shape (n_leads,), or None
        P(won within the horizon); without it labels follow from the rules alone.
    agreement : Agreement
        The rules.
    lines : Lines
        What the agreement's lines come to for the model; a probability on a line is over it.
    now : int
        Moment of the decision.
    previous : sequence of str or None, optional
        Each lead's last label.
    handed_over_at : array of shape (n_leads,), optional
        When each lead was handed over to sales, who have not answered yet; `NEVER` else.
    rank : array of shape (n_leads,), optional
        From `tie_rank`: decides for the leads exactly on a line that has no room for all.
    space : FeatureSpace, optional
        Of the model; its encoders read the values.

    Raises
    ------
    AgreementError
        When a condition cannot read the values of its attribute.

    Examples
    --------
    >>> from features.records import LeadRecord, assemble
    >>> from models.agreement.agreement import default_agreement
    >>> leads, activities = assemble([LeadRecord("L-1", 0, 0, None, None, 1, {}, ())] * 3)
    >>> agreement, lines = default_agreement("mine", 0.05), Lines(0.1, 0.25)
    >>> probability = np.array([0.05, 0.1, 0.3])
    >>> qualify(leads, activities, probability, agreement, lines, now=0).labels
    ['nurture', 'MQL', 'SQL']
    """
    return apply(
        make_rules(agreement, lines, space),
        leads,
        activities,
        probability,
        now=now,
        previous=previous,
        handed_over_at=handed_over_at,
        rank=rank,
    )
