"""The export looks like a CRM's and is the same for the same seed."""

import datetime as dt
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

import training
from features.errors import ConfigError
from training.simulate import main
from training.simulation.catalogue import CHANNELS
from training.simulation.config import SimulationConfig
from training.simulation.deeds import ALL_KINDS, STAFF_KINDS
from training.simulation.noise import NOISE
from training.simulation.simulated import TABLES, Simulated, simulate
from training.simulation.tables import LEAKS
from training.simulation.work import NEGLECT_SHARE

MAPPING = Path(training.__file__).parent / "mappings" / "simulated.toml"
END = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def simulated() -> Simulated:
    return simulate(SimulationConfig(leads=6_000), seed=1)


@pytest.fixture(scope="module")
def rows(simulated: Simulated) -> list[dict[str, object]]:
    found: list[dict[str, object]] = simulated.leads.to_pylist()
    return found


def test_the_same_seed_gives_the_same_tables_and_another_one_does_not() -> None:
    config = SimulationConfig(leads=400)
    one, same, other = simulate(config, 7), simulate(config, 7), simulate(config, 8)
    for name in TABLES:
        assert getattr(one, name).equals(getattr(same, name))
        assert not getattr(one, name).equals(getattr(other, name))


def test_chunks_are_put_together_without_a_seam() -> None:
    table = simulate(SimulationConfig(leads=900, chunk_leads=250), 3).leads
    ids = table["lead_id"].to_pylist()
    assert ids == sorted(ids)
    assert len(set(ids)) == 900
    first = [
        c
        for c, e in zip(table["created_at"].to_pylist(), table["episode"].to_pylist(), strict=True)
        if e == 1
    ]
    assert first == sorted(first)


@pytest.mark.parametrize("leads", [1, 2, 70])
def test_few_leads_are_leads_too(leads: int) -> None:
    assert (
        len(set(simulate(SimulationConfig(leads=leads), 1).leads["lead_id"].to_pylist())) == leads
    )


def test_lead_and_episode_are_unique(rows: list[dict[str, object]]) -> None:
    assert max(Counter((row["lead_id"], row["episode"]) for row in rows).values()) == 1
    assert len({row["lead_id"] for row in rows}) == 6_000


def test_some_leads_come_back_after_they_were_lost(rows: list[dict[str, object]]) -> None:
    before = {row["lead_id"]: row for row in rows if row["episode"] == 1}
    again = [row for row in rows if row["episode"] == 2]
    assert 0.02 < len(again) / len(rows) < 0.12
    for row in again:
        earlier = before[row["lead_id"]]
        assert earlier["outcome"] == "lost"
        assert earlier["outcome_at"] < row["created_at"]  # type: ignore[operator]
        assert earlier["channel"] == row["channel"]


def test_some_leads_repeat_another_but_for_the_id(rows: list[dict[str, object]]) -> None:
    alike = Counter(tuple(v for k, v in row.items() if k != "lead_id") for row in rows)
    repeated = sum(1 for times in alike.values() if times == 2)
    assert repeated / len(rows) == pytest.approx(0.015, abs=0.004)


def test_outcomes_follow_the_course_of_a_lead(rows: list[dict[str, object]]) -> None:
    for row in rows:
        assert (row["outcome_at"] is None) == (row["outcome"] == "open")
        assert (row["value"] is not None) == (row["outcome"] == "won")
        moments = [
            row[name] for name in ("created_at", "first_contact_at") if row[name] is not None
        ]
        end = row["outcome_at"] or END
        assert all(moment <= end for moment in [*moments, row["opportunity_at"] or end])  # type: ignore[operator]
        if row["outcome"] == "won":
            assert row["opportunity_at"] is not None
            assert row["first_contact_at"] is not None


