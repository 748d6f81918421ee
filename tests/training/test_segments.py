from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from features.activities.spec import ActivitySpec
from features.arrays import FloatArray
from features.attributes.spec import AttributeSpec
from features.column import column_of
from features.records import LeadRecord, assemble
from features.space import FeatureSpace
from models.score.points import logit, probability_of
from tests.training.segments import LANDS, segmented
from training.choice import RATES, Choice
from training.choose import Chooser, run_choice
from training.config import Boosting, Choosing, Splines, TrainingConfig
from training.evaluate.metrics import row_log_loss
from training.learners.blend import ChoiceLearner
from training.learners.rates import RateLearner, Rates
from training.split import Origin
from training.table import Segment, Table, segment_of

CONFIG = TrainingConfig(
    threads=1,
    boosting=Boosting(most_trees=30),
    splines=Splines(strengths=(0.01,), half_lives=()),
    choosing=Choosing(trials=1, search_rows=500),
)
PRIOR_ROWS = 50.0


def origins(table: Table, n: int = 3) -> list[Origin]:
    """Return rolling origins over the second half of rows in time order."""
    edges = np.linspace(0.5, 1.0, n + 1) * table.n_rows
    return [
        Origin(float(start), np.arange(int(start)), np.arange(int(start), int(end)), 0, 0)
        for start, end in pairwise(edges)
    ]


def losses(table: Table) -> tuple[float, float, dict[str, float]]:
    """Return the log loss on the newest fifth without and with segments, and the offsets."""
    first, last = np.arange(int(0.8 * table.n_rows)), np.arange(int(0.8 * table.n_rows), 4000)
    known = table.take(first)
    procedure = run_choice(known, first, origins(known), CONFIG)
    later = table.take(last)
    without = replace(procedure, segments=None).probability(later)
    within = procedure.probability(later)
    assert procedure.segments is not None
    before, after = (float(row_log_loss(p, later.target).mean()) for p in (without, within))
    return before, after, dict(procedure.segments.offsets)


def test_segments_that_differ_get_their_own_level_and_predict_better() -> None:
    table, _ = segmented((1.0, -1.0, 0.0, 0.0))
    before, after, offsets = losses(table)
    assert offsets["DE"] > 0.3 > -0.3 > offsets["FR"]
    assert after < before - 0.01


@pytest.mark.parametrize("seed", range(3))
def test_segments_that_do_not_differ_change_nothing(seed: int) -> None:
    table, _ = segmented((0.0, 0.0, 0.0, 0.0), seed=seed)
    before, after, offsets = losses(table)
    assert after == pytest.approx(before, abs=1e-3)
    assert all(abs(offset) < 0.1 for offset in offsets.values())


def test_rates_of_segments_are_shrunk_to_that_of_all_by_their_leads() -> None:
    table, _ = segmented((1.5, -1.5), n=1000, strength=0.0)
    table = replace(table, channel_name=(None, None, None))
    fit = RateLearner(by_channel=True, prior_rows=PRIOR_ROWS).fit(table, 0)
    assert fit.offsets is not None
    base = float(table.target.mean())
    names = np.array([name or "" for name in _names(table)])
    for part in fit.offsets.parts:
        won = table.target[names == part.name]
        # One Newton step of the segment's own level, as if 50 more leads had the rate of all.
        step = (won.sum() - len(won) * base) / (len(won) * base * (1.0 - base))
        weight = len(won) / (len(won) + PRIOR_ROWS)
        assert part.weight == pytest.approx(weight)
        assert part.offset == pytest.approx(weight * step)
    margin = fit.margin(table)
    offsets = {part.name: part.offset for part in fit.offsets.parts}
    assert margin == pytest.approx([logit(base) + offsets[str(name)] for name in names])


def test_rates_of_segments_that_do_not_differ_cost_next_to_nothing() -> None:
    lost = []
    for seed in range(20):
        table, z = segmented((0.0,) * 4, n=500, seed=seed, strength=0.0)
        fit = RateLearner(by_channel=True, prior_rows=PRIOR_ROWS).fit(table, 0)
        within = fit.margin(table)
        truth = probability_of(z)
        without = fit.rates.margin(table.named_channel())
        lost.append((expected_loss(within, truth) - expected_loss(without, truth)).mean())
    assert np.mean(lost) < 0.001


def expected_loss(z: FloatArray, truth: FloatArray) -> FloatArray:
    """Return the log loss that is to be expected of log-odds, by the true probability."""
    return np.logaddexp(0.0, z) - truth * z


def test_leads_of_no_known_segment_have_the_rate_of_all() -> None:
    table, _ = segmented((1.0, -1.0, 0.5, 2.0), n=1000)
    fit = RateLearner(by_channel=True, prior_rows=PRIOR_ROWS).fit(table, 0)
    assert table.segment is not None
    nothing = Segment("land", column_of([None] * table.n_rows))
    unknown = replace(table, segment=nothing)
    plain = fit.rates.margin(table.named_channel())
    assert fit.margin(unknown) == pytest.approx(plain)
    missing = np.array(_names(table)) == None  # noqa: E711 - elementwise
    assert fit.margin(table)[missing] == pytest.approx(plain[missing])
    assert not np.allclose(fit.margin(table)[~missing], plain[~missing])


def test_rates_by_segment_take_the_place_of_no_model() -> None:
    table, _ = segmented((1.0, -1.0, 0.5, 2.0), n=1000)
    plain = replace(table, segment=None)
    first = np.arange(1000)
    within, without = (Chooser(one, origins(one), CONFIG).candidates()[0] for one in (table, plain))
    assert within.margin.tolist() == without.margin.tolist()
    fit = ChoiceLearner(Choice(RATES), CONFIG).fit(table.take(first), 0)
    assert isinstance(fit, Rates)
    assert fit.segments is None


def test_the_base_rate_knows_no_segments() -> None:
    table, _ = segmented((1.0, -1.0))
    margin = RateLearner(by_channel=False, prior_rows=PRIOR_ROWS).fit(table, 0).margin(table)
    assert len(np.unique(margin)) == 1


def test_segments_are_named_as_training_knows_them_and_rare_ones_not_at_all() -> None:
    words = ["Pro"] * 30 + [" pro "] * 5 + ["Basic"] * 20 + ["Rare"] * 3 + [None]
    records = [
        LeadRecord(f"L-{i}", 0, 0, "web", "mail", 1, {"line": word}, ())
        for i, word in enumerate(words)
    ]
    leads, activities = assemble(records)
    spec = AttributeSpec("line", "category")
    space = FeatureSpace.fit(leads, activities, [spec], ActivitySpec())
    found = segment_of("line", leads, space)
    assert found.names() == ["pro"] * 35 + ["basic"] * 20 + [None] * 4
    assert set(segment_of("source", leads, space).names()) == {"mail"}


def _names(table: Table) -> list[str | None]:
    assert table.segment is not None
    assert set(table.segment.names()) <= set(LANDS)
    return table.segment.names()
