import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.records import LeadRecord, assemble, record_to_json
from models.bundle.read import read_bundle
from models.scorer import Scorer
from tests.factories import make_bundle, make_record
from training.registry.packages import requirements, stage_code
from training.registry.signature import input_columns, model_signature
from training.registry.tracking import SERVED_MODEL, Registry

LEADS = 200


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle") / "bundle"
    from models.bundle.write import write_bundle

    write_bundle(folder, make_bundle())
    return folder


@pytest.fixture(scope="module")
def model_uri(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a version in a real MLflow store."""
    folder = tmp_path_factory.mktemp("mlflow")
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    assert Registry(uri).champion("none") is None
    import mlflow

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mlflow.set_experiment(
            experiment_id=mlflow.create_experiment("factory", (folder / "runs").as_uri())
        )
        with mlflow.start_run():
            info = mlflow.pyfunc.log_model(
                name="model",
                python_model=str(SERVED_MODEL),
                artifacts={"bundle": str(bundle)},
                code_paths=stage_code(folder / "code"),
                pip_requirements=requirements(),
                signature=model_signature(read_bundle(bundle).manifest.space.attributes),
                registered_model_name="factory",
            )
    return f"models:/factory/{info.registered_model_version}"


def row_of(record: LeadRecord, columns: tuple[tuple[str, str], ...]) -> tuple[Any, ...]:
    data = record_to_json(record)
    data = {**data, **data.pop("attributes"), "activities": json.dumps(data["activities"])}
    kinds: dict[str, Any] = {"double": float, "string": str}
    values = ((data.get(name), kinds[kind]) for name, kind in columns)
    return tuple(None if value is None else kind(value) for value, kind in values)


def test_the_registered_model_scores_in_spark_as_the_bundle_does(
    spark: Any, bundle: Path, model_uri: str
) -> None:
    import mlflow.pyfunc

    scorer = Scorer(read_bundle(bundle))
    columns = input_columns(scorer.space.attributes)
    records = [make_record(seed) for seed in range(LEADS)]
    rows = [row_of(record, columns) for record in records]
    schema = ", ".join(f"`{name}` {kind}" for name, kind in columns)
    frame = spark.createDataFrame(rows, schema).repartition(3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        predict = mlflow.pyfunc.spark_udf(
            spark,
            model_uri,
            result_type="probability double, score long, reasons string",
            env_manager="local",
        )
        scored = frame.select("lead_id", predict(*frame.columns).alias("answer"))
        found = {row.lead_id: row.answer for row in scored.collect()}
    names = dict(columns)
    seen = [
        record._replace(attributes={k: v for k, v in record.attributes.items() if k in names})
        for record in records
    ]
    expected = scorer.score(*assemble(seen))
    answers = [found[record.lead_id] for record in records]
    assert len(found) == LEADS
    assert len({answer.probability for answer in answers}) > LEADS // 2
    assert np.abs([a.probability for a in answers] - expected.probability).max() <= 1e-12
    assert [answer.score for answer in answers] == expected.score.tolist()
