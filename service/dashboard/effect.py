"""What a draft of the agreement would do, drawn again whenever it changes."""

import asyncio
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any, NamedTuple

from nicegui import background_tasks, ui

from features.errors import LeadScoringError
from models.agreement.described import described
from models.agreement.lines import Lines
from models.agreement.read import parse_agreement
from models.agreement.rules import make_rules
from models.preview.outlook import Labelled
from service.api.preview import DRAFT, decided_so_far, tried_draft
from service.dashboard.charts import beside
from service.dashboard.frame import card, cells
from service.dashboard.reader import Reader
from service.holder import Served

LABELS = ("SQL", "MQL", "nurture", "disqualified")


class Tried(NamedTuple):
    """What came of a draft.

    Parameters
    ----------
    effect : dict or None
        None where it cannot be.
    words : list
        The draft in words.
    problem : str or None
        What is wrong with it.
    seconds : float
        How long it took.
    """

    effect: dict[str, Any] | None
    words: list[dict[str, Any]]
    problem: str | None
    seconds: float


class Effect:
    """Tries drafts one after the other; of those that wait only the newest is tried.

    Parameters
    ----------
    reader : Reader
    text : callable
        Gives the draft.
    """

    def __init__(self, reader: Reader, text: Callable[[], str]) -> None:
        self.reader = reader
        self.text = text
        self.waits = False
        self.busy = False
        self.before: tuple[Served, Labelled] | None = None
        words = reader.words["agreement"]
        with ui.element("div").classes("stack sticky"):
            with card(words["effect"]):
                self.problem = ui.label("").classes("late").props("role=alert")
                self.chart = ui.echart(beside(reader, {}, {})).classes("chart low")
                self.table = ui.element("div")
            with card(words["changes"]):
                self.changes = ui.element("div")

    def soon(self) -> None:
        """Try the draft as it is now."""
        self.waits = True
        if not self.busy:
            self.busy = True
            background_tasks.create(self.work())

    async def work(self) -> None:
        """Try drafts until none waits."""
        try:
            while self.waits and not self.table.is_deleted:
                self.waits = False
                tried = await asyncio.to_thread(self.tried, self.text())
                if not self.table.is_deleted:
                    self.draw(tried)
        finally:
            self.busy = False

    def tried(self, text: str) -> Tried:
        """Return what comes of a draft."""
        began = perf_counter()
        served = self.reader.parts.holder.served
        if self.before is None or self.before[0] is not served:
            self.before = (served, decided_so_far(served))
        try:
            effect = tried_draft(served, text, self.before[1])
            words = in_words(served, text, effect["agreement"]["lines"], self.reader.language)
        except LeadScoringError as error:
            return Tried(None, [], str(error), 0.0)
        return Tried(effect, words, None, perf_counter() - began)

    def draw(self, tried: Tried) -> None:
        """Draw what came of a draft; what was drawn before stays where one cannot be."""
        self.problem.text = tried.problem or ""
        effect = tried.effect
        if effect is None:
            return
        new, old = (by_label(effect[name]) for name in ("new", "old"))
        self.chart.options.update(beside(self.reader, old, new))
        self.chart.update()
        self.table.clear()
        with self.table:
            outlook(self.reader, effect, tried.seconds)
            flips(self.reader, effect)
        self.changes.clear()
        with self.changes:
            served = self.reader.parts.holder.served
            now = described(served.agreed.rules, self.reader.language)
            compared(self.reader, now, tried.words)


def in_words(
    served: Served, text: str, lines: Mapping[str, Any], language: str
) -> list[dict[str, Any]]:
    """Return a draft that can be had in words."""
    draft = parse_agreement(text, DRAFT)
    return described(make_rules(draft, Lines.from_json(lines), served.space), language)


def by_label(outlook: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of each label."""
    return {one["label"]: one for one in outlook["labels"]}


def outlook(reader: Reader, effect: Mapping[str, Any], seconds: float) -> None:
    """Draw volumes, precision, expected wins and workload, now and as drafted."""
    words = reader.words["agreement"]
    new, old = (by_label(effect[name]) for name in ("new", "old"))
    weeks = effect["new"]["weeks"]
    rows = []
    for label in LABELS:
        for when, one in (("now", old[label]), ("then", new[label])):
            name = words[when].format(name=label)
            rows.append([name, volume(one), won(reader, one), wins(one), work(reader, one)])
    names = ("label", "per_week" if weeks else "leads", "precision", "wins", "work")
    cells(rows, [words[name] for name in names])
    leads = effect["new"]["leads"]
    told = words["basis_undated"] if weeks is None else words["basis"]
    ui.label(
        told.format(leads=f"{leads:,.0f}", weeks=f"{weeks or 0:.0f}", ms=f"{1000 * seconds:.0f}")
    ).classes("quiet")
    for one in effect["agreement"]["resolved"]:
        if one["segment"] is None:
            share = f"{100 * one['probability']:.1f}"
            ui.label(words["comes_to"].format(label=one["label"], share=share)).classes("quiet")


def volume(one: Mapping[str, Any]) -> str:
    """Return how many leads get a label, a week where there are dates."""
    per_week = one["per_week"]
    return f"{one['leads']:,.0f}" if per_week is None else f"{per_week:,.1f}"


def won(reader: Reader, one: Mapping[str, Any]) -> str:
    """Return the share that was won, with its 80 % interval."""
    return str(reader.words["none"]) if one["won"] is None else reader.share(one["won"])


def wins(one: Mapping[str, Any]) -> str:
    """Return the wins to expect, with their 80 % interval."""
    return f"{one['expected_wins']:,.1f} ({one['low']:,.1f}-{one['high']:,.1f})"


def work(reader: Reader, one: Mapping[str, Any]) -> str:
    """Return how many attempts a week were promised."""
    attempts = one["attempts_per_week"]
    return str(reader.words["none"]) if attempts is None else f"{attempts:,.1f}"


def flips(reader: Reader, effect: Mapping[str, Any]) -> None:
    """Draw how many leads change from which label to which."""
    words = reader.words["agreement"]
    table = effect["flips"]
    moved = sum(n for was, row in table.items() for now, n in row.items() if was != now)
    told = words["moved"].format(n=f"{moved:,.0f}", leads=f"{effect['new']['leads']:,.0f}")
    ui.label(told).classes("strong below")
    rows = [[was, *(f"{table[was][now]:,.0f}" for now in LABELS)] for was in LABELS]
    cells(rows, [words["was"], *LABELS])


def compared(reader: Reader, now: list[dict[str, Any]], then: list[dict[str, Any]]) -> None:
    """Draw in words what a draft changes."""
    words = reader.words["agreement"]
    before = {(part["title"], line) for part in now for line in part["lines"]}
    after = {(part["title"], line) for part in then for line in part["lines"]}
    if before == after:
        ui.label(words["no_changes"]).classes("quiet")
    titles = dict.fromkeys(part["title"] for part in (*now, *then))
    for title in titles:
        gone = [one for one in listed(now, title) if (title, one) not in after]
        come = [one for one in listed(then, title) if (title, one) not in before]
        if not gone and not come:
            continue
        ui.label(title).classes("strong")
        with ui.element("ul").classes("reasons"):
            for sign, style, lines in (("−", "late", gone), ("+", "good", come)):
                for line in lines:
                    with ui.element("li"):
                        ui.label(sign).classes(style)
                        ui.label(line)


def listed(parts: list[dict[str, Any]], title: str) -> list[str]:
    """Return the lines under a title."""
    return [line for part in parts if part["title"] == title for line in part["lines"]]
