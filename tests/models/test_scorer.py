"""Promises of the scorer."""

import dataclasses
from threading import Semaphore

import lightgbm
import numpy as np
import pytest

from features.activities.table import Activities
from features.errors import BundleError
from features.leads import Leads
from features.records import assemble
from models.bundle.bundle import Bundle
from models.scorer import ROWS_AT_ONCE, Scored, Scorer, check_golden
from tests.factories import make_bundle, make_record


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return make_bundle(n_leads=800, trees=30)


@pytest.fixture(scope="module")
def scorer(bundle: Bundle) -> Scorer:
    return Scorer(bundle)


def score(scorer: Scorer, n: int = 60) -> Scored:
    return scorer.score(*assemble([make_record(i) for i in range(n)]))


def test_a_lead_alone_gets_the_bits_of_a_lead_in_a_batch(scorer: Scorer) -> None:
    together = score(scorer)
    assert together.explained is not None
    for i in (0, 17, 59):
        alone = scorer.score(*assemble([make_record(i)]))
        assert alone.explained is not None
        assert alone.probability[0] == together.probability[i]
        assert np.array_equal(alone.explained.points[0], together.explained.points[i])


@pytest.mark.parametrize("basis", ["model", "rates"])
def test_the_ledger_adds_up_to_the_score_before_rounding(basis: str) -> None:
    scorer = Scorer(make_bundle(n_leads=400, basis="rates" if basis == "rates" else "model"))
    scored = score(scorer)
    assert scored.explained is not None
    odds = scored.probability / (1.0 - scored.probability)
    anchor = scorer.manifest.anchor / (1.0 - scorer.manifest.anchor)
    expected = np.clip(50.0 + 10.0 * np.log2(odds / anchor), 0.0, 100.0)
    assert np.allclose(scored.explained.ledger.total(), expected, rtol=0.0, atol=1e-6)
    assert np.array_equal(scored.score, np.rint(expected))


def test_the_ledger_holds_every_reason(scorer: Scorer) -> None:
    scored = score(scorer)
    assert scored.explained is not None
    ledger = scored.explained.ledger
    families = sum(getattr(ledger, name) for name in ("fit", "intent", "channel", "timing"))
    points = scored.explained.points.sum(axis=1)
    assert np.allclose(families + ledger.quality, points, rtol=0.0, atol=1e-9)


def test_the_probability_is_the_calibrated_one_of_lightgbm(bundle: Bundle, scorer: Scorer) -> None:
    scored = score(scorer)
    booster = lightgbm.Booster(model_str=bundle.model_text)
    margin = np.asarray(booster.predict(scored.matrix.values, raw_score=True))
    assert np.array_equal(scored.probability, 1.0 / (1.0 + np.exp(-(0.9 * margin - 0.1))))


def test_parts_are_the_whole(scorer: Scorer) -> None:
    n = ROWS_AT_ONCE + 7
    leads, activities = assemble([make_record(i % 50) for i in range(50)])
    rows = np.arange(n) % 50
    many = leads.take(rows), activities.take(rows)
    whole = scorer.score(*many, explain=False).probability
    parts = list(scorer.score_in_parts(*many, workers=2))
    assert np.array_equal(np.concatenate([p.probability for _, p in parts]), whole)
    assert np.array_equal(np.concatenate([rows for rows, _ in parts]), np.arange(n))


class Counting(Scorer):
    """Counts the parts that were begun."""

    def __init__(self, bundle: Bundle) -> None:
        super().__init__(bundle)
        self.begun = Semaphore(0)

    def score(self, leads: Leads, activities: Activities, *, explain: bool = True) -> Scored:
        self.begun.release()
        return super().score(leads, activities, explain=explain)


