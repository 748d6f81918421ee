"""Injected changes are noticed in time, and nothing is alarmed about otherwise."""

from collections.abc import Callable

import numpy as np
import pytest

from features.arrays import FloatArray
from features.column import Column
from features.moment import DAY
from models.monitor.budget import Budget
from models.monitor.estimated import estimate, estimated_auc
from models.monitor.inputs import check_emptied, check_inputs, check_scores
from models.monitor.monitor import monitor
from models.monitor.observed import Observed
from models.monitor.outcomes import check_concept, check_early
from models.monitor.promises import Kept, at_most, check_promises
from models.monitor.reference import Reference
from models.monitor.verdict import Verdict
from tests.models.monitor.drawn import (
    HORIZON,
    joined,
    make_observed,
    make_reference,
)

BUDGET = Budget()
BEFORE = 2000


@pytest.fixture(scope="module")
def reference() -> Reference:
    return make_reference()


def alarms_of_a_month(reference: Reference, seed: int, days: int = 30) -> set[tuple[str, object]]:
    """Return what is alarmed about by looking daily at a world that stays as it is."""
    observed = make_observed(6000, seed)
    last = int(observed.at[-1])
    return {
        (one.check, one.subject)
        for day in range(days)
        for one in monitor(reference, observed, last - day * DAY).verdicts
        if one.state != "fine"
    }


def alarmed(found: list[Verdict], check: str, subject: str | None = None) -> bool:
    return any(
        one.state != "fine" and (one.check, one.subject) == (check, subject) for one in found
    )


def after(changed: Observed, leads: int) -> tuple[Observed, int]:
    """Return usual leads followed by some changed ones, and when the last came."""
    observed = joined(make_observed(BEFORE, 50), changed.take(np.arange(leads)))
    return observed, int(observed.at[-1])


def test_nothing_is_alarmed_about_while_nothing_changes(reference: Reference) -> None:
    assert alarms_of_a_month(reference, 0, days=6) == set()


@pytest.mark.prove
def test_at_most_one_false_alarm_in_a_month_in_19_of_20_seeds() -> None:
    counts = [len(alarms_of_a_month(make_reference(seed=s), 100 + s)) for s in range(20)]
    assert sum(count <= 1 for count in counts) >= 19


@pytest.mark.parametrize("share", [1.0, 0.6])
def test_an_emptied_field_is_noticed_within_500_leads(reference: Reference, share: float) -> None:
    known = 1.0 - share
    industry = (0.5 * known, 0.3 * known, 0.2 * known, share)
    observed, now = after(make_observed(500, 60, industry=industry), 100)
    found = check_emptied(reference, observed, BUDGET, now)
    assert alarmed(found, "emptied", "industry")
    assert not alarmed(found, "emptied", "size")


def test_a_changed_channel_mix_is_noticed_within_1000_leads(reference: Reference) -> None:
    observed, _ = after(make_observed(1000, 61, shares=(0.25, 0.2, 0.1, 0.45)), 1000)
    found = check_inputs(reference, observed, BUDGET)
    assert [one.state for one in found if one.subject == "channel"] == ["act"]
    assert not alarmed(found, "inputs", "industry")


def turned(probability: FloatArray) -> FloatArray:
    rank = np.argsort(np.argsort(probability))
    found: FloatArray = np.sort(probability)[::-1][rank]
    return found


@pytest.mark.parametrize("seed", [62, 63, 64])
@pytest.mark.parametrize("truth", [turned, lambda p: np.minimum(3 * p, 0.9), lambda p: p / 10])
def test_a_changed_concept_is_noticed_within_300_matured_leads(
    reference: Reference, truth: Callable[[FloatArray], FloatArray], seed: int
) -> None:
    observed, now = after(make_observed(300, seed, truth=truth), 300)
    found = check_concept(reference, observed, BUDGET, now + HORIZON * DAY)
    assert alarmed(found, "concept")


def test_a_channel_that_no_longer_converts_is_named_with_what_to_do(reference: Reference) -> None:
    usual = make_observed(4000, 65)
    channel = usual.fields["channel"]
    linked = np.array(channel.rows()) == "LinkedIn"
    keep = np.flatnonzero(~linked | (usual.won_at < 0) | (np.arange(4000) % 10 == 0))
    observed = usual.take(keep)
    found = check_concept(reference, observed, BUDGET, int(observed.at[-1]) + HORIZON * DAY)
    told = [one.sentence() for one in found if one.state == "act" and one.check == "channel"]
    assert len(told) == 1
    assert told[0].startswith("LinkedIn leads convert at ")
    assert told[0].endswith(": retrain")


