import sys
from argparse import Namespace
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.errors import ConfigError, LeadScoringError, SchemaError
from models.bundle.read import read_bundle
from models.scorer import Scorer
from training.data.export import Export
from training.data.mapping import load_mapping
from training.data.read import read_export
from training.parts import leads_of_part
from training.progress import silent
from training.score import main as score_on_one_machine
from training.spark.__main__ import load_model, main, parse, run, told
from training.spark.job import Wish, features, score
from training.spark.source import Frames, beside, read_frame

NOW = datetime(2026, 3, 2, tzinfo=UTC)
KEY = ["lead_id", "episode"]


@pytest.fixture
def options(
    folder: Path, trained_bundle: Path, simulated_mapping: Path
) -> Callable[..., Namespace]:
    def build(job: str, form: str, *more: str) -> Namespace:
        places = [f"--{name}={folder / name}.{form}" for name in Frames._fields]
        model = [f"--bundle={trained_bundle}", f"--mapping={simulated_mapping}", "--quiet"]
        return parse([job, *places, *model, *more])

    return build


@pytest.fixture(scope="module")
def export(folder: Path, simulated_mapping: Path) -> Export:
    return read_export(folder / "leads.csv", load_mapping(simulated_mapping), require_outcome=False)


@pytest.mark.parametrize(("form", "buckets"), [("csv", 1), ("parquet", 5)])
def test_scores_labels_and_reasons_are_those_of_one_machine(
    spark: Any,
    options: Callable[..., Namespace],
    export: Export,
    tmp_path: Path,
    form: str,
    buckets: int,
) -> None:
    out = tmp_path / "scored"
    asked = options("score", form, f"--out={out}", f"--buckets={buckets}", "--reasons=2")
    run(spark, asked, silent(), NOW)
    found = pd.read_parquet(out).sort_values(KEY, ignore_index=True)
    alone = tmp_path / "alone.parquet"
    places = [f"--leads={asked.leads}", f"--activities={asked.activities}"]
    places += [f"--history={asked.history}", f"--mapping={asked.mapping}", f"--out={alone}"]
    assert (
        score_on_one_machine([*places, f"--bundle={asked.bundle}", "--reasons=2", "--quiet"]) == 0
    )
    expected = pd.read_parquet(alone)
    assert expected.episode.tolist() == export.episode.tolist()
    expected = expected.sort_values(KEY, ignore_index=True)[list(found)]
    assert len(set(found.episode)) > 1
    assert len(found) == len(set(zip(found.lead_id, found.episode, strict=True)))
    pd.testing.assert_frame_equal(
        found.drop(columns="probability"), expected.drop(columns="probability")
    )
    assert np.abs(found.probability - expected.probability).max() <= 1e-9


@pytest.mark.parametrize(
    ("form", "buckets", "as_of"), [("csv", 7, "created"), ("parquet", 2, "2025-01-01")]
)
def test_features_are_those_of_one_machine_bit_for_bit(
    spark: Any,
    options: Callable[..., Namespace],
    export: Export,
    form: str,
    buckets: int,
    as_of: str,
) -> None:
    asked = options("features", form, "--out=none")
    mapping, model = load_mapping(asked.mapping), load_model(asked.bundle)
    tables = Frames(*(read_frame(spark, getattr(asked, name), mapping) for name in Frames._fields))
    found = (
        features(spark, tables, mapping, model, Wish(as_of, NOW, buckets=buckets))
        .toArrow()
        .to_pandas()
    )
    moments = export.created_at
    if as_of != "created":
        moments = np.full(export.n_rows, 1735689600 * 10**6)
    rows = np.arange(export.n_rows)
    matrix = model.scorer.space.build(leads_of_part(export, rows, moments), export.activities)
    names = [feature.name for feature in model.scorer.space.features]
    expected = pd.DataFrame(matrix.values, columns=names)
    expected.insert(0, "lead_id", export.lead_id)
    expected.insert(1, "episode", export.episode)
    assert (expected["activity.total"] == 0).any()
    assert (expected["activity.total"] > 5).any()
    pd.testing.assert_frame_equal(
        found.sort_values(KEY, ignore_index=True),
        expected.sort_values(KEY, ignore_index=True),
        check_exact=True,
        check_dtype=False,
    )


def test_a_table_comes_in_by_its_name_and_goes_out_as_one(
    spark: Any, options: Callable[..., Namespace], trained_bundle: Path, folder: Path
) -> None:
    spark.read.parquet(str(folder / "leads.parquet")).limit(50).createOrReplaceTempView("crm_leads")
    asked = options("score", "parquet", "--out=scored", "--as-of=created", "--reasons=0")
    asked.leads = "crm_leads"
    run(spark, asked, silent(), NOW)
    found = spark.table("scored").toArrow().to_pandas()
    assert len(found) == 50
    assert found.columns.tolist() == [*KEY, "probability", "score", "label", "reasons", "as_of"]
    with pytest.raises(SchemaError, match="already exists"), told():
        run(spark, asked, silent(), NOW)
    asked.overwrite = True
    run(spark, asked, silent(), NOW)
    assert spark.table("scored").count() == 50


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("--format=delta", "--format delta: this Spark does not know it"),
        ("--leads=delta.`/lake/leads`", "`delta`.`/lake/leads` cannot be found"),
    ],
)
def test_delta_that_is_not_there_is_said_in_one_line(
    spark: Any, options: Callable[..., Namespace], tmp_path: Path, wanted: str, message: str
) -> None:
    asked = options("score", "parquet", f"--out={tmp_path / 'scored'}", "--reasons=0", wanted)
    with pytest.raises(LeadScoringError, match=message) as error, told():
        run(spark, asked, silent(), NOW)
    assert "\n" not in str(error.value)


