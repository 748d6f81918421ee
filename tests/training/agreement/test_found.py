"""Promises of what is proposed: it names what matters, and not what does not."""

import numpy as np

from tests.training.agreement.invented import invented
from training.agreement.found import FALSE_DISCOVERIES, find
from training.agreement.proposal import is_explicit, is_inquiry, propose
from training.agreement.trait import Trait, joined

SEEDS = range(30)


def test_noise_is_proposed_no_more_often_than_is_said() -> None:
    proposed = [bool(_names(invented(seed))) for seed in SEEDS]
    # 30 draws at 0.1: six or fewer in 97 of 100 cases
    assert sum(proposed) <= 6


def test_of_what_is_proposed_no_larger_share_is_noise_than_is_said() -> None:
    shares = []
    for seed in SEEDS:
        names = _names(invented(seed, signal=True))
        false = [name for name in names if name.startswith(("noise", "size", "channel", "mail"))]
        shares.append(len(false) / len(names) if names else 0.0)
    assert np.mean(shares) <= FALSE_DISCOVERIES + 0.03


def test_what_matters_is_found() -> None:
    for seed in range(5):
        found = find(invented(seed, signal=True), 50.0)
        assert found.better[0].trait.about == "trade"
        assert found.better[0].trait.value == ["t1"]
        assert found.deeds[0].deed.kind == "demo"


def test_a_proposal_is_made_of_what_was_found() -> None:
    past = invented(1, signal=True)
    found = propose(past, find(past, 50.0))
    assert [one.found.trait.about for one in found.criteria] == ["trade"]
    assert found.criteria[0].weight >= 1
    assert found.grades is not None
    assert list(found.grades.bounds) == sorted(found.grades.bounds, reverse=True)
    assert sum(found.grades.leads) == past.leads.n_leads
    explicit = [one for one in found.signals if one.explicit]
    assert len(explicit) == 1


def test_neighbouring_ranges_become_one_and_others_stay_apart() -> None:
    def ranged(low: float, high: float, rows: list[int]) -> Trait:
        has = np.isin(np.arange(6), rows)
        return Trait("size", "between", (low, high), has, np.ones(6, dtype=bool))

    found = joined([ranged(30, np.inf, [5]), ranged(1, 5, [0]), ranged(5, 10, [1, 2])])
    assert [one.value for one in found] == [(1, 10), (30, np.inf)]
    assert found[0].has.tolist() == [True] * 3 + [False] * 3


def test_names_of_activities_tell_what_they_are() -> None:
    assert [is_explicit(kind) for kind in ("demo_request", "Pricing page", "申请试用")] == [
        True
    ] * 3
    assert not any(is_explicit(kind) for kind in ("page_view", "email_open"))
    assert is_inquiry("form_submit")
    assert not is_inquiry("unsubscribe_form")


def _names(past: object) -> list[str]:
    found = find(past, 50.0)  # type: ignore[arg-type]
    return [
        *(one.trait.about for one in found.better),
        *(one.trait.about for one in found.worse),
        *(one.deed.kind for one in found.deeds),
    ]
