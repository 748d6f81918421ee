"""Model: what answers, how good it is, whether it still fits, and what shall answer next."""

import asyncio
from collections.abc import Mapping
from typing import Any

from nicegui import ui
from starlette.requests import Request

from features.attributes.vocabulary import Vocabulary
from features.errors import LeadScoringError
from models.bundle.bundle import Bundle
from models.bundle.folder import ArtifactFolder
from models.bundle.read import read_bundle
from models.effects import Effect, effects
from service.dashboard.figure import figure
from service.dashboard.frame import card, cells, empty, framed
from service.dashboard.gate_checks import checks
from service.dashboard.model_charts import bars, channels, gain, name_of, percent, reliability
from service.dashboard.model_requests import requests
from service.dashboard.model_shadow import shadow
from service.dashboard.model_verdicts import verdicts
from service.dashboard.named import label_of
from service.dashboard.reader import Reader
from service.parts import Parts

METRICS = {
    "roc_auc": 3,
    "pr_auc": 3,
    "log_loss": 4,
    "lift_at_10": 2,
    "calibration_slope": 2,
    "observed_expected": 2,
    "ece": 4,
}
"""Figures that are shown, with their digits."""
MOST_IMPORTANCES = 15
MOST_EFFECTS = 6


def add_model() -> None:
    """Add the page."""

    @ui.page("/model")
    async def model(request: Request) -> None:
        with framed(request, "model") as reader:
            words = reader.words["model"]
            if not reader.parts.holder.ready:
                empty(words["no_model"], words["no_model_hint"])
                return
            scorer = reader.parts.holder.served.scorer
            challenger = await asyncio.to_thread(challenger_of, reader.parts)
            found = await asyncio.to_thread(effects, scorer, MOST_EFFECTS, reader.language)
            about(reader)
            with ui.element("div").classes("grid below"):
                compared(reader, challenger)
                gate(reader, "gate", scorer.bundle)
                if challenger is not None:
                    gate(reader, "gate_challenger", challenger)
                curves(reader, spelt(scorer.bundle))
                importances(reader)
                for one in found:
                    effect(reader, one)
            shadow(reader)
            with ui.element("div").classes("below"):
                await requests(reader, None if challenger is None else version_of(challenger))
                verdicts(reader)


def challenger_of(parts: Parts) -> Bundle | None:
    """Return the bundle that is compared with the champion, None without a good one."""
    folder = ArtifactFolder(parts.settings.artifacts)
    try:
        path = folder.challenger(parts.holder.served.scorer.manifest.dataset)
        return None if path is None else read_bundle(path, key=parts.settings.key)
    except LeadScoringError:
        return None


def version_of(bundle: Bundle) -> str:
    """Return a bundle's version."""
    return bundle.deployment.version


def about(reader: Reader) -> None:
    """Draw what answers, and from what it was learned."""
    words, told = reader.words["model"], reader.parts.holder.served.about
    window = told["trained_on"]
    leads, won = window.get("leads"), window.get("won")
    none = reader.words["none"]
    horizon = told["horizon_days"]
    predicts = words["ever"] if horizon is None else words["within"].format(n=horizon)
    rows = [
        (words["version"], told["version"]),
        (words["dataset"], told["dataset"]),
        (words["basis"], words["bases"][told["basis"]]),
        (words["predicts"], predicts),
        (words["anchor"], f"{percent(told['anchor']):g} %"),
        (words["learned"], none if leads is None else f"{leads:,}"),
        (words["won"], none if won is None else f"{won:,}"),
        (words["from_to"], f"{day(window.get('from'), none)} - {day(window.get('to'), none)}"),
        (words["exported"], str(told["exported_at"])[:16].replace("T", " ")),
        (words["gate_said"], words["statuses"].get(told["gate"], told["gate"])),
        (words["agreement"], told["agreement"]["version"]),
    ]
    with card(words["card"]), ui.element("dl").classes("facts"):
        for name, value in rows:
            with ui.element("div"):
                with ui.element("dt").classes("quiet"):
                    ui.label(name)
                with ui.element("dd").classes("strong"):
                    ui.label(str(value))


def day(text: Any, none: str) -> str:
    """Return the day of a moment in ISO form."""
    return none if text is None else str(text)[:10]


def compared(reader: Reader, challenger: Bundle | None) -> None:
    """Draw the figures of champion, challenger and simple ways beside each other."""
    words = reader.words["model"]
    champion = reader.parts.holder.served.scorer.bundle
    columns = {words["champion"]: champion.report.get("test", {})}
    if challenger is not None:
        columns[words["challenger"]] = challenger.report.get("test", {})
    baselines = champion.report.get("baselines", {})
    columns |= {words["ways"].get(name, name): one for name, one in baselines.items()}
    rows = []
    for metric, digits in METRICS.items():
        if any(metric in one for one in columns.values()):
            shown = [figure_of(reader, one, metric, digits) for one in columns.values()]
            rows.append([words["metrics"][metric], *shown])
    with card(words["compared"]).classes("whole"):
        cells(rows, ["", *columns])
        n = champion.report.get("test", {}).get("n")
        ui.label(words["judged"].format(n=reader.words["none"] if n is None else n)).classes(
            "quiet"
        )
        if challenger is None:
            ui.label(words["no_challenger"]).classes("quiet")
        for name, one in champion.report.get("differences", {}).items():
            low, high = one["interval"]
            told = words["beside"].format(
                name=words["ways"].get(name, name),
                difference=f"{one['log_loss']:+.4f}",
                interval=reader.words["none"] if low is None else f"{low:+.4f}, {high:+.4f}",
            )
            ui.label(told).classes("quiet")


