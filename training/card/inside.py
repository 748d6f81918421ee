"""What a model goes by, and how it was chosen."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from models.effects import effects
from models.scorer import Scorer
from training.card import plots
from training.card.amounts import ABSENT, amount, count, difference, plain, share
from training.card.blocks import Block, Paragraph, Section, Table
from training.card.text import sentences, way

MOST_IMPORTANCES = 20
MOST_EFFECTS = 8


def inside(scorer: Scorer) -> Section:
    """Return importances, and the effects of what matters most."""
    return Section(sentences("titles")["inside"], list(_inside(scorer)))


def _inside(scorer: Scorer) -> Iterator[Block]:
    words = sentences("inside")
    found = [row for row in scorer.importances() if float(row["mean_points"]) > 0.0]
    if not found:
        yield Paragraph(words["rates"])
        return
    found = found[:MOST_IMPORTANCES]
    yield plots.importances(found, words["importances"])
    rows = [
        (
            plain(str(row["about"])),
            str(row["family"]),
            amount(float(row["mean_points"]), 2),
            share(float(row["gain"])),
        )
        for row in found
    ]
    head = ("", "family", "mean points", "gain")
    yield Table(words["table"], head, rows, words=2, is_beside=True)
    yield Paragraph(words["note"])
    for one in effects(scorer, MOST_EFFECTS):
        about = plain(one.about)
        yield plots.effect(one, words["effect"].format(about=about, shown=one.shown))
        values = [
            (value.name, count(value.leads), share(value.rate), difference(value.points, 1))
            for value in one.values
        ]
        caption = words["effect_table"].format(about=about, shown=one.shown)
        yield Table(caption, ("", "leads", "won", "points"), values, is_beside=True)


def chosen(report: Mapping[str, Any]) -> Section:
    """Return the candidates and how they were compared."""
    return Section(sentences("titles")["chosen"], list(_chosen(report)))


def _chosen(report: Mapping[str, Any]) -> Iterator[Block]:
    words, procedure = sentences("chosen"), report["procedure"]
    before, served = procedure.get("before_test"), procedure.get("served")
    told = served or before
    if told is None:
        yield Paragraph(words["none"])
        return
    kind = words["in_time" if told.get("judged_in_time", True) else "folds"]
    errors = report["config"].get("choosing", {}).get("errors", 1.0)
    how = words["how"].format(origins=len(told["origins"]), kind=kind, errors=f"{errors:g}")
    yield Paragraph(how)
    for name, one in (("candidates_before", before), ("candidates_served", served)):
        if one is not None and one.get("candidates"):
            yield _candidates(words[name], one["candidates"])
    if told.get("trials"):
        most = count(report["config"].get("choosing", {}).get("search_rows"))
        yield _trials(words["trials"].format(rows=most), told["trials"])
    if served is not None:
        line = {name: amount(served["calibration"][name]) for name in ("slope", "intercept")}
        yield Paragraph(words["calibration"].format(**line))
    rows = [
        (
            count(place),
            *(count(origin[name]) for name in ("training_rows", "judged_rows", "purged_rows")),
        )
        for place, origin in enumerate(told["origins"], start=1)
    ]
    if rows:
        head = ("origin", "rows learned from", "rows judged", "rows purged")
        yield Table(words["origins"], head, rows)


def _trials(caption: str, trials: Sequence[Mapping[str, Any]]) -> Table:
    """Return settings and their losses, the best first."""
    best_first = sorted(trials, key=lambda one: float(one["log_loss"]))
    rows = [
        (
            amount(one["log_loss"], 4),
            f"{difference(one['difference'])}\n{amount(one['standard_error'], 4)}",
            ", ".join(amount(loss, 4) for loss in one["by_origin"]),
            count(one["trees"]),
            count(one["leaves"]),
            amount(one["rows_in_leaf_factor"], 2),
            share(one["feature_share"], 0),
            amount(one["l2"], 1),
            str(one["statistics"]),
            ABSENT if one["half_life"] is None else f"{one['half_life']:g}",
        )
        for one in best_first
    ]
    losses = ("log loss", "beside the best", "at each origin")
    settings = ("trees", "leaves", "rows in leaf", "features", "L2", "statistics", "half-life")
    return Table(caption, (*losses, *settings), rows, marked=0)


def _candidate(one: Mapping[str, Any]) -> str:
    if one["name"] == "blend" and "tree_weight" in one:
        return sentences("ways")["blend_of"].format(share=share(one["tree_weight"], 0))
    return way(one["name"])


def _candidates(caption: str, candidates: list[dict[str, Any]]) -> Table:
    rows = [
        (
            _candidate(one),
            amount(one["log_loss"], 4),
            difference(one["difference"]),
            amount(one.get("standard_error", one.get("se")), 4),
            "taken" if one["chosen"] else "",
        )
        for one in candidates
    ]
    taken = next((i for i, one in enumerate(candidates) if one["chosen"]), None)
    head = ("candidate", "log loss", "beside the best", "standard error", "")
    return Table(caption, head, rows, marked=taken)
