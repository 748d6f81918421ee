"""How good the answers are: verdict, figures beside the baselines, calibration, channels."""

from collections.abc import Iterator, Mapping
from typing import Any

from models.bundle.bundle import Bundle
from training.card import plots
from training.card.amounts import (
    ABSENT,
    amount,
    between,
    channel_name,
    count,
    difference,
    share,
    shares_between,
)
from training.card.blocks import Block, KeyFigure, Paragraph, Section, Table, Tone
from training.card.subject import names
from training.card.text import sentences, way

MODEL, RATES = "model", "channel_rate"
RANKING = {
    "log_loss": ("log loss", 4),
    "roc_auc": ("ROC AUC", 3),
    "lift_at_10": ("lift at 10 %", 2),
    "pr_auc": ("PR AUC", 3),
    "brier": ("Brier", 4),
}
CALIBRATION = {
    "observed_expected": ("observed / expected", 3),
    "observed_expected_top": ("the same in the top tenth", 3),
    "calibration_slope": ("slope", 3),
    "calibration_intercept": ("intercept", 3),
    "ece": ("ECE", 4),
}


def answer_of(report: Mapping[str, Any]) -> str:
    """Return the name of the way to predict that was judged."""
    return MODEL if MODEL not in report["baselines"] and _has_model(report) else RATES


def _has_model(report: Mapping[str, Any]) -> bool:
    return MODEL in report["curves"]["gain"]