def figure_of(reader: Reader, found: Mapping[str, Any], metric: str, digits: int) -> str:
    """Return a figure with its interval."""
    value = found.get(metric)
    if value is None:
        return str(reader.words["none"])
    low, high = found.get("intervals", {}).get(metric, (None, None))
    if low is None:
        return f"{value:.{digits}f}"
    return f"{value:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def gate(reader: Reader, title: str, bundle: Bundle) -> None:
    """Draw what the gate checked before a bundle might answer."""
    words = reader.words["model"]
    deployment = bundle.deployment
    with card(words[title].format(version=deployment.version)):
        status = words["statuses"].get(deployment.gate, deployment.gate)
        ui.label(status).classes("strong")
        if deployment.reason:
            ui.label(deployment.reason)
        beside = (deployment.comparison or {}).get("champion")
        if beside is not None:
            ui.label(words["beside_champion"].format(version=beside)).classes("quiet")
        if not deployment.checks:
            ui.label(words["no_checks"]).classes("quiet")
            return
        checks(reader, deployment.checks)


def curves(reader: Reader, found: Mapping[str, Any]) -> None:
    """Draw reliability, overall and by channel, and the lift curve, where the bundle has them."""
    words = reader.words["model"]
    if not found:
        with card(words["reliability"]):
            ui.label(words["no_curves"]).classes("quiet")
        return
    with card(words["reliability"]):
        rows = found["reliability"]
        table = [
            [f"{percent(one['predicted']):.1f} %", share(one["rate"], one["interval"]), one["n"]]
            for one in rows
        ]
        heads = [words["predicted"], words["observed"], words["leads"]]
        figure(reader, reliability(reader, rows), heads, table)
        ui.label(words["tenths"]).classes("quiet")
    with card(words["by_channel"]):
        rows = [one for one in found["channels"] if one["n"]]
        table = [
            [
                name_of(reader, one),
                one["n"],
                share(one["won"] / one["n"], one["rate_interval"]),
                f"{percent(one['expected'] / one['n']):.1f} %",
            ]
            for one in rows
        ]
        heads = [words["channel"], words["leads"], words["observed"], words["predicted"]]
        figure(reader, channels(reader, rows), heads, table)
    with card(words["gain"]):
        ways = found["gain"]
        table = [
            [f"{percent(points[0][0]):.0f} %", *(f"{percent(y):.0f} %" for _, y in points)]
            for points in list(zip(*ways.values(), strict=True))[::5]
        ]
        names = [words["ways"].get(name, name) for name in ways]
        figure(reader, gain(reader, ways), [words["best"], *names], table)
        ui.label(words["gain_hint"]).classes("quiet")


def share(value: float, interval: Any) -> str:
    """Return a share with its interval, in percent."""
    low, high = (percent(end) for end in interval)
    return f"{percent(value):.1f} % ({low:.1f}-{high:.1f} %)"


def spelt(bundle: Bundle) -> dict[str, Any]:
    """Return the report's curves with channels as people write them; none in old bundles."""
    found = bundle.report.get("curves")
    if not found:
        return {}
    vocabulary = getattr(bundle.manifest.space.encoder("channel"), "vocabulary", None)
    if not isinstance(vocabulary, Vocabulary):
        return dict(found)
    rows = [
        {**one, "spelling": one["channel"] and vocabulary.spelling(one["channel"])}
        for one in found["channels"]
    ]
    return {**found, "channels": rows}


def importances(reader: Reader) -> None:
    """Draw how much each thing matters."""
    words = reader.words["model"]
    found = [one for one in reader.parts.holder.served.about["importances"] if one["mean_points"]]
    with card(words["importances"]):
        if not found:
            ui.label(words["rates"]).classes("quiet")
            return
        found = found[:MOST_IMPORTANCES]
        names = [label_of(reader, str(one["about"])) for one in found]
        points = [float(one["mean_points"]) for one in found]
        gains = [f"{percent(float(one['gain'])):.1f} %" for one in found]
        table = [[n, f"{p:.2f}", g] for n, p, g in zip(names, points, gains, strict=True)]
        heads = [words["what"], words["mean_points"], words["gain_share"]]
        figure(reader, bars(reader, names, points), heads, table).classes("tall")
        ui.label(words["importances_hint"]).classes("quiet")


def effect(reader: Reader, one: Effect) -> None:
    """Draw what values of a thing add to the score."""
    words = reader.words["model"]
    title = words["effect"].format(name=label_of(reader, one.about), shown=one.shown)
    with card(title):
        names = [value.name for value in one.values]
        table = [
            [value.name, f"{value.leads:,}", f"{percent(value.rate):.1f} %", f"{value.points:+.1f}"]
            for value in one.values
        ]
        heads = [words["values"], words["leads"], words["won_share"], words["points"]]
        figure(reader, bars(reader, names, [v.points for v in one.values]), heads, table)
