"""What speaks against taking a model at its word, what the gate said, and how to repeat it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from training.card.amounts import channel_name, count, day, segment_name, share
from training.card.blocks import Block, Paragraph, Points, Section, Table
from training.card.made import Made
from training.card.quality import compared, miscalibrated
from training.card.subject import names
from training.card.text import sentences, way

LEAST_LEADS_OF_PART = 100
FEW_WON = 100
LATE_START_DAYS = 60
FEW_LOST = 5
LATE_WINS = 0.1
YOUNG = 0.1


def gate(found: Mapping[str, Any] | None) -> Section:
    """Return what the gate checked; `found` is what it said, or None."""
    words, title = sentences("gate"), sentences("titles")["gate"]
    if found is None:
        return Section(title, [Paragraph(words["absent"])])
    rows = [(one["name"], one["result"], one["sentence"]) for one in found["checks"]]
    table = Table(words["table"], ("check", "result", "why"), rows, words=3)
    return Section(title, [Paragraph(words["status"].format(status=found["status"])), table])


def limits(report: Mapping[str, Any]) -> Section:
    """Return what the model cannot do, as far as the figures tell."""
    found = [*_of_scope(report), *_of_delays(report), *_of_figures(report), *_of_columns(report)]
    return Section(sentences("titles")["limits"], [Points(found)])


def _of_scope(report: Mapping[str, Any]) -> Iterator[str]:
    words, window, counts = sentences("limits"), report["window"], report["counts"]
    yield words["working"]
    yield words["cause"]
    if window["data_end"] is None:
        yield words["undated"]
        return
    yield words["scope"].format(first=day(window["from"]), last=day(window["to"]))
    young = counts["immature_leads"] / max(1, counts["leads"])
    if young > YOUNG:
        yield words["young"].format(share=share(young))


def _of_delays(report: Mapping[str, Any]) -> Iterator[str]:
    words, delays = sentences("limits"), report.get("delays")
    if delays is None:
        return
    lost = delays["wins_before_recording"]
    if delays["days_without_wins"] > LATE_START_DAYS and lost >= FEW_LOST:
        days, since = count(delays["days_without_wins"]), day(delays["wins_from"])
        yield words["late_start"].format(days=days, wins_from=since)
    late = 1.0 - delays.get("within_horizon", {}).get("corrected", 1.0)
    if late > LATE_WINS:
        yield words["late_wins"].format(share=share(late, 0))


def _of_figures(report: Mapping[str, Any]) -> Iterator[str]:
    words, channels = sentences("limits"), report["curves"]["channels"]
    won = sum(row["won"] for row in channels)
    if won < FEW_WON:
        yield words["few_won"].format(won=count(won))
    off = miscalibrated(report)
    if off is not None:
        yield words["miscalibrated"].format(**off)
    if report["basis"] == "rates":
        return
    found = compared(report)
    others = found["equal"] + found["worse"]
    if others:
        yield words["not_better"].format(names=names([way(name) for name in others]))
    if len(channels) > 1:
        yield from _of_parts("channels", channels, channel_name)
    segments = report["curves"].get("segments", [])
    if len(segments) > 1:
        yield from _of_parts("segments", segments, segment_name)


def _of_parts(
    kind: str, parts: list[Mapping[str, Any]], name_of: Callable[[Mapping[str, Any]], str]
) -> Iterator[str]:
    """Yield which channels or segments are small, and which are off."""
    words = sentences("limits")
    small, off = [], []
    for row in parts:
        name = name_of(row)
        low, high = row["observed_expected_interval"]
        if row["n"] < LEAST_LEADS_OF_PART:
            small.append(name)
        elif low is not None and not low <= 1.0 <= high:
            off.append(name)
    if small:
        yield words[f"small_{kind}"].format(names=names(small))
    if off:
        yield words[f"worse_{kind}"].format(names=names(off))


def _of_columns(report: Mapping[str, Any]) -> Iterator[str]:
    words, contacted = sentences("limits"), report.get("contacted")
    if contacted is not None:
        soon = contacted["in_time"]
        rest = [contacted[name] for name in ("late", "never")]
        n, won = (sum(one[key] for one in rest) for key in ("n", "won"))
        if soon["n"] and n:
            rates = {"late": share(won / n), "in_time": share(soon["won"] / soon["n"])}
            yield words["contact"].format(**rates)
    vouched = report["export"].get("vouched")
    if vouched:
        yield words["vouched"].format(names=", ".join(sorted(vouched)))
    if report.get("audit") is None:
        yield words["unaudited"]


def repeat(report: Mapping[str, Any], made: Made) -> Section:
    """Return the command, the fingerprints and the versions."""
    rows = [
        *([("command", made.command)] if made.command else []),
        ("fingerprint", str(report.get("fingerprint", ""))),
        ("files", report["export"]["fingerprint"]),
        ("seed", str(report["config"]["seed"])),
        *sorted(made.versions.items()),
    ]
    blocks: list[Block] = [Paragraph(sentences("repeat")["how"])]
    blocks.append(Table("", ("", ""), rows, words=2))
    return Section(sentences("titles")["repeat"], blocks)
