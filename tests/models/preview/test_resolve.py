"""Promises of resolved lines."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from features.errors import AgreementError
from models.agreement.lines import Lines
from models.bundle.reference import CALIBRATION, TEST
from models.preview.entry import MQL, SQL, entries
from models.preview.looked import looked_at
from models.preview.outlook import Labelled
from models.preview.resolve import lines_for, resolve, stored_lines
from models.preview.resolved import ResolvedLines
from tests.factories import make_bundle
from tests.models.preview.past import past_leads, record, with_rules, without_rules

TEN = np.arange(1, 11) / 20.0


def halves(probability: np.ndarray, won: np.ndarray) -> object:
    return past_leads(np.tile(probability, 2), np.tile(won, 2), slice_of=None)


def test_probability_and_lift_need_no_past_leads() -> None:
    agreement = without_rules(("lift", 2.0), ("probability", 0.4))
    found = resolve(agreement, past_leads([], []), 0.05)
    assert found.lines == Lines(0.1, 0.4)


def test_capacity_is_the_probability_of_the_last_lead_that_has_room() -> None:
    # ten leads in ten weeks: 0.2 a week are two SQL, 0.3 a week are the three MQL after them
    past = past_leads(np.tile(TEN, 2), np.zeros(20), slice_of=None)
    agreement = without_rules(("capacity_per_week", 0.3), ("capacity_per_week", 0.2))
    found = resolve(agreement, past, 0.05)
    assert found.lines == Lines(TEN[5], TEN[8])
    mql, sql = found.resolved
    assert (mql.calibration.per_week, sql.calibration.per_week) == (0.3, 0.2)
    assert (mql.label, mql.segment, mql.agreed.value) == ("MQL", None, 0.3)


@given(
    st.lists(st.sampled_from([0.02, 0.1, 0.2, 0.35]), min_size=20, max_size=60),
    st.integers(1, 8),
    st.integers(1, 8),
)
def test_capacity_is_reached_exactly_with_ties_too(
    probability: list[float], n_sql: int, n_mql: int
) -> None:
    past = past_leads(probability, np.zeros(len(probability)))
    agreement = without_rules(
        ("capacity_per_week", n_mql / 10.0), ("capacity_per_week", n_sql / 10.0)
    )
    looked = looked_at(past, CALIBRATION)
    lines = None
    with suppress(AgreementError):  # where MQL are so few that their line is over that of SQL
        lines = resolve(agreement, past, 0.05).lines
    assume(lines is not None)
    assert lines is not None
    label = Labelled.of(looked, agreement, lines).label
    assert len(entries(label, looked.lead, SQL)) == n_sql
    assert len(entries(label, looked.lead, MQL)) == n_mql


def test_a_lead_looked_at_often_counts_once_and_when_first_over_the_line() -> None:
    probability = [0.1, 0.5, 0.6, 0.2, 0.1]
    won = [1, 0, 1, 1, 0]  # the first lead was won after its first look, not after its second
    past = past_leads(probability, won, lead=[0, 0, 0, 1, 2])
    lines = resolve(without_rules(("probability", 0.15), ("probability", 0.5)), past, 0.1)
    mql, sql = lines.resolved
    assert (sql.calibration.won.leads, sql.calibration.won.won) == (1, 0)
    assert (mql.calibration.won.leads, mql.calibration.won.won) == (1, 1)


def test_mql_precision_leaves_out_sql_leads() -> None:
    generator = np.random.default_rng(1)
    probability = np.concatenate([generator.uniform(0.3, 0.5, 300), np.full(300, 0.6)])
    won = np.concatenate([np.arange(300) % 5 == 0, np.ones(300)])
    past = past_leads(probability, won)
    agreement = without_rules(("precision", 0.3), ("probability", 0.55))
    with pytest.raises(AgreementError, match="share won of at least 30 %; the nearest that can"):
        resolve(agreement, past, 0.1)
    agreement = without_rules(("precision", 0.15), ("probability", 0.55))
    mql, _ = resolve(agreement, past, 0.1).resolved
    assert mql.calibration.won.leads <= 300
    assert mql.calibration.won.low is not None
    assert mql.calibration.won.low >= 0.15


@pytest.mark.parametrize("wanted", [0.25, 0.4])
def test_the_promise_of_a_precision_line_is_kept_on_later_leads(wanted: float) -> None:
    kept = []
    for seed in range(60):
        generator = np.random.default_rng(seed)
        probability = generator.beta(1.0, 4.0, 1500)
        won = generator.random(1500) < probability
        past = past_leads(probability, won)
        lines = resolve(
            without_rules(("probability", 0.01), ("precision", wanted)), past, 0.2
        ).lines
        over = probability >= lines.sql
        kept.append(float(probability[over].mean()) >= wanted)
    assert np.mean(kept) >= 0.8


def test_a_precision_line_takes_as_many_leads_as_it_may() -> None:
    generator = np.random.default_rng(3)
    probability = generator.beta(1.0, 4.0, 4000)
    past = past_leads(probability, generator.random(4000) < probability)
    agreement = without_rules(("probability", 0.01), ("precision", 0.4))
    line = resolve(agreement, past, 0.2).lines.sql
    over = probability >= line
    assert 0.39 < probability[over].mean() < 0.45


def test_leads_that_break_a_rule_do_not_count() -> None:
    fits = record(industry="Software", activities=[("form", 0), ("demo", 0)])
    records = [fits, record(industry="Retail", activities=[("demo", 0)])] * 10
    probability = np.repeat(np.arange(1, 11) / 20.0, 2)
    past = past_leads(probability, np.zeros(20), records=records)
    agreement = with_rules(("sql = { probability = 0.3 }", "sql = { capacity_per_week = 0.3 }"))
    assert resolve(agreement, past, 0.1).lines.sql == pytest.approx(0.4)


def test_segments_have_lines_of_their_own() -> None:
    agreement = with_rules(
        (
            "[lines]",
            '[[segments]]\nname = "cn"\nwhen = [{ attribute = "country", '
            'country_one_of = ["CN"] }]\nlines = { mql = { probability = 0.05 }, sql = '
            "{ capacity_per_week = 0.2 } }\n[lines]",
        ),
    )
    doing = [("form", 0.0), ("demo", 0.0)]
    records = [
        record(industry="Software", country=country, activities=doing)
        for country in ["CN", "DE"] * 10
    ]
    past = past_leads(np.repeat(np.arange(1, 11) / 20.0, 2), np.zeros(20), records=records)
    found = resolve(agreement, past, 0.1)
    assert found.lines.of("cn").sql == pytest.approx(0.45)
    assert found.lines.of(None).sql == pytest.approx(0.3)
    assert [line.segment for line in found.resolved] == [None, None, "cn", "cn"]


def test_a_precision_that_no_line_has_is_refused_with_the_nearest() -> None:
    past = past_leads(TEN, TEN > 0.3)
    with pytest.raises(AgreementError, match=r"lines\.sql: no line .* 99 %; .* 7\d\.\d %"):
        resolve(without_rules(("probability", 0.01), ("precision", 0.99)), past, 0.1)


def test_a_capacity_that_too_few_leads_fill_is_refused_with_the_nearest() -> None:
    past = past_leads(TEN, np.zeros(10))
    agreement = without_rules(("probability", 0.01), ("capacity_per_week", 5.0))
    with pytest.raises(AgreementError, match=r"only 1 leads a week .* that can be had is 1"):
        resolve(agreement, past, 0.1)
    agreement = without_rules(("probability", 0.01), ("capacity_per_week", 0.01))
    with pytest.raises(AgreementError, match=r"less than one lead .* can be had is 0\.1"):
        resolve(agreement, past, 0.1)


def test_without_dates_a_capacity_is_refused_and_a_precision_is_not() -> None:
    past = past_leads(np.tile(TEN, 40), np.tile(TEN > 0.3, 40), weeks=None)
    agreement = without_rules(("probability", 0.01), ("capacity_per_week", 5.0))
    with pytest.raises(AgreementError, match="the data have no dates"):
        resolve(agreement, past, 0.1)
    found = resolve(without_rules(("probability", 0.01), ("precision", 0.9)), past, 0.1)
    assert found.lines.sql == pytest.approx(0.35)
    assert found.resolved[1].calibration.per_week is None


def test_without_predictions_before_the_test_only_simple_lines_resolve() -> None:
    past = past_leads(TEN, TEN > 0.3, slice_of=TEST)
    with pytest.raises(AgreementError, match="no leads were predicted before the newest"):
        resolve(without_rules(("probability", 0.01), ("precision", 0.3)), past, 0.1)


def test_an_sql_line_below_the_mql_line_is_refused() -> None:
    past = past_leads(TEN, np.zeros(10))
    agreement = without_rules(("probability", 0.45), ("capacity_per_week", 0.5))
    with pytest.raises(AgreementError, match="not above the MQL line"):
        resolve(agreement, past, 0.1)


def test_lines_are_drawn_on_the_calibration_and_shown_on_the_test() -> None:
    past = past_leads([*TEN, *TEN / 2], [*(TEN > 0.3), *np.zeros(10)], slice_of=None)
    agreement = without_rules(("probability", 0.1), ("capacity_per_week", 0.4))
    sql = resolve(agreement, past, 0.1).resolved[1]
    assert sql.calibration.won.won == 4
    assert (sql.test.won.leads, sql.test.won.share) == (0, None)


def test_weights_count_as_leads() -> None:
    past = past_leads(TEN, np.zeros(10), weight=3.0)
    agreement = without_rules(("probability", 0.01), ("capacity_per_week", 0.6))
    assert resolve(agreement, past, 0.1).lines.sql == TEN[8]


def test_leads_of_one_account_widen_the_interval() -> None:
    probability, won = np.full(80, 0.5), np.repeat([1.0, 0.0], 40)
    agreement = without_rules(("probability", 0.1), ("probability", 0.3))
    apart = resolve(agreement, past_leads(probability, won), 0.1).resolved[1].calibration.won
    accounts = np.repeat(np.arange(8), 10).tolist()
    together = past_leads(probability, won, group=accounts)
    alike = resolve(agreement, together, 0.1).resolved[1].calibration.won
    assert alike.share == apart.share == 0.5
    assert alike.low < apart.low < 0.5  # type: ignore[operator]


def test_lines_survive_the_bundle_and_belong_to_one_content() -> None:
    bundle = make_bundle(n_leads=300, n_attributes=4, trees=3)
    agreement = without_rules(("lift", 1.5), ("capacity_per_week", 2.0))
    found = lines_for(agreement, bundle)
    stored = {agreement.version: found.to_json()}
    assert stored_lines(agreement, stored) == found
    assert ResolvedLines.from_json(found.to_json()) == found
    other = without_rules(("lift", 1.5), ("capacity_per_week", 3.0))
    assert stored_lines(other, stored) is None


def test_a_volume_that_moves_by_more_than_a_tenth_is_named() -> None:
    agreement = without_rules(("probability", 0.1), ("probability", 0.3))
    old = resolve(agreement, past_leads(np.tile(TEN, 20), np.zeros(200), slice_of=None), 0.1)
    same = old.moved(old)
    fewer = np.where(np.tile(TEN, 20) > 0.48, 0.2, np.tile(TEN, 20))
    new = resolve(agreement, past_leads(fewer, np.zeros(200), slice_of=None), 0.1)
    assert same == ()
    assert new.moved(old) == ("MQL: 4 to 5 a week", "SQL: 5 to 4 a week")


def test_both_lines_may_fall_on_the_same_rate() -> None:
    past = past_leads(np.full(100, 0.3), np.zeros(100))
    agreement = without_rules(("capacity_per_week", 3.0), ("capacity_per_week", 1.0))
    lines = resolve(agreement, past, 0.3).lines
    assert lines.mql == lines.sql == 0.3
    assert lines.sql_share < lines.mql_share < 1.0
    looked = looked_at(past, CALIBRATION)
    label = Labelled.of(looked, agreement, lines).label
    assert len(entries(label, looked.lead, SQL)) == 10
    assert len(entries(label, looked.lead, MQL)) == 30
