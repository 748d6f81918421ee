"""What the challenger would have answered, beside what was answered."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from nicegui import ui

from features.moment import to_moment
from service.api.shadow import DAYS, shadowed
from service.dashboard.frame import cells
from service.dashboard.later import later
from service.dashboard.reader import Reader
from service.statistics.shadow import MODELS
from service.statistics.span import Span

MOST_FLIPS = 10
QUARTILES = ("p25", "p75")
TAILS = ("p5", "p95")


def shadow(reader: Reader) -> None:
    """Draw the comparison, once it is there."""
    words = reader.words["shadow"]
    later(reader, words["title"].format(n=DAYS), words["looking"], read, draw)


def read(reader: Reader) -> dict[str, Any]:
    """Return what `GET /shadow` tells of the last days."""
    parts = reader.parts
    now = parts.clock()
    span = Span(to_moment(now - timedelta(days=DAYS)), to_moment(now) + 1)
    return parts.require_store().reading(lambda c: shadowed(parts, c, span, None))


def draw(reader: Reader, found: dict[str, Any]) -> None:
    """Draw shifts, labels that differ, cost and what outcomes say."""
    words = reader.words["shadow"]
    if found["problem"]:
        ui.label(found["problem"]).classes("late")
    if not found["compared"]:
        ui.label(words["empty"]).classes("strong")
        ui.label(words["empty_hint"]).classes("quiet")
        return
    told = words["compared"].format(
        challenger=found["challenger_version"],
        champion=", ".join(found["champion_versions"]),
        decisions=f"{found['looked_at']:,}",
        leads=f"{found['leads']:,}",
    )
    ui.label(told)
    if found["dropped"]:
        ui.label(words["dropped"].format(n=f"{found['dropped']:,}")).classes("quiet")
    shift(reader, found["shift"])
    flips(reader, found)
    calibration(reader, found)
    cost(reader, found["cost"])


def shift(reader: Reader, found: Mapping[str, float]) -> None:
    """Draw by how much scores differ."""
    words = reader.words["shadow"]
    ui.html(f"<h3>{words['shift']}</h3>", sanitize=False)
    half = words["between"].format(*(f"{found[name]:+.0f}" for name in QUARTILES))
    most = words["between"].format(*(f"{found[name]:+.0f}" for name in TAILS))
    row = [f"{found['mean']:+.1f}", f"{found['mean_absolute']:.1f}", f"{found['median']:+.0f}"]
    heads = [words[name] for name in ("mean", "mean_absolute", "median", "half", "most")]
    cells([[*row, half, most]], heads)


def flips(reader: Reader, found: Mapping[str, Any]) -> None:
    """Draw how many labels differ, and the newest such leads."""
    words = reader.words["shadow"]
    flipped = found["flips"]
    ui.html(f"<h3>{words['flips']}</h3>", sanitize=False)
    share = 100 * flipped["decisions"] / found["looked_at"]
    ui.label(words["flipped"].format(n=f"{flipped['decisions']:,}", share=f"{share:.1f}"))
    if not flipped["decisions"]:
        return
    rows = [[one["champion"], one["challenger"], one["decisions"]] for one in flipped["pairs"]]
    cells(rows, [words[name] for name in ("from", "to", "decisions")])
    ui.label(words["newest"]).classes("quiet below")
    with ui.element("ul").classes("plain"):
        for one in flipped["leads"][:MOST_FLIPS]:
            with ui.element("li"):
                address = f"/lead/{quote(one['lead_id'], safe='')}?episode={one['episode']}"
                ui.link(one["lead_id"], address)
                ui.label(words["flip"].format(**one))


def calibration(reader: Reader, found: Mapping[str, Any]) -> None:
    """Draw what both said of leads whose outcome is known."""
    words, none = reader.words["shadow"], reader.words["none"]
    ui.html(f"<h3>{words['calibration']}</h3>", sanitize=False)
    drawn = False
    for name in ("over", "closed_before"):
        judged = found["outcomes"][name]
        if not judged["leads"]:
            continue
        drawn = True
        told = {"n": judged["leads"], "won": judged["won"], "days": found["horizon_days"]}
        ui.label(words[name].format(**told)).classes("below")
        rows = []
        for model in MODELS:
            fit = judged[model]
            ratio = fit["observed_expected"]
            shown = [f"{fit['expected']:.1f}", none if ratio is None else f"{ratio:.2f}"]
            shown += [f"{fit['brier']:.4f}", f"{fit['log_loss']:.4f}"]
            rows.append([reader.words["model"][model], *shown])
        heads = [words[name] for name in ("expected", "observed_expected", "brier", "log_loss")]
        cells(rows, ["", *heads])
        if judged["log_loss_low"] is not None:
            ends = ("log_loss_difference", "log_loss_low", "log_loss_high")
            told = words["difference"].format(*(f"{judged[end]:+.4f}" for end in ends))
            ui.label(told).classes("quiet")
    if not drawn:
        ui.label(words["no_outcomes"]).classes("quiet")


def cost(reader: Reader, found: Mapping[str, Any]) -> None:
    """Draw how long a lead takes each of them."""
    words = reader.words["shadow"]
    ui.html(f"<h3>{words['cost']}</h3>", sanitize=False)
    rows = []
    for model in MODELS:
        one = found[model]
        if one["of"]:
            shown = [f"{one[name]:.2f} ms" for name in ("median_ms", "p95_ms")]
            rows.append([reader.words["model"][model], *shown, f"{one['of']:,}"])
    if rows:
        cells(rows, ["", *(words[name] for name in ("cost_median", "cost_p95", "measured"))])
    else:
        ui.label(words["no_cost"]).classes("quiet")
