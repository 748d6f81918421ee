import json

import numpy as np
import pytest

from features.arrays import FloatArray
from features.errors import BundleError
from models.explain.evidence import EvidenceTable, wilson_interval


def _past(n: int, seed: int = 0) -> tuple[FloatArray, FloatArray]:
    rng = np.random.default_rng(seed)
    probability = rng.beta(1.0, 12.0, n)
    return probability, (rng.random(n) < probability).astype(float)


@pytest.mark.parametrize(("n", "most"), [(50, 1), (250, 2), (1000, 10), (10_000, 20)])
def test_bins_hold_a_hundred_leads_or_a_twentieth(n: int, most: int) -> None:
    table = EvidenceTable.build(*_past(n))
    assert 1 <= len(table.similar) <= most
    assert table.similar.min() >= min(n, max(100, n // 20) - 1)
    assert table.similar.sum() == n


def test_every_bin_has_won_and_lost_leads() -> None:
    probability, won = _past(5000)
    table = EvidenceTable.build(probability, won)
    assert (table.won > 0).all()
    assert (table.won < table.similar).all()
    assert table.won.sum() == won.sum()
    assert len(table.similar) > 5


def test_leads_of_one_outcome_are_one_bin() -> None:
    table = EvidenceTable.build(np.linspace(0, 1, 1000), np.zeros(1000))
    assert table.similar.tolist() == [1000]
    assert table.won.tolist() == [0]


def test_a_lead_is_among_the_leads_of_its_bin() -> None:
    probability, won = _past(3000)
    table = EvidenceTable.build(probability, won)
    evidence = table.look_up(probability)
    bins = list(zip(table.similar.tolist(), table.won.tolist(), strict=True))
    for n, n_won in set(bins):
        mine = (evidence.similar == n) & (evidence.won == n_won)
        assert mine.sum() == n * bins.count((n, n_won))
        assert won[mine].sum() == n_won * bins.count((n, n_won))


def test_equal_probabilities_have_equal_evidence() -> None:
    rng = np.random.default_rng(1)
    probability = rng.choice([0.1, 0.2, 0.5], 2000)
    table = EvidenceTable.build(probability, (rng.random(2000) < probability).astype(float))
    sizes = [int((probability == p).sum()) for p in (0.1, 0.2, 0.5)]
    assert table.look_up(np.array([0.1, 0.2, 0.5])).similar.tolist() == sizes


def test_probabilities_outside_those_seen_have_the_outermost_evidence() -> None:
    table = EvidenceTable.build(*_past(2000))
    evidence = table.look_up(np.array([0.0, 1.0]))
    assert evidence.similar.tolist() == [table.similar[0], table.similar[-1]]


def test_no_past_leads_are_no_evidence() -> None:
    evidence = EvidenceTable.build(np.zeros(0), np.zeros(0)).look_up(np.array([0.3]))
    assert (evidence.similar[0], evidence.won[0], evidence.low[0], evidence.high[0]) == (0, 0, 0, 1)


def test_the_interval_is_where_the_share_is_196_deviations_away() -> None:
    won, n = np.array([0, 3, 77, 100]), np.array([10, 20, 412, 100])
    share = won / n
    for end in wilson_interval(won, n):
        inside = (end > 0) & (end < 1)
        deviations = np.abs(share - end)[inside] / np.sqrt(end * (1 - end) / n)[inside]
        np.testing.assert_allclose(deviations, 1.959963984540054, rtol=1e-9)
    low, high = wilson_interval(won, n)
    assert ((low <= share) & (share <= high)).all()


def test_a_table_comes_back_from_json_to_the_bit() -> None:
    table = EvidenceTable.build(*_past(2000))
    again = EvidenceTable.from_json(json.loads(json.dumps(table.to_json())))
    for name in ("edges", "similar", "won", "low", "high"):
        assert np.array_equal(getattr(again, name), getattr(table, name))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"edges": [0.5]}, "cannot be read"),
        ({"edges": [0.5], "similar": [1], "won": [0]}, "does not fit together"),
        ({"edges": [0.5, 0.4], "similar": [1, 1, 1], "won": [0, 0, 0]}, "does not fit"),
        ({"edges": [], "similar": [1], "won": [2]}, "does not fit together"),
    ],
)
def test_a_damaged_table_is_refused(data: dict[str, object], message: str) -> None:
    with pytest.raises(BundleError, match=message):
        EvidenceTable.from_json(data)
