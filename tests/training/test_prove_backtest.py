import json
import os
import sys
from pathlib import Path

import pytest

from training.backtest import main
from training.simulate import main as simulate

PROJECT = Path(__file__).parents[2]
REAL = Path(os.environ.get("LEAD_SCORING_REAL_DATA", PROJECT.parent / "shared" / "data"))
LEADS = {
    "xeducation": REAL / "xeducation" / "Leads.csv",
    "olist": REAL / "olist" / "olist_marketing_qualified_leads_dataset.csv",
    "bank": REAL / "bank-marketing" / "bank-additional-full.csv",
}
MOST_WORSE = 0.005


@pytest.mark.prove
@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("olist", []),
        ("xeducation", []),
        ("simulated", []),
        ("bank", []),
        ("bank", ["--shuffle", "1"]),
    ],
)
def test_over_past_moments_no_baseline_is_better_by_more_than_a_little(
    name: str, extra: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    leads = LEADS.get(name, tmp_path / "leads.csv")
    if name == "simulated":
        simulate(["--out", str(tmp_path), "--leads", "10000", "--seed", "1"])
    elif not leads.is_file():
        pytest.skip(f"{leads} is not there (LEAD_SCORING_REAL_DATA)")
    out = tmp_path / "figures.json"
    mapping = PROJECT / "training" / "mappings" / f"{name}.toml"
    options = ["--leads", str(leads), "--mapping", str(mapping), "--out", str(out), *extra]
    assert main(options) == 0
    table = capsys.readouterr().out
    with capsys.disabled():
        sys.stdout.write(f"\n{table}")
    found = json.loads(out.read_text(encoding="utf-8"))
    _, high = found["differences"][found["best_baseline"]]["interval"]
    assert high <= MOST_WORSE
