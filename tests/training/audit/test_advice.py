import csv
import re
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from features.errors import LeakageError
from tests.conftest import FAST
from training.audit.advice import excluding, quoted, table_of, vouching
from training.audit.audit import Audit, audit
from training.data.mapping import load_mapping
from training.data.read import read_export
from training.train import main

N = 800
START = datetime(2024, 1, 1, tzinfo=UTC)
AWKWARD = 'Final "word" \\ #1'
HEAD = """dataset = "leaky"
horizon_days = 30
[leads]
lead_id = "id"
created_at = "created"
channel = "channel"
[outcome]
column = "outcome"
won = ["won"]
lost = ["lost"]
open = ["open"]
at = "closed"
[attributes.size]
type = "number"
known_at = "creation"
"""
HISTORY = "history"
Value = Callable[[int, str, datetime], str]


def day(moment: datetime) -> str:
    return moment.date().isoformat()


def closed_only(i: int, outcome: str, at: datetime) -> str:
    return "" if outcome == "open" else "abc"[i % 3]


LEAKS: dict[str, tuple[str, Value]] = {
    "filled for won only": ("category", lambda i, o, at: "abc"[i % 3] if o == "won" else ""),
    "value for won only": ("category", lambda i, o, at: "gold" if o == "won" and i % 3 else "tin"),
    "filled for closed only": ("category", closed_only),
    "value for closed only": (
        "category",
        lambda i, o, at: "new" if o == "open" else "seen" if i % 9 else "new",
    ),
    "date after the outcome": (
        "date",
        lambda i, o, at: day(at + timedelta(days=3)) if i % 2 else "",
    ),
    "date of the outcome": ("date", lambda i, o, at: day(at) if i % 2 else ""),
    "value equals the outcome": ("category", lambda i, o, at: "yes" if o == "won" else "no"),
    "set at closing": (HISTORY, closed_only),
}


def write(folder: Path, leaks: dict[str, str]) -> tuple[Path, Path]:
    """Write an export with leaking columns, by their names, and its mapping."""
    rng = np.random.default_rng(1)
    leads, history, mapping = [], [], HEAD
    if any(LEAKS[kind][0] == HISTORY for kind in leaks.values()):
        mapping += '[files]\nhistory = "history.csv"\n'
    for name, kind in leaks.items():
        type_ = LEAKS[kind][0]
        dated = type_ == HISTORY
        mapping += f"{table_of(name)}\ntype = {quoted('category' if dated else type_)}\n"
        mapping += f"known_at = {quoted(HISTORY if dated else 'creation')}\n"
        mapping += f"{table_of(name)[:-1]}.label]\nen = {quoted(name)}\n"
    for i in range(N):
        size = int(rng.integers(1, 9))
        p = 0.1 + 0.06 * size
        outcome = "open" if i % 3 == 0 else "won" if rng.random() < p else "lost"
        created = START + timedelta(hours=12 * i)
        at = created + timedelta(days=2 + i % 20)
        row = [f"L{i}", created.isoformat(), ("web", "fair")[i % 2], outcome]
        row += ["" if outcome == "open" else at.isoformat(), str(size)]
        for name, kind in leaks.items():
            value = LEAKS[kind][1](i, outcome, at)
            row.append(value)
            if LEAKS[kind][0] == HISTORY and value:
                history.append([f"L{i}", name, value, at.isoformat()])
        leads.append(row)
    head = ["id", "created", "channel", "outcome", "closed", "size", *leaks]
    for file, rows in (
        ("leads.csv", [head, *leads]),
        ("history.csv", [["lead_id", "attribute", "value", "changed_at"], *history]),
    ):
        with (folder / file).open("w", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows(rows)
    (folder / "m.toml").write_text(mapping, encoding="utf-8")
    return folder / "leads.csv", folder / "m.toml"


def audited(leads: Path, mapping: Path) -> Audit:
    found = load_mapping(mapping)
    return audit(read_export(leads, found), found, seed=1)


def follow(message: str, mapping: Path, names: list[str]) -> None:
    """Do with a mapping what a message says, as somebody would who only cuts and pastes."""
    said, *lines = message.splitlines()
    text = mapping.read_text(encoding="utf-8")
    for name in names:
        header = table_of(name)
        assert header in said
        own = re.escape(header[:-1]) + r"(\.[^\]\n]+)?\]"
        text = re.sub(rf"(?m)^{own}\n(?:(?!\[).*\n)*", "", text)
    if said.endswith("paste under [excluded]:"):
        assert "[excluded]\n" in text
        text = text.replace("[excluded]\n", "[excluded]\n" + "\n".join(lines) + "\n")
    else:
        assert said.endswith("paste at its end:")
        text += "\n".join(lines) + "\n"
    mapping.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("kind", LEAKS)
def test_pasting_the_lines_is_enough_for_every_kind_of_evidence(tmp_path: Path, kind: str) -> None:
    leads, mapping = write(tmp_path, {AWKWARD: kind})
    found = audited(leads, mapping)
    assert kind in {one.kind for one in found.about(AWKWARD)}
    with pytest.raises(LeakageError, match="1 column cannot have been known") as error:
        found.require_clean()
    follow(str(error.value), mapping, [AWKWARD])
    again = audited(leads, mapping)
    again.require_clean()
    assert AWKWARD in again.excluded
    assert list(again.columns) == ["size"]


def test_a_training_goes_on_once_the_lines_that_it_printed_are_pasted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    leaks = {f"column {i}": kind for i, kind in enumerate(LEAKS)}
    leads, mapping = write(tmp_path, leaks)
    text = mapping.read_text(encoding="utf-8")
    mapping.write_text(text + '[excluded]\nother = "of no use"\n', encoding="utf-8")
    arguments = ["--leads", str(leads), "--mapping", str(mapping), "--out", str(tmp_path / "out")]
    arguments += ["--no-register", "--quiet", *(f"--set={setting}" for setting in FAST)]
    assert main(arguments) == 2
    message = capsys.readouterr().err
    assert message.startswith(f"error: {len(LEAKS)} columns cannot have been known")
    follow(message.rstrip("\n"), mapping, list(leaks))
    assert main(arguments) == 0
    assert (tmp_path / "out" / "report.html").exists()


def test_lines_are_what_toml_reads_whatever_a_column_is_called() -> None:
    columns = {AWKWARD: 'a "reason"', "阶段": "结果\t\x7f", "plain": "why"}
    text = "\n".join(excluding(columns, is_first=True))
    assert tomllib.loads(text) == {"excluded": columns}
    for name in columns:
        assert tomllib.loads("\n".join(vouching(name))) == {
            "attributes": {name: {"vouched": "why"}}
        }
