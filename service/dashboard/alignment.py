"""Alignment: whether marketing and sales keep what they promised each other."""

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from nicegui import ui
from sqlalchemy import Connection
from starlette.requests import Request

from features.moment import to_moment
from service.api.statistics import HORIZON_DAYS
from service.dashboard.charts import acceptance
from service.dashboard.frame import card, cells, empty, framed
from service.dashboard.reader import Reader
from service.dashboard.span import days_of, figures, period_for, spans
from service.statistics.contacts import read_contacts
from service.statistics.disagreements import Disagreement, read_disagreements
from service.statistics.funnel import read_funnel
from service.statistics.labels import read_labels, read_rejections
from service.statistics.span import Span


def add_alignment() -> None:
    """Add the page."""

    @ui.page("/alignment")
    async def alignment(request: Request) -> None:
        days = days_of(request)
        with framed(request, "alignment") as reader:
            words = reader.words["alignment"]
            if reader.parts.store is None or not reader.parts.holder.ready:
                empty(reader.words["today"]["nothing_kept"], words["empty_hint"])
                return
            spans(reader, "/alignment", days)
            found = await asyncio.to_thread(read_alignment, reader, days)
            if not any(one["handed_over"] for one in found["labels"]):
                empty(words["empty"], words["empty_hint"])
                return
            with ui.element("div").classes("grid"):
                with card(words["acceptance"]):
                    ui.echart(acceptance(reader, found["periods"])).classes("chart")
                with card(words["rejections"]):
                    rejections(reader, found["rejections"])
            with card(words["labels"]).classes("below"):
                labels(reader, found["labels"])
            with card(words["contacts"]):
                contacts(reader, found["contacts"])
            with ui.element("div").classes("grid"):
                for which, judged in found["disagreements"].items():
                    with card(words[f"disagree_{which}"]):
                        disagreements(reader, judged)


def read_alignment(reader: Reader, days: int) -> dict[str, Any]:
    """Return the figures of the page."""
    parts = reader.parts
    now = to_moment(parts.clock())
    served = parts.holder.served
    horizon = served.scorer.manifest.horizon_days or HORIZON_DAYS

    def read(connection: Connection, span: Span) -> dict[str, Any]:
        return {
            "disagreements": read_disagreements(connection, span),
            "labels": read_labels(connection, span, now, horizon),
            "rejections": read_rejections(connection, span),
            "contacts": read_contacts(connection, span, served.agreement.service),
            "periods": read_funnel(connection, span, period_for(days))["periods"],
        }

    return figures(reader, days, read)


def labels(reader: Reader, found: list[dict[str, Any]]) -> None:
    """Draw what sales say of each label; shares with 95 % intervals."""
    words = reader.words["alignment"]
    counts = ("handed_over", "accepted", "rejected")
    rows = [
        [
            one["label"],
            *(f"{one[name]:,}" for name in counts),
            reader.share(one["acceptance"]),
            reader.share(one["precision"]),
        ]
        for one in found
    ]
    cells(rows, [words[name] for name in ("label", *counts, "accepted_share", "precision")])
    ui.label(reader.words["funnel"]["interval"]).classes("quiet")


def rejections(reader: Reader, found: list[dict[str, Any]]) -> None:
    """Draw why sales rejected leads."""
    words = reader.words["alignment"]
    if not found:
        ui.label(words["no_rejections"]).classes("quiet")
        return
    codes = reader.words["codes"]
    none = reader.words["none"]
    rows = [
        [codes.get(one["code"], none), one["label"] or none, f"{one['leads']:,}"] for one in found
    ]
    cells(rows, [words["reason"], words["label"], words["leads"]])


def contacts(reader: Reader, found: list[dict[str, Any]]) -> None:
    """Draw how fast and how often leads are contacted, beside what was promised."""
    words = reader.words["alignment"]
    none = reader.words["none"]

    def span(minutes: float | None) -> str:
        return none if minutes is None else reader.minutes(minutes)

    rows = []
    for one in found:
        attempts = one["attempts_before_giving_up"]["median"]
        promised = one["promised_attempts"]
        rows.append(
            [
                one["label"],
                span(one["system_delay_minutes"]["median"]),
                span(one["first_contact_minutes"]["median"]),
                span(one["promised_minutes"]),
                none if one["in_time"] is None else reader.share(one["in_time"]),
                none if attempts is None else f"{attempts:.0f}",
                none if promised is None else promised,
            ]
        )
    heads = ("label", "system", "people", "promised", "in_time", "attempts", "promised_attempts")
    cells(rows, [words[name] for name in heads])


def disagreements(reader: Reader, judged: Sequence[Disagreement]) -> None:
    """Draw leads that sales and the score see differently, each a link."""
    if not judged:
        ui.label(reader.words["alignment"]["no_disagreements"]).classes("quiet")
        return
    with ui.element("ul").classes("reasons"):
        for one in judged:
            with ui.element("li"):
                ui.label(str(one.score)).classes("strong")
                address = f"/lead/{quote(one.lead_id, safe='')}?episode={one.episode}"
                ui.link(one.lead_id, address)
                ui.label(one.label).classes(f"tag {one.label}")
                if one.code is not None:
                    ui.label(reader.words["codes"].get(one.code, one.code)).classes("quiet")
