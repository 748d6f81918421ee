"""Values of leads as states of the conditions on them, each distinct value read once."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.arrays import FloatArray
from features.attributes.boolean import NO, YES
from features.attributes.country import country_names
from features.attributes.email import EmailEncoder, Glimpse, home_of_domain
from features.attributes.encoder import Encoder, Unreadable
from features.attributes.fit import learn_encoder
from features.attributes.job_title import Title
from features.attributes.number import NumberEncoder
from features.attributes.spec import AttributeSpec, AttributeType
from features.attributes.vocabulary import canonical
from features.column import Column
from features.leads import Leads
from features.space import FeatureSpace
from models.agreement.condition import CHANNEL, READABLE, SOURCE, Condition

UNKNOWN, NOT_MET, MET = -1, 0, 1
HOMES = ("CN", "JP", "KR")
"""Countries with free mail that firms use; state 2 is "in the first of them" and so on."""
FIRST_HOME = 2
ABROAD = FIRST_HOME + len(HOMES)
MOST_KEPT = 4096
PERSONAL: tuple[AttributeType, ...] = ("email", "phone", "text")

StateArray = NDArray[np.int8]
State = Callable[[Any], int]
"""From what a value means to a state."""
Ends = tuple[float, float]


class Subject:
    """One attribute (or channel, source) and all conditions on it.

    Parameters
    ----------
    name : str
        Of the attribute.
    encoder : Encoder
        Reads its values, raw or in stored form.
    """

    def __init__(self, name: str, encoder: Encoder) -> None:
        self.name = name
        self.encoder = encoder
        self._states: list[State] = []
        self._ends: list[Ends | None] = []
        self._read = encoder.glimpse if isinstance(encoder, EmailEncoder) else encoder.read
        self._unknown: tuple[int, ...] = ()
        self._keeps = encoder.type not in PERSONAL
        self._kept: dict[str, tuple[int, ...]] = {}

    def add(self, state: State, ends: Ends | None = None) -> int:
        """Add a condition; return its position among those on this value."""
        self._states.append(state)
        self._ends.append(ends)
        self._unknown = (UNKNOWN,) * len(self._states)
        return len(self._states) - 1

    @property
    def width(self) -> int:
        """Number of conditions."""
        return len(self._states)

    def states(self, value: object) -> tuple[int, ...]:
        """Return the state of each condition for a raw value that is not personal."""
        keep = type(value) is str
        if keep:
            known = self._kept.get(value)  # type: ignore[call-overload] # it is text
            if known is not None:
                return known
        try:
            meaning = self._read(value)
        except Unreadable:
            return self._unknown
        if meaning is None:
            return self._unknown
        found = tuple([state(meaning) for state in self._states])
        if keep and len(self._kept) < MOST_KEPT:
            self._kept[value] = found  # type: ignore[index] # it is text
        return found

    def states_of(self, values: Sequence[object] | FloatArray) -> list[int] | StateArray:
        """Return the states of many raw values, one after the other."""
        if isinstance(values, np.ndarray):
            if isinstance(self.encoder, NumberEncoder) and None not in self._ends:
                return self._between(self.encoder.numbers_of(values))
            values = values.tolist()
        flat: list[int] = []
        if self._keeps:
            for value in values:
                flat += self.states(value)
            return flat
        read, states, unknown = self._read, self._states, self._unknown
        for value in values:  # addresses are mostly distinct: no look-up, no call for each
            try:
                meaning = read(value)
            except Unreadable:
                flat += unknown
                continue
            flat += unknown if meaning is None else [state(meaning) for state in states]
        return flat

    def _between(self, numbers: FloatArray) -> StateArray:
        out = np.empty((len(numbers), self.width), dtype=np.int8)
        for i, ends in enumerate(self._ends):
            assert ends is not None, "the caller has asked"
            out[:, i] = (numbers >= ends[0]) & (numbers <= ends[1])
        out[np.isnan(numbers)] = UNKNOWN
        return out.ravel()


def column_about(name: str, leads: Leads) -> Column:
    """Return the column of leads that a subject looks at."""
    if name == CHANNEL:
        return leads.channel
    return leads.source if name == SOURCE else leads.attribute(name)


def encoder_named(name: str, implied: AttributeType, space: FeatureSpace | None) -> Encoder:
    """Return what reads an attribute's values.

    The model's own encoder where it has the attribute, so that empty words and aliases are
    the same; else one of the type that a condition implies.
    """
    if space is not None:
        try:
            return space.encoder(name)
        except KeyError:
            pass
    nothing = Column([], np.zeros(0, dtype=np.int32))
    return learn_encoder(AttributeSpec(name, implied), nothing)


def can_read(condition: Condition, type_: str) -> bool:
    """Return whether a condition makes sense for values of a type.

    Examples
    --------
    >>> can_read(Condition("employees", "at_least", (5.0,)), "text")
    False
    """
    return type_ in READABLE[condition.test]


def state_of(condition: Condition, encoder: Encoder) -> tuple[State, Ends | None]:
    """Return how a value that an encoder has read is judged.

    Where the condition is a range of numbers, its ends are returned as well.
    """
    test = condition.test
    if test in ("between", "at_least", "at_most"):
        ends = _ends(condition)
        return _in_range(*ends), ends
    wanted = _meant(condition, encoder)
    if test == "mail":
        return _mail_state(wanted, strict=condition.country is None), None
    if test == "is":
        return _yes_or_no(bool(condition.wanted[0])), None
    if test == "domain_one_of":
        return _domain_state(frozenset(map(str, wanted))), None
    return partial(_MEETS[test, encoder.type], wanted), None


def _meant(condition: Condition, encoder: Encoder) -> frozenset[Any]:
    """Return the wanted values as the encoder reads them, its aliases resolved."""
    if condition.test not in ("one_of", "contains") or encoder.type == "number":
        return frozenset(condition.wanted)
    found: set[Any] = set()
    for value in condition.wanted:
        meaning = encoder.read(value)
        found |= {meaning} if isinstance(meaning, str) else set(meaning or ())
    return frozenset(found)


def _ends(condition: Condition) -> Ends:
    first = float(condition.wanted[0])
    if condition.test == "between":
        return first, float(condition.wanted[1])
    return (first, np.inf) if condition.test == "at_least" else (-np.inf, first)


def _in_range(low: float, high: float) -> State:
    return lambda number: MET if low <= number <= high else NOT_MET


def _yes_or_no(wanted: bool) -> State:
    def state(meaning: Any) -> int:
        word = canonical(meaning) or ""
        if word not in YES and word not in NO:
            return UNKNOWN
        return MET if (word in YES) is wanted else NOT_MET

    return state


def _mail_state(wanted: frozenset[str], *, strict: bool) -> State:
    """Return the state of an address: met, not met, or "depends on being in that country"."""
    at_home = bool(wanted & {"regional", "business"})
    abroad = bool(wanted & {"regional", "free"})

    tests, roles = "test" in wanted, "role" in wanted

    def state(mail: Glimpse) -> int:
        domain, kind, role, test = mail
        if (test and tests) or (role and roles):
            return MET
        if kind != "regional":
            return MET if kind in wanted else NOT_MET
        home = home_of_domain(domain)
        if strict or at_home == abroad or home not in HOMES:
            return MET if at_home else NOT_MET
        return FIRST_HOME + HOMES.index(home)

    return state


def mail_states(condition: Condition) -> tuple[int, int]:
    """Return what an address that depends on the country is at home and abroad."""
    wanted = set(condition.wanted)
    return int(bool(wanted & {"regional", "business"})), int(bool(wanted & {"regional", "free"}))


def home_state(country: Any) -> int:
    """Return the state of a country: one of the homes of free mail, or none of them.

    Examples
    --------
    >>> home_state("CN"), home_state("DE")
    (2, 5)
    """
    code = country_names().get(str(country).casefold(), country)
    return FIRST_HOME + HOMES.index(code) if code in HOMES else ABROAD


def _one_of(wanted: frozenset[str], word: Any) -> int:
    return MET if word in wanted else NOT_MET


def _number_one_of(wanted: frozenset[str], number: float) -> int:
    return MET if canonical(number) in wanted else NOT_MET


def _country_named(wanted: frozenset[str], word: str) -> int:
    return MET if country_names().get(word, word) in wanted else NOT_MET


def _domain_state(wanted: frozenset[str]) -> State:
    ends = tuple(f".{domain}" for domain in sorted(wanted))  # a.b.example belongs to b.example

    def state(mail: Glimpse) -> int:
        domain = mail[0]
        if not domain:
            return UNKNOWN
        return MET if domain in wanted or domain.endswith(ends) else NOT_MET

    return state


def _seniority(wanted: frozenset[str], title: Title) -> int:
    if title.rank < 0:
        return UNKNOWN
    return MET if str(title.rank) in wanted else NOT_MET


def _department(wanted: frozenset[str], title: Title) -> int:
    if not title.department:
        return UNKNOWN
    return MET if title.department in wanted else NOT_MET


def _contains(wanted: frozenset[str], tags: tuple[str, ...]) -> int:
    return NOT_MET if wanted.isdisjoint(tags) else MET


_MEETS: Mapping[tuple[str, str], Callable[[frozenset[Any], Any], int]] = {
    ("one_of", "category"): _one_of,
    ("one_of", "number"): _number_one_of,
    ("country_one_of", "country"): _one_of,
    ("country_one_of", "category"): _country_named,
    ("seniority_one_of", "job_title"): _seniority,
    ("department_one_of", "job_title"): _department,
    ("contains", "tags"): _contains,
}
