"""What a model is about: what it predicts, from which leads, and which were left out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from models.bundle.bundle import Bundle
from training.card import plots
from training.card.amounts import (
    amount,
    between,
    count,
    day,
    share,
)
from training.card.blocks import Block, Paragraph, Points, Section, Table
from training.card.text import sentences

DIGITS_OF_FINGERPRINT = 12
SHOWN_SHARES = (0.5, 0.8, 0.9, 0.95)
COUNTS = {
    "leads": "leads in the export",
    "undated_leads": "without a day of creation, not used",
    "open_leads": "open, without dates, not used",
    "immature_leads": "too young, not used",
    "mature_leads": "used",
    "won_leads": "of them won within the horizon",
    "won_later": "of them won later, counted as not won",
    "learned_leads": "of them the served model learned from",
    "rows": "snapshots used",
    "immature_rows": "snapshots too young, not used",
    "training_rows_before_test": "snapshots learned from before the test",
    "purged_rows": "not learned from before the test: their horizon ends in it",
    "rows_of_groups_in_test": "not learned from before the test: their account is in it",
    "test_rows": "snapshots of the test",
}
ACTIVITIES = {
    "rows": "in the export",
    "used": "used",
    "by_staff": "by own staff, not used",
    "after_outcome": "after the outcome, not used",
    "in_future": "after the end of the data, not used",
    "of_unknown_leads": "of unknown leads",
    "without_date_or_kind": "without day or kind",
}
WAITED = {"in_time": "in time", "late": "late", "never": "never"}
PARTS = ("stopped", "warned", "vouched")


def predicted(report: Mapping[str, Any], bundle: Bundle) -> Section:
    """Return what is predicted, in words."""
    words, manifest = sentences("predicted"), bundle.manifest
    horizon = report["horizon_days"]
    text = words["undated"] if horizon is None else words["dated"].format(horizon=horizon)
    blocks: list[Block] = [Paragraph(text)]
    if horizon is not None:
        days = ", ".join(f"{one:g}" for one in manifest.snapshot_days)
        seldom = report["counts"]["creation_only"]
        when = words["at_creation"] if seldom else words["looked_at"].format(days=days)
        blocks.append(Paragraph(when))
    if manifest.basis == "rates":
        blocks.append(Paragraph(words["rates"].format(base=share(manifest.rates.base, 2))))
    blocks.append(Paragraph(words["score"].format(anchor=share(manifest.anchor, 2))))
    return Section(sentences("titles")["predicted"], blocks)


def data(report: Mapping[str, Any], bundle: Bundle) -> Section:
    """Return where the leads come from, and what was left out."""
    return Section(sentences("titles")["data"], [*_leads(report), *_columns(report, bundle)])


def _leads(report: Mapping[str, Any]) -> Iterator[Block]:
    words, window, counts = sentences("data"), report["window"], report["counts"]
    dated = window["data_end"] is not None
    yield Paragraph(
        words["window" if dated else "undated"].format(
            leads=count(window["leads"]),
            first=day(window["from"]),
            last=day(window["to"]),
            end=day(window["data_end"]),
            fingerprint=report["export"]["fingerprint"][:DIGITS_OF_FINGERPRINT],
        )
    )
    yield Paragraph(words["maturity"].format(maturity=report["maturity"]))
    rows = [(text, count(counts[name])) for name, text in COUNTS.items() if counts[name]]
    yield Table(words["counts"], ("", "number"), rows)
    if dated:
        young = counts["immature_leads"]
        used, won = counts["mature_leads"], counts["won_leads"]
        yield Paragraph(
            words["immature"].format(
                n=count(young),
                share=share(young / max(1, counts["leads"])),
                wrong=share(won / max(1, used + young)),
                right=share(won / max(1, used)),
            )
        )
    yield from _contacted(report.get("contacted"))


def _contacted(contacted: Mapping[str, Any] | None) -> Iterator[Block]:
    words = sentences("data")
    if contacted is None:
        yield Paragraph(words["uncontacted"])
        return
    rows = []
    for name, text in WAITED.items():
        one = contacted[name]
        rate = one["won"] / one["n"] if one["n"] else None
        figures = (one.get("log_loss"), one.get("roc_auc"), one.get("observed_expected"))
        rows.append((text, count(one["n"]), share(rate), *map(amount, figures)))
    head = ("contacted", "leads", "won", "log loss", "ROC AUC", "observed/expected")
    yield Table(words["contacted"].format(hours=f"{contacted['within_hours']:g}"), head, rows)
    yield Paragraph(words["contacted_note"])


def _columns(report: Mapping[str, Any], bundle: Bundle) -> Iterator[Block]:
    words, notes, space = sentences("data"), report["export"], bundle.manifest.space
    yield Paragraph(
        words["feature_count"].format(
            attributes=len(space.attributes), kinds=len(space.kinds), features=len(space.features)
        )
    )
    for part in ("excluded", "vouched"):
        if notes.get(part):
            yield Table(words[part], ("column", "why"), sorted(notes[part].items()), words=2)
    if notes.get("not_vouched"):
        yield Paragraph(words["not_vouched"].format(names=", ".join(notes["not_vouched"])))
    activities = notes.get("activities") or {}
    rows = [(text, count(activities[n])) for n, text in ACTIVITIES.items() if activities.get(n)]
    if rows:
        yield Table(words["activities"], ("", "number"), rows)


def audit(report: Mapping[str, Any]) -> Section:
    """Return what the leakage audit found."""
    words, found = sentences("audit"), report.get("audit")
    title = sentences("titles")["audit"]
    if found is None:
        return Section(title, [Paragraph(words["absent"])])
    blocks: list[Block] = []
    for part in PARTS:
        if found.get(part):
            blocks.append(Paragraph(words[part].format(n=count(len(found[part])))))
            blocks.append(Points([_sentence(one) for one in found[part]]))
    clean = found.get("clean") or ()
    if clean or not blocks:
        kind = "clean" if clean else "nothing"
        text = words[kind].format(n=count(len(clean)), names=", ".join(clean))
        blocks.append(Paragraph(text))
    return Section(title, blocks)


def _sentence(entry: Mapping[str, Any]) -> str:
    """Return in a line what was found about a column, and who vouches for it."""
    told = list(entry.get("sentences", ()))
    if entry.get("reason"):
        told.append(sentences("audit")["reason"].format(reason=entry["reason"]))
    return f"{entry['column']}: {'; '.join(told)}"


def delays(report: Mapping[str, Any]) -> Section:
    """Return how long wins take."""
    words, found = sentences("delays"), report.get("delays")
    title = sentences("titles")["delays"]
    if found is None:
        return Section(title, [Paragraph(words["absent"])])
    seen = words["seen"].format(
        wins=count(found["wins"]),
        leads_from=day(found["leads_from"]),
        wins_from=day(found["wins_from"]),
        days=count(found["days_without_wins"]),
        end=day(found["data_end"]),
    )
    unseen = words["unseen"].format(
        before=count(found["wins_before_recording"]), to_come=count(found["wins_still_to_come"])
    )
    text = f"{seen} {unseen}"
    within = found.get("within_horizon")
    if within is not None:
        shares = {name: share(value, 0) for name, value in within.items()}
        text += " " + words["within"].format(horizon=report["horizon_days"], **shares)
    rows = [
        (
            share(row["share"], 0),
            amount(row["seen_days"], 0),
            amount(row["corrected_days"], 0),
            between(row["interval"], 0),
        )
        for row in found["by_share"]
        if row["share"] in SHOWN_SHARES
    ]
    head = ("share of wins", "days, as seen", "days, corrected", "interval")
    return Section(
        title,
        [
            Paragraph(text),
            plots.delays(found, words["plot"]),
            Table(words["table"], head, rows, is_beside=True),
            Paragraph(words["note"]),
        ],
    )


def names(found: Sequence[str]) -> str:
    """Return names in a row."""
    words = list(found)
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
