"""Evidence that warns: what looks as if it came after the outcome, and may be honest."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np

from features.arrays import BoolArray, FloatArray, IntArray
from training.audit.finding import Finding
from training.audit.subject import Outcomes, Subject
from training.evaluate.metrics import Predictions, Ties, roc_auc

PARTS = 5
PRIOR_ROWS = 10.0
FAR = 4.0
"""So many robust deviations above the other columns is far above the rest."""
LEAST_DEVIATION = 0.03
LEAST_POWER = 0.72
MOST_POWER = 0.9
"""A column that alone ranks so well is suspect whatever the others do."""
LEAST_APART = 0.1
SURE = 6.0
"""Standard errors of a difference that no honest column has by chance."""


@dataclass(frozen=True, slots=True)
class ResultWords:
    """Words in names that speak of results."""

    words: frozenset[str]
    phrases: tuple[str, ...]
    parts: tuple[str, ...]

    def within(self, name: str) -> str | None:
        """Return the word of a name that speaks of results, None where there is none.

        Examples
        --------
        >>> result_words().within("Lead Quality")
        'quality'
        >>> result_words().within("qualityControlTeam") is None
        False
        >>> result_words().within("industry") is None
        True
        """
        split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
        plain = " ".join(re.findall(r"\w+", split.replace("_", " "))).casefold()
        for phrase in self.phrases:
            if f" {phrase} " in f" {plain} ":
                return phrase
        for word in plain.split():
            if word in self.words:
                return word
        return next((part for part in self.parts if part in name), None)


def result_words() -> ResultWords:
    """Return the words that the package brings along."""
    data = tomllib.loads(files("training.audit").joinpath("names.toml").read_text("utf-8"))
    return ResultWords(frozenset(data["words"]), tuple(data["phrases"]), tuple(data["parts"]))


def soft_evidence(
    found: Sequence[Subject], outcomes: Outcomes, columns: Mapping[str, str], seed: int
) -> Iterator[Finding]:
    """Yield what looks as if it came after the outcome.

    Parameters
    ----------
    columns : mapping of str to str
        Name in the file of each attribute.
    seed : int
        Of the parts that accounts are put in.
    """
    words = result_words()
    for subject in found:
        yield from _name(subject, columns, words)
        yield from _filledness(subject, outcomes)
    yield from _power(found, outcomes, seed)


def _name(subject: Subject, columns: Mapping[str, str], words: ResultWords) -> Iterator[Finding]:
    for name in dict.fromkeys((subject.name, columns.get(subject.name, subject.name))):
        word = words.within(name)
        if word is not None:
            sentence = f'its name speaks of results ("{word}")'
            yield Finding(subject.name, "soft", "name", sentence)
            return


def _filledness(subject: Subject, outcomes: Outcomes) -> Iterator[Finding]:
    filled, n_ages = subject.filled, int(outcomes.age.max(initial=0)) + 1
    won, lost = _share(filled, outcomes.won), _share(filled, outcomes.lost)
    if _differ(won, lost):
        yield Finding(
            subject.name,
            "soft",
            "filledness by outcome",
            f"it is filled for {won[0]:.0%} of the won leads and {lost[0]:.0%} of the lost ones",
            {"won": won[0], "lost": lost[0]},
        )
    old = _share(filled, outcomes.age < n_ages // 4)
    young = _share(filled, outcomes.age >= n_ages - max(1, n_ages // 10))
    if _differ(old, young) and young[0] < old[0]:
        yield Finding(
            subject.name,
            "soft",
            "filledness by age",
            f"it is filled for {old[0]:.0%} of the oldest leads and {young[0]:.0%} of the youngest",
            {"oldest": old[0], "youngest": young[0]},
        )


def _share(filled: BoolArray, rows: BoolArray) -> tuple[float, int]:
    n = int(rows.sum())
    return (float((filled & rows).sum()) / n if n else 0.0), n


def _differ(one: tuple[float, int], other: tuple[float, int]) -> bool:
    (p, n), (q, m) = one, other
    if not n or not m or abs(p - q) < LEAST_APART:
        return False
    both = (p * n + q * m) / (n + m)
    error = float(np.sqrt(max(both * (1.0 - both), 1e-12) * (1.0 / n + 1.0 / m)))
    return abs(p - q) > SURE * error


def _power(found: Sequence[Subject], outcomes: Outcomes, seed: int) -> Iterator[Finding]:
    powers = [power(subject.code, outcomes, seed) for subject in found]
    for i, (subject, own) in enumerate(zip(found, powers, strict=True)):
        others = np.array([0.5, *powers[:i], *powers[i + 1 :]])
        middle = float(np.median(others))
        spread = 1.4826 * float(np.median(np.abs(others - middle)))
        far = own > middle + FAR * max(spread, LEAST_DEVIATION) and own > LEAST_POWER
        if far or own > MOST_POWER:
            yield Finding(
                subject.name,
                "soft",
                "power",
                f"alone it ranks won before lost leads with a ROC AUC of {own:.2f}; the middle "
                f"of the other columns is {middle:.2f}",
                {"roc_auc": own, "others": middle},
            )


def power(code: IntArray, outcomes: Outcomes, seed: int) -> float:
    """Return the ROC AUC of closed leads by the rate of their value in other accounts."""
    closed = outcomes.closed
    place = code[closed] + 1
    target = outcomes.won[closed].astype(np.float64)
    if not len(target) or target.min() == target.max():
        return 0.5
    _, account = np.unique(outcomes.group[closed], return_inverse=True)
    part = np.random.default_rng(seed).permutation(int(account.max()) + 1)[account] % PARTS
    rate: FloatArray = np.zeros(len(target))
    width = int(place.max()) + 1
    for fold in range(PARTS):
        here, rest = part == fold, part != fold
        base = float(target[rest].mean()) if rest.any() else 0.5
        rows = np.bincount(place[rest], minlength=width)
        won = np.bincount(place[rest], weights=target[rest], minlength=width)
        rate[here] = ((won + PRIOR_ROWS * base) / (rows + PRIOR_ROWS))[place[here]] - base
    return roc_auc(Ties.of(Predictions.of(rate, target), np.ones(len(target))))