def test_leads_may_come_without_activities(spark: Any, options: Callable[..., Namespace]) -> None:
    asked = options("features", "parquet", "--out=none")
    mapping = load_mapping(asked.mapping)
    leads = spark.read.parquet(asked.leads).limit(30)
    wish = Wish("latest", NOW, buckets=4)
    found = (
        features(spark, Frames(leads), mapping, load_model(asked.bundle), wish)
        .toArrow()
        .to_pandas()
    )
    assert len(found) == 30
    assert (found["activity.total"] == 0).all()


def test_ids_meet_whatever_their_type_and_spaces(
    spark: Any, options: Callable[..., Namespace]
) -> None:
    asked = options("features", "parquet", "--out=none")
    mapping = load_mapping(asked.mapping)
    leads = spark.read.parquet(asked.leads).limit(40)
    deeds = spark.read.parquet(asked.activities)
    number, spaced = "bigint(substring(lead_id, 3, 9))", "concat('\\u00a0', {}, ' \\t')"
    numbered = leads.selectExpr(f"{number} as id", "*").drop("lead_id")
    told_apart = deeds.selectExpr(f"{spaced.format(f'string({number})')} as id", "*")
    tables = Frames(
        numbered.withColumnRenamed("id", "lead_id"),
        told_apart.drop("lead_id").withColumnRenamed("id", "lead_id"),
    )
    model, wish = load_model(asked.bundle), Wish("2025-01-01", NOW, buckets=8)
    found = features(spark, tables, mapping, model, wish).toArrow().to_pandas()
    plain = features(spark, Frames(leads, deeds), mapping, model, wish).toArrow().to_pandas()
    assert found["activity.total"].sum() == plain["activity.total"].sum() > 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("double(1) as lead_id", "leads, column 'lead_id': is of type double; expected text"),
        ("'x' as lead_id", "ids of an earlier row in at least"),
        ("'soon' as created_at", "leads, column 'created_at': dates that cannot be read"),
        ("1 as other", "leads: has no column 'lead_id'"),
    ],
)
def test_what_is_wrong_with_the_data_is_said_as_on_one_machine(
    spark: Any, options: Callable[..., Namespace], change: str, message: str
) -> None:
    asked = options("features", "parquet", "--out=none")
    leads = spark.read.parquet(asked.leads).limit(20)
    gone = change.split(" as ")[1] if " as other" not in change else "lead_id"
    changed = Frames(leads.drop(gone).selectExpr("*", change))
    wish = Wish("created", NOW, buckets=1)
    mapping, model = load_mapping(asked.mapping), load_model(asked.bundle)
    with pytest.raises(SchemaError, match=message), told():
        score(spark, changed, mapping, model, wish).collect()


def test_a_lead_alone_scores_as_among_others(
    spark: Any, options: Callable[..., Namespace], export: Export
) -> None:
    asked = options("score", "parquet", "--out=none")
    mapping, model = load_mapping(asked.mapping), load_model(asked.bundle)
    tables = Frames(*(spark.read.parquet(getattr(asked, name)) for name in Frames._fields))
    one = tables._replace(leads=tables.leads.where(f"lead_id = '{export.lead_id[7]}'"))
    found = score(spark, one, mapping, model, Wish("created", NOW, buckets=1)).toArrow().to_pandas()
    row = export.lead_id.index(found.lead_id[0])
    leads = leads_of_part(export, np.array([row]), export.created_at[[row]])
    scored = Scorer(read_bundle(asked.bundle)).score(leads, export.activities.take(np.array([row])))
    assert found.probability[0] == scored.probability[0]


def test_a_further_file_stands_beside_the_leads_and_a_table_must_be_named() -> None:
    assert beside("s3://lake/leads.csv", "deeds.csv", None, "activities") == "s3://lake/deeds.csv"
    assert beside("leads.csv", "deeds.csv", None, "activities") == "deeds.csv"
    assert beside("crm.leads", "deeds.csv", "crm.deeds", "activities") == "crm.deeds"
    assert beside("crm.leads", None, None, "activities") is None
    with pytest.raises(ConfigError, match="expected --activities"):
        beside("crm.leads", "deeds.csv", None, "activities")


def test_without_pyspark_the_command_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    assert main(["score", *(["--leads=l", "--mapping=m", "--bundle=b", "--out=o"])]) == 2
    assert "PySpark is not installed" in capsys.readouterr().err
