import json
import re
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from models.bundle.bundle import Bundle
from models.bundle.read import read_bundle
from training.card.__main__ import gate_of
from training.card.__main__ import main as write_card_of_bundle
from training.card.card import make_card, write_card
from training.card.made import Made, made_by
from training.card.quality import verdict

MADE = Made("python -m training.train --leads leads.csv", {"Python": "3.11", "numpy": "2"})
PARTS = {
    "what-is-predicted",
    "limits",
    "how-good-it-is",
    "calibration",
    "channels",
    "what-it-goes-by",
    "data",
    "leakage-audit",
    "how-long-wins-take",
    "how-it-was-chosen",
    "gate",
    "how-to-repeat-it",
}


class Page(HTMLParser):
    """What a page is made of; refuses tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.outside: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids |= {found["id"]} if "id" in found else set()
        self.links |= {found["href"]} if "href" in found else set()
        self.outside += [found[name] for name in ("src", "action", "data") if name in found]
        if tag in ("script", "link", "iframe", "object"):
            self.outside.append(tag)
        if tag != "meta":
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Nothing is inside."""

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag


@pytest.fixture(scope="module")
def report(trained: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((trained / "report.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def bundle(trained_bundle: Path) -> Bundle:
    return read_bundle(trained_bundle)


def written(
    folder: Path, report: Mapping[str, Any], bundle: Bundle, gate: Any = None
) -> tuple[str, str]:
    files = write_card(folder, make_card(report, bundle, MADE, gate))
    return files.page.read_text(encoding="utf-8"), files.text.read_text(encoding="utf-8")


def with_differences(
    report: Mapping[str, Any], intervals: Mapping[str, list[float]]
) -> dict[str, Any]:
    found = {name: {"log_loss": sum(i) / 2, "interval": i} for name, i in intervals.items()}
    return {**report, "differences": found}


def with_observed_expected(report: Mapping[str, Any], interval: list[float]) -> dict[str, Any]:
    intervals = {**report["test"]["intervals"], "observed_expected": interval}
    return {**report, "test": {**report["test"], "intervals": intervals}}


def test_training_leaves_a_card(trained: Path) -> None:
    assert (trained / "report.html").stat().st_size > 20_000
    assert (trained / "model-card.md").stat().st_size > 5_000
    assert {path.suffix for path in (trained / "plots").iterdir()} == {".svg"}


def test_the_page_stands_alone_and_its_links_lead_somewhere(trained: Path) -> None:
    text = (trained / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.ids == PARTS
    assert page.links == {f"#{part}" for part in PARTS}
    assert page.outside == []
    assert set(re.findall(r"https?://[^\"\s<]+", text)) == {"http://www.w3.org/2000/svg"}
    assert "url(" not in text
    assert "@import" not in text
    assert "prefers-color-scheme: dark" in text


def test_the_same_training_gives_the_same_bytes(
    tmp_path: Path, report: dict[str, Any], bundle: Bundle
) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        write_card(tmp_path / name, make_card(report, bundle, MADE))
    one, other = (
        {path.relative_to(tmp_path / name): path.read_bytes() for path in found}
        for name in ("one", "other")
        if (found := sorted((tmp_path / name).rglob("*.*")))
    )
    assert one == other
    assert len(one) > 10


def test_text_and_page_have_the_figures_of_the_report(
    tmp_path: Path, report: dict[str, Any], bundle: Bundle
) -> None:
    page, text = written(tmp_path, report, bundle)
    for found in (report["test"], *report["baselines"].values()):
        for told in (f"{found['log_loss']:.4f}", f"{found['roc_auc']:.3f}"):
            assert told in text
            assert told in page
    for told in (f"{report['counts']['immature_leads']:,}", report["fingerprint"]):
        assert told in text
        assert told in page
    for reason in (*report["export"]["excluded"].values(), *report["export"]["vouched"].values()):
        assert reason in text


def test_every_plot_of_the_text_is_there(trained: Path) -> None:
    text = (trained / "model-card.md").read_text(encoding="utf-8")
    shown = re.findall(r"\]\((plots/[^)]+)\)", text)
    assert len(shown) > 8
    assert {trained / name for name in shown} == set((trained / "plots").iterdir())


def test_tables_of_the_text_have_equally_long_rows(trained: Path) -> None:
    text = (trained / "model-card.md").read_text(encoding="utf-8")
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        lengths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(lengths) == 1


def test_the_verdict_follows_the_intervals(report: dict[str, Any]) -> None:
    mixed = with_differences(
        report, {"logistic": [-0.02, -0.01], "base_rate": [-0.1, 0.01], "naive_bayes": [0.1, 0.2]}
    )
    text, tone = verdict(mixed)
    assert "better than logistic regression." in text
    assert "cannot be told from base rate." in text
    assert "worse than naive Bayes." in text
    assert tone == "bad"
    calibrated = with_observed_expected(report, [0.9, 1.1])
    for interval, expected in (([-0.02, -0.01], "good"), ([-0.02, 0.01], "mixed")):
        assert verdict(with_differences(calibrated, {"logistic": interval}))[1] == expected


def test_probabilities_that_are_off_are_in_the_verdict(report: dict[str, Any]) -> None:
    low = with_differences(with_observed_expected(report, [1.2, 1.6]), {"logistic": [-0.02, -0.01]})
    text, tone = verdict(low)
    assert "Its probabilities were too low:" in text
    assert tone == "mixed"
    high = with_observed_expected(report, [0.5, 0.8])
    assert "Its probabilities were too high:" in verdict(high)[0]
    assert "Its probabilities" not in verdict(with_observed_expected(report, [0.9, 1.1]))[0]


def test_rates_say_that_there_is_no_model(
    tmp_path: Path, report: dict[str, Any], bundle: Bundle
) -> None:
    rates = {**report, "basis": "rates", "no_signal": ["the data held none"]}
    manifest = replace(bundle.manifest, basis="rates")
    page, text = written(tmp_path, rates, replace(bundle, manifest=manifest, model_text=None))
    Page(page)
    assert "Channel rates answer, not a model: the data held none." in text
    assert "Rates answer, so only the channel, and the segment" in text
    assert f"- ROC AUC: {report['baselines']['channel_rate']['roc_auc']:.3f}" in text


def test_a_late_start_of_recording_is_a_limit_where_it_cost_wins(
    tmp_path: Path, report: dict[str, Any], bundle: Bundle
) -> None:
    late = {**report["delays"], "days_without_wins": 174.0, "wins_from": "2017-12-05T02:00:00"}
    for lost, is_told in ((86.0, True), (1.0, False)):
        found = {**report, "delays": {**late, "wins_before_recording": lost}}
        _, text = written(tmp_path, found, bundle)
        assert ("No win is known before 2017-12-05, 174 days after" in text) == is_told


def test_what_is_absent_is_said(tmp_path: Path, report: dict[str, Any], bundle: Bundle) -> None:
    bare = {
        **{name: value for name, value in report.items() if name != "audit"},
        "delays": None,
        "contacted": None,
        "window": {**report["window"], "from": None, "to": None, "data_end": None},
        "horizon_days": None,
        "procedure": {"before_test": None, "served": None},
    }
    page, text = written(tmp_path, bare, bundle)
    Page(page)
    for told in (
        "No leakage audit was made for this training.",
        "The export does not say when leads were won.",
        "neglect cannot be told from bad quality",
        "neither maturity nor drift could be checked",
        "Too few outcomes were known to choose anything.",
        "before the gate was run",
        "ever won",
    ):
        assert told in text


def with_segments(report: dict[str, Any], *, used: bool) -> dict[str, Any]:
    """Return a report of a training whose segments are countries."""
    judged = {**report["curves"]["channels"][0], "channel": None}
    parts = [{"n": 90, "won": 9, "expected": 8.0, "offset": 0.2, "weight": 0.25}]
    offsets = {"used": used, "gain": 0.003, "standard_error": 0.001}
    told = {**offsets, "segments": [{**parts[0], "segment": "FR"}]}
    served = {**report["procedure"]["served"], "segment_offsets": told}
    rates = {"segment_offsets": {**told, "used": True}}
    figures = [{**report["test"], "segment": "FR"}]
    return {
        **report,
        "segments": {"about": "country", "figures": figures},
        "curves": {**report["curves"], "segments": [{**judged, "segment": "FR", "n": 120}]},
        "procedure": {**report["procedure"], "served": served, "rates": rates},
    }


@pytest.mark.parametrize("used", [True, False])
def test_segments_say_how_much_their_own_leads_weigh(
    tmp_path: Path, report: dict[str, Any], bundle: Bundle, used: bool
) -> None:
    page, text = written(tmp_path, with_segments(report, used=used), bundle)
    assert Page(page).ids == {*PARTS, "segments"}
    assert "A lead's segment is its country." in text
    told = "25 %" if used else "0 %"
    row = next(line for line in text.splitlines() if line.startswith("| FR | 120 |"))
    rest, points = ("75 %", "+2.9") if used else ("100 %", "+0.0")
    cells = row.replace("\N{NO-BREAK SPACE}", " ")
    assert cells.endswith(f"| {told} | {rest} | {points} |")
    helped = "have offsets of their own" if used else "have no offsets of their own"
    assert f"Segments {helped}" in text
    assert f"| FR | {report['test']['n']} | {report['test']['log_loss']:.4f}<br>" in text


def test_rates_show_the_weights_of_rates(
    tmp_path: Path, report: dict[str, Any], bundle: Bundle
) -> None:
    rates = {**with_segments(report, used=False), "basis": "rates", "no_signal": ["none"]}
    manifest = replace(bundle.manifest, basis="rates")
    _, text = written(tmp_path, rates, replace(bundle, manifest=manifest, model_text=None))
    assert "Rates of segments are what their own leads say beside the rates" in text
    assert "25\N{NO-BREAK SPACE}% | 75\N{NO-BREAK SPACE}% | +2.9 |" in text


def test_every_trial_of_the_search_is_shown_the_best_first(trained: Path) -> None:
    report = json.loads((trained / "report.json").read_text(encoding="utf-8"))
    trials = report["procedure"]["served"]["trials"]
    text = (trained / "model-card.md").read_text(encoding="utf-8")
    shown = [f"| {one['log_loss']:.4f} | " for one in sorted(trials, key=lambda t: t["log_loss"])]
    places = [text.index(one, text.index("Settings of LightGBM that the search")) for one in shown]
    assert len(places) == 2
    assert places == sorted(places)
    origins = trials[0]["by_origin"]
    assert ", ".join(f"{loss:.4f}" for loss in origins) in text


def test_what_channels_were_tried_for_is_said(trained: Path) -> None:
    text = (trained / "model-card.md").read_text(encoding="utf-8")
    assert re.search(r"Channels have (no )?offsets of their own, since at earlier origins", text)


def test_what_the_audit_and_the_gate_found_is_shown(
    tmp_path: Path, report: dict[str, Any], bundle: Bundle
) -> None:
    finding = {"column": "stage", "sentences": ["its name speaks of results"]}
    audit = {
        "warned": [finding],
        "vouched": [{**finding, "column": "note", "reason": "written at entry"}],
        "excluded": [{"column": "value", "reason": "known for won leads only"}],
        "clean": ["size", "industry"],
    }
    check = {"name": "signal", "result": "passed", "sentence": "AUC 0.8, over 0.5", "limit": 0.5}
    gate = {"status": "passed", "checks": [check]}
    _, text = written(tmp_path, {**report, "audit": audit}, bundle, gate)
    assert "- stage: its name speaks of results" in text
    assert "- note: its name speaks of results; vouched for: written at entry" in text
    assert "Nothing was found in 2 columns: size, industry." in text
    assert "Status: passed." in text
    assert "| signal | passed | AUC 0.8, over 0.5 |" in text


def test_names_from_the_data_cannot_become_markup(
    tmp_path: Path, report: dict[str, Any], bundle: Bundle
) -> None:
    name = "<img src=x onerror=alert(1)>|a"
    channels = [{**report["curves"]["channels"][0], "channel": name}]
    bad = {**report, "curves": {**report["curves"], "channels": channels}}
    page, text = written(tmp_path, bad, bundle)
    assert Page(page).outside == []
    assert "<img" not in page
    assert "\\|a" in text


def test_the_command_names_files_without_the_folders_of_the_machine() -> None:
    files = {"leads": Path("exports/my leads.csv"), "mapping": Path("a/m.toml"), "history": None}
    made = made_by(files, ["seed=2"], 0.25)
    assert made.command == (
        "python -m training.train --leads 'my leads.csv' --mapping m.toml --set seed=2 "
        "--anchor 0.25 --no-register --out DIR"
    )
    assert {"Python", "numpy", "lightgbm"} <= made.versions.keys()


def test_a_bundle_alone_has_its_card(tmp_path: Path, trained: Path) -> None:
    arguments = ["--bundle", str(trained / "bundle"), "--out", str(tmp_path / "card")]
    assert write_card_of_bundle(arguments) == 0
    again = (tmp_path / "card" / "model-card.md").read_text(encoding="utf-8")
    first = (trained / "model-card.md").read_text(encoding="utf-8")
    without_command = [line for line in first.splitlines() if not line.startswith("| command |")]
    assert again.splitlines() == without_command


def test_the_gate_of_a_bundle_is_that_of_its_deployment(bundle: Bundle) -> None:
    assert gate_of(bundle) is None
    check = {"name": "signal", "result": "passed", "sentence": "AUC 0.8"}
    deployment = replace(bundle.deployment, gate="forced", checks=(check,))
    found = gate_of(replace(bundle, deployment=deployment))
    assert found == {"status": "forced", "checks": [check]}


def test_a_folder_that_is_no_bundle_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert write_card_of_bundle(["--bundle", str(tmp_path), "--out", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    assert told.count("\n") == 1
