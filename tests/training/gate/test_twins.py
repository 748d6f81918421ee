import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.training.gate.judged import make_twins, true_rates
from training.errors import GateError
from training.gate.twins import FACTS, ROWS, Twins


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    truth = true_rates(50)
    twins = make_twins(truth, truth / 2, truth, channels=("Web", None), no_signal=("weak",))
    twins = replace(twins, tested={"model": truth[:7]})
    twins.write(tmp_path)
    again = Twins.read(tmp_path)
    assert again.tested.keys() == {"model"}
    assert np.array_equal(again.tested["model"], truth[:7])
    assert again.judged.channel == twins.judged.channel
    assert again.judged.probability.keys() == twins.judged.probability.keys()
    for name, values in twins.judged.probability.items():
        assert np.array_equal(again.judged.probability[name], values)
    for one, other in (
        (again.judged.target, twins.judged.target),
        (again.judged.group, twins.judged.group),
        (again.created_at, twins.created_at),
    ):
        assert np.array_equal(one, other)
    assert (again.own, again.beside, again.champion) == ("model", "champion", "1")
    assert (again.basis, again.no_signal, again.audit) == ("model", ("weak",), twins.audit)


def test_segments_are_read_again(tmp_path: Path) -> None:
    truth = true_rates(4)
    twins = make_twins(truth, truth, truth)
    segment: list[str | None] = ["DE", None, "FR", "DE"]
    replace(twins, judged=replace(twins.judged, segment=segment)).write(tmp_path)
    assert Twins.read(tmp_path).judged.segment == segment


def test_nothing_but_arrays_and_facts_is_kept(tmp_path: Path) -> None:
    truth = true_rates(20)
    make_twins(truth, truth, truth).write(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {ROWS, FACTS}
    with np.load(tmp_path / ROWS, allow_pickle=False) as arrays:
        assert all(arrays[name].dtype.kind in "if" for name in arrays.files)


@pytest.mark.parametrize("damage", ["absent", "half", "key"])
def test_twins_that_cannot_be_read_ask_for_a_training(tmp_path: Path, damage: str) -> None:
    truth = true_rates(20)
    make_twins(truth, truth, truth).write(tmp_path)
    if damage == "absent":
        (tmp_path / FACTS).unlink()
    elif damage == "half":
        (tmp_path / ROWS).write_bytes((tmp_path / ROWS).read_bytes()[:100])
    else:
        facts = json.loads((tmp_path / FACTS).read_text("utf-8"))
        del facts["own"]
        (tmp_path / FACTS).write_text(json.dumps(facts), "utf-8")
    with pytest.raises(GateError, match=r"cannot be read .* train again"):
        Twins.read(tmp_path)