def test_the_next_parts_are_scored_while_the_caller_looks_at_one(bundle: Bundle) -> None:
    leads, activities = assemble([make_record(0)])
    rows = np.zeros(4 * ROWS_AT_ONCE, dtype=np.int64)
    scorer = Counting(bundle)
    parts = scorer.score_in_parts(leads.take(rows), activities.take(rows), workers=2)
    next(parts)
    assert all(scorer.begun.acquire(timeout=30) for _ in range(3))
    assert not scorer.begun.acquire(blocking=False)  # and no more than can be under way
    assert sum(1 for _ in parts) == 3


def test_rates_answer_by_channel_alone() -> None:
    scorer = Scorer(make_bundle(n_leads=400, basis="rates"))
    scored = score(scorer)
    assert scored.explained is not None
    assert np.allclose(scored.probability, 0.1)
    assert np.count_nonzero(scored.explained.points[:, 1:]) == 0
    assert scorer.manifest.basis == "rates"


def test_reasons_are_the_strongest_contributions_in_both_languages(scorer: Scorer) -> None:
    leads, activities = assemble([make_record(3)])
    scored = scorer.score(leads, activities)
    reasons = scorer.reasons(scored, leads, 0, top=4)
    assert scored.explained is not None
    strongest = np.sort(np.abs(scored.explained.points[0]))[::-1][:4]
    assert [abs(reason.points) for reason in reasons] == pytest.approx(strongest)
    chinese = scorer.reasons(scored, leads, 0, language="zh", top=4)
    assert [r.about for r in chinese] == [r.about for r in reasons]
    assert all(a.text != b.text for a, b in zip(chinese, reasons, strict=True))


def test_reasons_need_an_explanation(scorer: Scorer) -> None:
    leads, activities = assemble([make_record(3)])
    scored = scorer.score(leads, activities, explain=False)
    with pytest.raises(ValueError, match="explain=True"):
        scorer.reasons(scored, leads, 0)


def test_importances_name_everything_once_the_strongest_first(scorer: Scorer) -> None:
    found = scorer.importances()
    points = [float(entry["mean_points"]) for entry in found]
    assert sorted(points, reverse=True) == points
    assert {entry["about"] for entry in found} == {about.name for about in scorer.space.abouts}
    assert sum(float(entry["gain"]) for entry in found) == pytest.approx(1.0)


def test_golden_leads_are_reproduced(scorer: Scorer) -> None:
    assert len(scorer.bundle.golden.leads) == 3
    check_golden(scorer)


@pytest.mark.parametrize("processor", [None, "another"])
def test_a_golden_lead_that_comes_out_differently_is_refused(
    bundle: Bundle, processor: str | None
) -> None:
    golden = bundle.golden
    first = dataclasses.replace(golden.leads[0], probability=golden.leads[0].probability + 1e-9)
    changed = dataclasses.replace(
        golden, leads=(first, *golden.leads[1:]), processor=processor or golden.processor
    )
    with pytest.raises(BundleError, match="golden lead 1 of 3 comes out differently"):
        check_golden(Scorer(dataclasses.replace(bundle, golden=changed)))


def test_a_golden_lead_with_another_score_is_refused(bundle: Bundle) -> None:
    first = dataclasses.replace(bundle.golden.leads[0], score=bundle.golden.leads[0].score + 1)
    changed = dataclasses.replace(bundle.golden, leads=(first,))
    with pytest.raises(BundleError, match="golden lead 1 of 1 comes out differently"):
        check_golden(Scorer(dataclasses.replace(bundle, golden=changed)))


def test_another_processor_may_differ_in_the_last_bits(bundle: Bundle) -> None:
    golden = bundle.golden
    first = dataclasses.replace(golden.leads[0], probability=golden.leads[0].probability + 1e-15)
    changed = dataclasses.replace(golden, leads=(first,), processor="another")
    check_golden(Scorer(dataclasses.replace(bundle, golden=changed)))


def test_a_model_of_other_features_is_refused(bundle: Bundle) -> None:
    other = make_bundle(n_leads=400, n_attributes=5)
    with pytest.raises(BundleError, match=r"model\.txt has \d+ features, manifest\.json \d+"):
        Scorer(dataclasses.replace(bundle, model_text=other.model_text))
