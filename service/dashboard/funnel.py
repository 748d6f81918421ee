"""Funnel and channels: how far leads come, and which channels bring those that do."""

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from nicegui import ui
from sqlalchemy import Connection
from starlette.requests import Request

from service.dashboard.charts import flow, stages
from service.dashboard.costs import costs
from service.dashboard.frame import card, cells, empty, framed
from service.dashboard.reader import Reader
from service.dashboard.span import days_of, figures, period_for, spans
from service.statistics.funnel import read_funnel
from service.statistics.span import Span
from service.statistics.value import read_value

FEW = 30
"""Of fewer leads a share says little."""
STEPS = ("mql", "sql", "accepted", "won")


def add_funnel() -> None:
    """Add the page."""

    @ui.page("/funnel")
    async def funnel(request: Request) -> None:
        days = days_of(request)
        channel = request.query_params.get("channel", "")
        with framed(request, "funnel") as reader:
            words = reader.words["funnel"]
            if reader.parts.store is None:
                empty(reader.words["today"]["nothing_kept"], words["empty_hint"])
                return
            spans(reader, "/funnel", days, {"channel": channel} if channel else {})

            def read(connection: Connection, span: Span) -> dict[str, Any]:
                value = {one["channel"]: one for one in read_value(connection, span)}
                return {**read_funnel(connection, span, period_for(days)), "value": value}

            found = await asyncio.to_thread(figures, reader, days, read)
            if not found["all"]["leads"]:
                empty(words["empty"], words["empty_hint"])
                return
            names = [one["channel"] for one in found["channels"] if one["channel"]]
            filters(reader, names, days, channel)
            with ui.element("div").classes("grid"):
                if channel in names:
                    found = of_channel(found, channel)
                with card(words["stages"]):
                    ui.echart(stages(reader, found["all"])).classes("chart")
                with card(words["flow"]):
                    ui.echart(flow(reader, found["periods"])).classes("chart")
            with card(words["channels"]).classes("below"):
                channels(reader, found)
            costs(reader, days, channel if channel in names else None, names)


def of_channel(found: dict[str, Any], channel: str) -> dict[str, Any]:
    """Return the figures of one channel alone."""
    own = {
        name: [one for one in found[name] if one["channel"] == channel]
        for name in ("channels", "periods")
    }
    return {**found, **own, "all": own["channels"][0]}


def filters(reader: Reader, names: Sequence[str], days: int, channel: str) -> None:
    """Draw the choice of channels, which are addresses."""
    with ui.element("div").classes("filters"):
        for name in ("", *names):
            told = {"days": days, "channel": name} if name else {"days": days}
            link = ui.link(name or reader.words["today"]["all"], f"/funnel?{urlencode(told)}")
            link.classes("chip")
            if name == channel:
                link.classes("on").props('aria-current="true"')


def channels(reader: Reader, found: dict[str, Any]) -> None:
    """Draw what each channel comes to; shares with 95 % intervals."""
    words = reader.words["funnel"]
    none = reader.words["none"]
    rows = []
    for one in found["channels"]:
        brought = found["value"].get(one["channel"], {})
        name = one["channel"] or none
        median = brought.get("days_to_win", {}).get("median")
        value = brought.get("value")
        rows.append(
            [
                words["few"].format(channel=name) if one["leads"] < FEW else name,
                f"{one['leads']:,}",
                *(reader.share(one["conversion"][step]) for step in STEPS),
                f"{value:,.0f}" if value else none,
                none if median is None else reader.minutes(median * 24 * 60),
            ]
        )
    heads = [words["channel"], *(reader.words["stages"][name] for name in ("leads", *STEPS))]
    cells(rows, [*heads, words["value"], words["days"]])
    ui.label(words["interval"]).classes("quiet")