def test_some_losses_are_neglect(rows: list[dict[str, object]]) -> None:
    closed = [row for row in rows if row["outcome"] != "open"]
    late = [
        row
        for row in closed
        if row["attempts"] == 1 and (row["first_contact_at"] - row["created_at"]).days >= 4  # type: ignore[operator]
    ]
    assert 0.5 * NEGLECT_SHARE < len(late) / len(closed) < NEGLECT_SHARE
    won = [np.mean([row["outcome"] == "won" for row in part]) for part in (late, closed)]
    assert won[0] < 0.75 * won[1]


def test_the_leaks_tell_the_outcome(rows: list[dict[str, object]]) -> None:
    def share_won(column: str, value: str) -> float:
        mine = [
            r["outcome"] == "won" for r in rows if r[column] == value and r["outcome"] != "open"
        ]
        return float(np.mean(mine))

    assert share_won("sales_stage_note", "contract sent") > 5 * share_won("lead_rating", "warm") / 2
    assert share_won("lead_rating", "hot") > 0.5
    assert share_won("sales_stage_note", "wrong person") < 0.02


def test_ten_columns_are_noise(rows: list[dict[str, object]]) -> None:
    assert len(NOISE) == 10
    assert len({row["utm_term"] for row in rows}) > 2_000
    for column in ("ab_variant", "browser", "newsletter_theme", "server_node"):
        groups = defaultdict(list)
        for row in rows:
            groups[row[column]].append(row["outcome"] == "won")
        rate = np.mean([row["outcome"] == "won" for row in rows])
        for won in groups.values():
            assert abs(np.mean(won) - rate) < 4 * np.sqrt(rate / len(won))


def test_fields_are_missing_and_not_at_random(rows: list[dict[str, object]]) -> None:
    for column in (
        "employees",
        "revenue",
        "industry",
        "job_title",
        "phone",
        "team_size",
        "message",
    ):
        share = np.mean([row[column] is None for row in rows])
        assert 0.02 < share < 0.9, column
    by_outcome = defaultdict(list)
    for row in rows:
        by_outcome[row["outcome"]].append(row["job_title"] is None)
    assert np.mean(by_outcome["won"]) < 0.8 * np.mean(by_outcome["lost"])


def test_accounts_share_what_the_register_says(rows: list[dict[str, object]]) -> None:
    accounts = defaultdict(list)
    for row in rows:
        accounts[row["account_id"]].append((row["industry"], row["employees"], row["country"]))
    assert sum(len(found) > 1 for found in accounts.values()) > 500
    assert all(len(set(found)) == 1 for found in accounts.values())


def test_nobody_real_is_named(rows: list[dict[str, object]]) -> None:
    free = {"gmail.com", "outlook.com", "yahoo.com", "qq.com", "163.com", "126.com"}
    for row in rows:
        domain = str(row["email"]).split("@")[1]
        assert domain.endswith(".example") or domain in free | {"mailinator.com"}
    phones = [str(row["phone"]) for row in rows if row["phone"]]
    reserved = ("+1 202 555 01", "+44 20 7946 0", "+49 30 23125 ", "+33 1 99 00 ")
    for phone in phones:
        assert phone.startswith(reserved) or " 000" in phone or " 100 0000 " in phone
    assert {row["channel"] for row in rows} == set(CHANNELS)
    assert any("总监" in str(row["job_title"]) for row in rows)


def test_activities_are_of_all_kinds_and_stop_when_leads_are_lost(
    simulated: Simulated, rows: list[dict[str, object]]
) -> None:
    activities = simulated.activities.to_pylist()
    assert {deed["kind"] for deed in activities} == set(ALL_KINDS)
    assert {d["kind"] for d in activities if d["actor"] == "staff"} == set(STAFF_KINDS)
    assert all(d["occurred_at"] <= d["recorded_at"] <= END for d in activities)
    assert 8 < len(activities) / 6_000 < 12
    single = {r["lead_id"]: r for r in rows if r["episode"] == 1}
    for row in rows:
        if row["episode"] == 2:
            single.pop(row["lead_id"], None)
    before = 0
    for deed in activities:
        if deed["lead_id"] not in single:
            continue
        row = single[deed["lead_id"]]
        if deed["occurred_at"] < row["created_at"]:
            before += 1
            assert deed["recorded_at"] == row["created_at"]
        if row["outcome"] == "lost":
            assert deed["occurred_at"] <= row["outcome_at"]
    assert before > 1_000


