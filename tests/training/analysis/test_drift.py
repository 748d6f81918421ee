"""Notebooks show what the monitoring says of an export."""

from pathlib import Path

from training.analysis.drift import drift_table
from training.analysis.loaded import load_export, load_model


def test_each_check_has_a_row_and_what_asks_for_something_stands_first(
    trained_bundle: Path, simulated_export: Path, simulated_mapping: Path
) -> None:
    export = load_export(str(simulated_export / "leads.csv"), str(simulated_mapping))
    table = drift_table(load_model(str(trained_bundle)), export)
    assert {"emptied", "scores", "concept"} <= set(table["check"])
    order = table["verdict"].map({"act": 0, "watch": 1, "fine": 2})
    assert order.is_monotonic_increasing