def test_a_renamed_value_is_a_new_category(reference: Reference) -> None:
    observed, _ = after(make_observed(1000, 66), 1000)
    industry = observed.fields["industry"]
    renamed = ["IT" if value == "Software" else value for value in industry.values]
    fields = {**observed.fields, "industry": Column(renamed, industry.codes)}
    changed = Observed(observed.at, fields, observed.probability, observed.won_at, observed.closed)
    found = check_inputs(reference, changed, BUDGET)
    assert alarmed(found, "categories", "industry")


def test_moved_scores_are_noticed(reference: Reference) -> None:
    usual = make_observed(1500, 67)
    doubled = np.minimum(2 * usual.probability, 0.9)
    moved = Observed(usual.at, usual.fields, doubled, usual.won_at, usual.closed)
    assert alarmed(check_scores(reference, moved, BUDGET), "scores")


def test_too_few_leads_are_never_compared(reference: Reference) -> None:
    strange = make_observed(30, 68, shares=(0.0, 0.0, 0.0, 1.0))
    found = check_inputs(reference, strange, BUDGET) + check_scores(reference, strange, BUDGET)
    assert {one.state for one in found} == {"fine"}


def test_wins_that_do_not_come_are_seen_before_the_horizon_is_over(reference: Reference) -> None:
    usual, gone = make_observed(2400, 69), make_observed(2400, 69, truth=lambda p: 0.0 * p)
    now = int(usual.at[-1])
    assert not alarmed(check_early(reference, usual.until(now), BUDGET, now), "early")
    assert alarmed(check_early(reference, gone.until(now), BUDGET, now), "early")


def test_what_comes_later_is_not_known(reference: Reference) -> None:
    observed = make_observed(2400, 70)
    now = int(observed.at[1500])
    seen = observed.until(now)
    assert seen.n_leads == 1501
    assert seen.won_at.max() <= now


def test_the_estimated_area_is_that_of_drawn_outcomes() -> None:
    observed = make_observed(40_000, 71)
    told = estimate(make_reference(), observed, {"SQL": 0.2}, int(observed.at[-1]) + HORIZON * DAY)[
        "matured"
    ]
    assert told["estimated_auc"] == pytest.approx(estimated_auc(observed.probability))
    assert told["auc"] == pytest.approx(told["estimated_auc"], abs=3 * told["auc_error"])
    line = told["lines"][0]
    assert line["low"] <= line["estimated_precision"] <= line["high"]


def test_the_estimate_knows_nothing_of_a_changed_concept() -> None:
    observed = make_observed(4000, 72, truth=turned)
    now = int(observed.at[-1]) + HORIZON * DAY
    told = estimate(make_reference(), observed, {}, now)["matured"]
    assert told["estimated_auc"] > 0.7
    assert told["auc"] < 0.4


def test_a_broken_promise_is_told_and_chance_is_not() -> None:
    promises = [
        Kept("precision", "SQL", 10, 100, 0.3),
        Kept("precision", "MQL", 28, 100, 0.3),
        Kept("contact", "SQL", 0, 0, 0.9),
        Kept("attempts", "MQL", 1, 10, None),
    ]
    found = check_promises(promises, BUDGET)
    assert [(one.subject, one.state) for one in found] == [("SQL", "act"), ("MQL", "fine")]


def test_the_chance_of_so_few_is_that_of_the_binomial_distribution() -> None:
    assert at_most(0, 3, 0.5) == pytest.approx(0.125)
    assert at_most(3, 3, 0.5) == pytest.approx(1.0)
    assert at_most(2, 3, 1.0) == 0.0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_verdict_is_a_sentence(reference: Reference, language: str) -> None:
    observed, now = after(make_observed(1000, 73, shares=(0.1, 0.2, 0.1, 0.6)), 1000)
    told = monitor(reference, observed, now + 30 * DAY, lines={"SQL": 0.2}).to_json(language)
    assert told["verdict"] == "act"
    assert all(one["says"] and "{" not in one["says"] for one in told["checks"])


def test_all_checks_together_are_expected_to_give_a_tenth_of_a_false_alarm() -> None:
    assert BUDGET.total <= 0.1 + 1e-9