def test_the_history_ends_with_todays_value_and_begins_at_creation(
    simulated: Simulated, rows: list[dict[str, object]]
) -> None:
    changes = defaultdict(list)
    for change in simulated.history.to_pylist():
        changes[change["lead_id"], change["attribute"]].append(change)
    last = {row["lead_id"]: row for row in rows}
    first = {row["lead_id"]: row for row in reversed(rows)}
    for (lead_id, attribute), found in changes.items():
        assert found == sorted(found, key=lambda change: change["changed_at"])
        assert found[0]["changed_at"] == first[lead_id]["created_at"]
        today = last[lead_id][attribute]
        assert found[-1]["value"] == (None if today is None else str(today))
    assert {attribute for _, attribute in changes} == {"team_size", "timeframe"}


def monthly(simulated: Simulated) -> np.ndarray:
    months = [moment.month for moment in simulated.leads["created_at"].to_pylist()]
    return np.bincount(months, minlength=13)[1:] / len(months)


def share_of(simulated: Simulated, channel: str, year: int) -> float:
    table = simulated.leads
    pairs = zip(table["created_at"].to_pylist(), table["channel"].to_pylist(), strict=True)
    return float(np.mean([found == channel for at, found in pairs if at.year == year]))


def test_drift_and_seasonality_can_be_switched_off(simulated: Simulated) -> None:
    still = simulate(SimulationConfig(leads=6_000, drift=False, seasonality=False), seed=1)
    assert monthly(simulated)[7] < 0.07
    assert np.all(np.abs(monthly(still) - 1 / 12) < 0.02)
    moved = share_of(simulated, "Purchased list", 2023) - share_of(
        simulated, "Purchased list", 2025
    )
    stayed = share_of(still, "Purchased list", 2023) - share_of(still, "Purchased list", 2025)
    assert moved > 0.03
    assert abs(stayed) < 0.025


def test_the_mapping_names_every_column_and_kind(simulated: Simulated) -> None:
    mapping = tomllib.loads(MAPPING.read_text(encoding="utf-8"))
    named = {*mapping["leads"].values(), *mapping["attributes"], *mapping["excluded"]}
    named |= {mapping["outcome"]["column"], mapping["outcome"]["at"]}
    assert named == set(simulated.leads.column_names)
    assert set(mapping["excluded"]) == set(LEAKS)
    assert set(mapping["activities"]["labels"]) == set(ALL_KINDS)
    assert tuple(mapping["activities"]["staff_kinds"]) == STAFF_KINDS
    assert "vouched" in mapping["attributes"]["initial_score"]
    for attribute in mapping["attributes"].values():
        assert set(attribute["label"]) == {"en", "zh"}


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_the_command_writes_the_tables_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], file_format: str
) -> None:
    status = main(
        ["--out", str(tmp_path), "--leads", "300", "--seed", "4", "--format", file_format]
    )
    assert status == 0
    printed = capsys.readouterr().out
    whole = simulate(SimulationConfig(leads=300), 4)
    for name in TABLES:
        path = tmp_path / f"{name}.{file_format}"
        assert f"{path}: {getattr(whole, name).num_rows:,} rows" in printed
        read = pa.csv.read_csv if file_format == "csv" else pa.parquet.read_table
        found = read(path)
        assert found.num_rows == getattr(whole, name).num_rows
        assert found.column_names == getattr(whole, name).column_names


def test_the_command_writes_the_same_bytes_again(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        main(["--out", str(tmp_path / folder), "--leads", "200"])
    for name in TABLES:
        one, two = (tmp_path / folder / f"{name}.csv" for folder in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def test_no_leads_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ConfigError, match="leads is 0, expected at least 1"):
        SimulationConfig(leads=0)
    assert main(["--out", str(tmp_path), "--leads", "0"]) == 1
    assert "leads is 0" in capsys.readouterr().err
