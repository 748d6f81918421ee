"""How good the answers are for each segment, and how much its own leads weigh."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from models.score.points import POINTS_PER_LOGIT
from training.card import plots
from training.card.amounts import (
    ABSENT,
    amount,
    between,
    count,
    difference,
    plain,
    segment_name,
    share,
    shares_between,
)
from training.card.blocks import Block, Paragraph, Section, Table
from training.card.text import sentences

FIGURES = {
    "log_loss": 4,
    "roc_auc": 3,
    "lift_at_10": 2,
    "calibration_slope": 2,
    "observed_expected": 2,
}


def segments(report: Mapping[str, Any]) -> Iterator[Section]:
    """Yield what there is to say of segments; nothing where the mapping names none."""
    found = report.get("segments")
    if found is None:
        return
    words = sentences("segments")
    blocks: list[Block] = [Paragraph(_told(found, report)), _table(report)]
    rows = report["curves"]["segments"]
    if len(rows) > 1:
        blocks.append(plots.segment_calibration(rows, words["plot"]))
    if found["figures"]:
        blocks.append(_figures(found["figures"], report))
    yield Section(sentences("titles")["segments"], blocks)


def _offsets(report: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what was found about the segments of what answers."""
    part = report["procedure"].get("rates" if report["basis"] == "rates" else "served")
    found: Mapping[str, Any] | None = None if part is None else part.get("segment_offsets")
    return found


def _told(found: Mapping[str, Any], report: Mapping[str, Any]) -> str:
    words, offsets = sentences("segments"), _offsets(report)
    text = words["about"].format(about=plain(found["about"]))
    if offsets is None:
        return f"{text} {words['none']}"
    if report["basis"] == "rates":
        return f"{text} {words['rates']}"
    kind = words["used" if offsets["used"] else "unused"]
    change, error = difference(-offsets["gain"]), amount(offsets["standard_error"], 4)
    return f"{text} {kind.format(change=change, error=error)}"


def _table(report: Mapping[str, Any]) -> Table:
    words, offsets = sentences("segments"), _offsets(report)
    known = {} if offsets is None else {row["segment"]: row for row in offsets["segments"]}
    judged = {row["segment"]: row for row in report["curves"]["segments"]}
    used = offsets is not None and offsets["used"]
    names = [*judged, *sorted(known.keys() - judged.keys(), key=lambda one: one or "")]
    spelling = {row["segment"]: segment_name(row) for row in report["curves"]["segments"]}
    rows = [
        (
            spelling.get(name) or segment_name({"segment": name}),
            *_judged(judged.get(name)),
            *_weights(known.get(name), used=used),
        )
        for name in names
    ]
    head = ("segment", "test leads", "won", "share won", "expected", "observed / expected")
    return Table(words["table"], (*head, "own weight", "weight of all", "points"), rows)


def _judged(row: Mapping[str, Any] | None) -> tuple[str, ...]:
    if row is None:
        return ("0", *[ABSENT] * 4)
    return (
        count(row["n"]),
        count(row["won"]),
        f"{share(row['won'] / row['n'])}\n{shares_between(row['rate_interval'])}",
        amount(row["expected"], 1),
        f"{amount(row['observed_expected'], 2)}\n{between(row['observed_expected_interval'], 2)}",
    )


def _weights(row: Mapping[str, Any] | None, *, used: bool) -> tuple[str, ...]:
    """Return how much a segment's own leads and those of all weigh, and what that adds."""
    own = row["weight"] if row is not None and used else 0.0
    offset = row["offset"] if row is not None and used else 0.0
    return share(own, 0), share(1.0 - own, 0), difference(offset * POINTS_PER_LOGIT, 1)


def _figures(found: Sequence[Mapping[str, Any]], report: Mapping[str, Any]) -> Table:
    words = sentences("segments")
    spelling = {row["segment"]: segment_name(row) for row in report["curves"]["segments"]}
    rows = [
        (
            spelling.get(one["segment"]) or segment_name(one),
            count(one["n"]),
            *(
                f"{amount(one[name], digits)}\n{between(one['intervals'].get(name), digits)}"
                for name, digits in FIGURES.items()
            ),
        )
        for one in found
    ]
    head = ("log loss", "ROC AUC", "lift at 10 %", "slope", "observed / expected")
    least = count(report["config"]["gate"]["least_leads_of_segment"])
    return Table(words["figures"].format(least=least), ("segment", "test leads", *head), rows)
