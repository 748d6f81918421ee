import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.training.audit.planted import STRENGTHS, audited, honest, leaks
from training.simulate import main as simulate


def columns_of(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "leads.csv", dtype=str, keep_default_na=False)


def test_planted_leaks_are_caught_and_honest_columns_are_not_stopped(
    simulated_export: Path, tmp_path: Path
) -> None:
    leads, rng = columns_of(simulated_export), np.random.default_rng(1)
    found = audited(simulated_export, leads, leaks(leads, 0.95, rng), tmp_path / "leaks")
    assert {"alpha", "beta", "gamma", "delta", "epsilon"} <= {*found.hard(), *found.soft()}
    clean = audited(simulated_export, leads, honest(leads, rng), tmp_path / "honest")
    assert clean.hard() == []


@pytest.mark.prove
def test_nine_in_ten_leaks_are_caught_and_one_in_200_honest_columns_is_stopped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    caught, stopped, n_honest = [], 0, 0
    for seed in range(1, 11):
        folder = tmp_path / str(seed)
        simulate(["--out", str(folder), "--leads", "2500", "--seed", str(seed)])
        leads, rng = columns_of(folder), np.random.default_rng(seed)
        for strength in STRENGTHS:
            names = [name for name, _, _ in leaks(leads, strength, rng)]
            found = audited(folder, leads, leaks(leads, strength, rng), folder / "leaks")
            caught += [
                {
                    "strength": strength,
                    "leak": name,
                    "hard": name in found.hard(),
                    "caught": name in found.hard() or name in found.soft(),
                }
                for name in names
            ]
        clean = audited(folder, leads, honest(leads, rng), folder / "honest")
        n_honest += len(clean.columns)
        stopped += len(clean.hard())
    table = pd.DataFrame(caught)
    with capsys.disabled():
        by = table.pivot_table(index="leak", columns="strength", values=["hard", "caught"])
        sys.stdout.write(f"\n{by}\ncaught {table.caught.mean():.3f}, ")
        sys.stdout.write(f"{stopped} of {n_honest} honest columns stopped\n")
    assert table.caught.mean() >= 0.9
    assert stopped <= n_honest / 200