def compared(report: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the baselines that the answer is better than, worse than, and equal to."""
    found: dict[str, list[str]] = {"better": [], "worse": [], "equal": []}
    for name, one in report["differences"].items():
        low, high = one["interval"]
        told = low is not None and high is not None
        kind = "better" if told and high < 0.0 else "worse" if told and low > 0.0 else "equal"
        found[kind].append(name)
    return found


def served(report: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the test figures of what answers."""
    found: Mapping[str, Any] = report["test"]
    if report["basis"] == "rates":
        found = report["baselines"].get(RATES, found)
    return found


def miscalibrated(report: Mapping[str, Any]) -> dict[str, str] | None:
    """Return how many were won and expected where chance does not explain the difference."""
    found = served(report)
    low, high = found["intervals"]["observed_expected"]
    if low is None or high is None or low <= 1.0 <= high:
        return None
    won = found["base_rate"] * found["n"]
    return {
        "won": count(won),
        "expected": count(won / max(found["observed_expected"], 1e-9)),
        "value": amount(found["observed_expected"], 2),
        "low": amount(low, 2),
        "high": amount(high, 2),
        "direction": "low" if low > 1.0 else "high",
    }


def verdict(report: Mapping[str, Any]) -> tuple[str, Tone]:
    """Return in a sentence or two how good it is, and what news that is."""
    words = sentences("verdict")
    if report["basis"] == "rates":
        return words["rates"].format(reasons="; ".join(report["no_signal"])), "bad"
    found, n = compared(report), count(report["test"]["n"])
    text = [
        words[kind].format(n=n, others=names([way(name) for name in found[kind]]))
        for kind in ("better", "equal", "worse")
        if found[kind]
    ]
    off = miscalibrated(report)
    if off is not None:
        text.append(words["off"].format(**off))
    tone: Tone = "bad" if found["worse"] else "mixed" if found["equal"] or off else "good"
    return " ".join(text) or words["alone"], tone


def key_figures(report: Mapping[str, Any]) -> list[KeyFigure]:
    """Return the figures that are read first."""
    test = served(report)
    interval = test["intervals"]
    figures = [
        KeyFigure("test leads", count(test["n"]), f"{share(test['base_rate'])} won"),
        KeyFigure("ROC AUC", amount(test["roc_auc"]), between(interval["roc_auc"])),
        KeyFigure(
            "lift at 10 %", amount(test["lift_at_10"], 1), between(interval["lift_at_10"], 1)
        ),
        KeyFigure(
            "observed/expected",
            amount(test["observed_expected"], 2),
            between(interval["observed_expected"], 2),
        ),
    ]
    if report["basis"] == "rates" or not report["differences"]:
        return figures
    best = min(report["differences"], key=lambda name: report["baselines"][name]["log_loss"])
    one = report["differences"][best]
    note = " to ".join(map(difference, one["interval"]))
    name = f"log loss beside {way(best)}"
    return [*figures, KeyFigure(name, difference(one["log_loss"]), note)]


def good(report: Mapping[str, Any]) -> Section:
    """Return the figures of ranking beside those of all baselines."""
    words, answer = sentences("good"), answer_of(report)
    test = report["test"]
    confidence = share(report["config"]["evaluating"]["confidence"], 0)
    won = count(round(test["base_rate"] * test["n"]))
    judged = words["judged"].format(n=count(test["n"]), won=won, confidence=confidence)
    rates = [Paragraph(words["rates"])] if report["basis"] == "rates" and answer == MODEL else []
    blocks: list[Block] = [
        Paragraph(judged),
        *rates,
        _figures(words["ranking"], report, answer, RANKING),
        *_differences(report),
        *_curves(report, answer),
    ]
    blocks.append(_everything(words["all_snapshots"], report["test_all_snapshots"]))
    return Section(sentences("titles")["good"], blocks)


def _figures(
    caption: str, report: Mapping[str, Any], answer: str, shown: Mapping[str, tuple[str, int]]
) -> Table:
    others = {name: one for name, one in report["baselines"].items() if name != answer}
    return _table(caption, {answer: report["test"], **others}, shown)


def _table(
    caption: str, ways: Mapping[str, Mapping[str, Any]], shown: Mapping[str, tuple[str, int]]
) -> Table:
    rows = [
        [way(one), *(_cell(found, n, d) for n, (_, d) in shown.items())]
        for one, found in ways.items()
    ]
    return Table(caption, ("", *(head for head, _ in shown.values())), rows, marked=0)


def _everything(caption: str, found: Mapping[str, Any]) -> Table:
    rows = [
        (head, amount(found[name], digits), between(found["intervals"][name], digits))
        for name, (head, digits) in (RANKING | CALIBRATION).items()
    ]
    return Table(caption, (f"{count(found['n'])} snapshots", "", "interval"), rows, is_beside=True)


def _cell(found: Mapping[str, Any], name: str, digits: int) -> str:
    return f"{amount(found[name], digits)}\n{between(found['intervals'].get(name), digits)}"


def _differences(report: Mapping[str, Any]) -> Iterator[Block]:
    found, caption = report["differences"], sentences("good")["differences"]
    if not found:
        return
    rows = []
    for name, one in found.items():
        within = " to ".join(map(difference, one["interval"]))
        rows.append((way(name), difference(one["log_loss"]), within))
    yield Table(caption, ("other", "difference", "interval"), rows, is_beside=True)
    yield plots.differences(found, caption)


def _curves(report: Mapping[str, Any], answer: str) -> Iterator[Block]:
    words, curves = sentences("good"), report["curves"]
    leads, wins = "share of leads, best first", "share of wins"
    yield plots.lines("lift", words["gain"], (leads, wins), curves["gain"], answer)
    yield plots.lines("roc", words["roc"], ("share of leads not won", wins), curves["roc"], answer)
    if curves["precision"].get(answer):
        axes = (wins, "share won")
        found = curves["precision"]
        yield plots.lines("precision_recall", words["precision"], axes, found, answer)


def calibration(report: Mapping[str, Any]) -> Section:
    """Return how far probabilities can be taken at their word."""
    words, answer, curves = sentences("calibration"), answer_of(report), report["curves"]
    table = _figures(words["table"], report, answer, CALIBRATION)
    by_chance = [report["test"]["ece_if_calibrated"]]
    others = (one for name, one in report["baselines"].items() if name != answer)
    by_chance += [one["ece_if_calibrated"] for one in others]
    rows = [[*row, amount(chance, 4)] for row, chance in zip(table.rows, by_chance, strict=True)]
    blocks: list[Block] = [
        Table(table.caption, (*table.head, "ECE by chance"), rows, marked=0),
        Paragraph(words["note"]),
        plots.reliability(curves["reliability"], words["reliability"]),
    ]
    if len(curves["channels"]) > 1:
        blocks.append(plots.channel_calibration(curves["channels"], words["channels"]))
    told = report["procedure"].get("served") or report["procedure"].get("before_test") or {}
    offsets = told.get("channel_offsets")
    if offsets is not None:
        text = words["offsets_used" if offsets["used"] else "offsets_unused"]
        change, error = difference(-offsets["gain"]), amount(offsets["standard_error"], 4)
        blocks.append(Paragraph(text.format(change=change, error=error)))
    return Section(sentences("titles")["calibration"], blocks)


def channels(report: Mapping[str, Any], bundle: Bundle) -> Section:
    """Return leads, wins and rates by channel: those of the test, then those without any."""
    mature: Mapping[str, int] = bundle.histograms["channels"]
    judged = report["curves"]["channels"]
    rows = [(*_channel(row), *_of_all(row["channel"], bundle)) for row in judged]
    absent = mature.keys() - {row["channel"] or "" for row in judged}
    for name in sorted(absent, key=lambda one: (-mature[one], one)):
        rows.append((name or "not known", "0", *[ABSENT] * 4, *_of_all(name or None, bundle)))
    test = ("test leads", "won", "share won", "expected", "observed / expected")
    head = ("channel", *test, "mature leads", "shrunken rate")
    table = Table(sentences("channels")["table"], head, rows)
    return Section(sentences("titles")["channels"], [table])


def _channel(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        channel_name(row),
        count(row["n"]),
        count(row["won"]),
        f"{share(row['won'] / row['n'])}\n{shares_between(row['rate_interval'])}",
        amount(row["expected"], 1),
        f"{amount(row['observed_expected'], 2)}\n{between(row['observed_expected_interval'], 2)}",
    )


def _of_all(name: str | None, bundle: Bundle) -> tuple[str, str]:
    rates = bundle.manifest.rates.channels
    return count(bundle.histograms["channels"].get(name or "", 0)), share(rates.get(name or ""))
