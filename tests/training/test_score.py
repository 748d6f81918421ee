import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.bundle.read import read_bundle
from models.scorer import Scorer
from training.data.mapping import load_mapping
from training.data.read import read_export
from training.score import main


@pytest.fixture(scope="module")
def arguments(trained_bundle: Path, simulated_export: Path, simulated_mapping: Path) -> list[str]:
    found = ["--bundle", str(trained_bundle), "--leads", str(simulated_export / "leads.csv")]
    return [*found, "--mapping", str(simulated_mapping), "--quiet"]


def test_a_file_is_scored_as_each_lead_is(
    arguments: list[str],
    trained_bundle: Path,
    simulated_export: Path,
    simulated_mapping: Path,
    tmp_path: Path,
) -> None:
    out = tmp_path / "scored.csv"
    assert main([*arguments, "--out", str(out)]) == 0
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    export = read_export(
        simulated_export / "leads.csv", load_mapping(simulated_mapping), require_outcome=False
    )
    assert [row["lead_id"] for row in rows] == export.lead_id
    scorer = Scorer(read_bundle(trained_bundle))
    for row in (0, 7, 2000):
        one = np.array([row])
        leads = export.leads(one, np.array([export.data_end]))
        scored = scorer.score(leads, export.activities.take(one))
        assert float(rows[row]["probability"]) == scored.probability[0]
        assert int(rows[row]["score"]) == scored.score[0]
        assert rows[row]["label"] in {"nurture", "MQL", "SQL"}
        assert rows[row]["reasons"]


def test_parquet_says_the_same_as_csv(arguments: list[str], tmp_path: Path) -> None:
    for name in ("scored.csv", "scored.parquet"):
        assert main([*arguments, "--out", str(tmp_path / name), "--reasons", "1"]) == 0
    parquet = pd.read_parquet(tmp_path / "scored.parquet")
    text = pd.read_csv(tmp_path / "scored.csv")
    assert parquet.lead_id.tolist() == text.lead_id.tolist()
    assert np.allclose(parquet.probability, text.probability)
    assert parquet.label.tolist() == text.label.tolist()


def test_an_agreement_draws_its_own_lines(arguments: list[str], tmp_path: Path) -> None:
    agreement = tmp_path / "agreement.toml"
    agreement.write_text(
        'dataset = "simulated"\nversion = "1"\n[lines]\n'
        "mql = { probability = 0.000001 }\nsql = { probability = 0.999999 }\n",
        encoding="utf-8",
    )
    out = tmp_path / "scored.parquet"
    chosen = ["--agreement", str(agreement), "--reasons", "0", "--as-of", "created"]
    assert main([*arguments, "--out", str(out), *chosen]) == 0
    found = pd.read_parquet(out)
    assert set(found.label) == {"MQL"}
    assert set(found.reasons) == {""}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--as-of", "soon"], "--as-of soon: expected latest, created, or a date"),
        (["--bundle", "absent"], "absent: expected the folder of a bundle"),
        (["--out", "scored.xlsx"], "expected a file that ends in .csv or .parquet"),
        (["--out", "absent/scored.csv"], "scored.csv: cannot be written"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    arguments: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: list[str],
    message: str,
) -> None:
    assert main([*arguments, "--out", str(tmp_path / "scored.csv"), *change]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert message in error
