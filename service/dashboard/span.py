"""The time that a page of figures is about."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from nicegui import ui
from sqlalchemy import Connection
from starlette.requests import Request

from service.api.statistics import told
from service.dashboard.reader import Reader
from service.statistics.span import Period, Span

DAYS = (30, 90, 365)


def days_of(request: Request) -> int:
    """Return how many days the address asks for."""
    asked = request.query_params.get("days", "")
    return int(asked) if asked in {str(days) for days in DAYS} else 90


def period_for(days: int) -> Period:
    """Return periods of which there are not too many."""
    return "month" if days > 100 else "week"


def figures(
    reader: Reader, days: int, read: Callable[[Connection, Span], dict[str, Any]]
) -> dict[str, Any]:
    """Return what a span of time until now comes to."""
    since = reader.parts.clock() - timedelta(days=days)
    return told(reader.parts, since, None, read)


def spans(
    reader: Reader, address: str, days: int, more: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Draw the choice of spans, which are addresses; `more` of the address stays as it is."""
    with ui.element("div").classes("filters"):
        for one in DAYS:
            name = reader.words["units"]["days"].format(n=one)
            link = ui.link(name, f"{address}?{urlencode({'days': one, **more})}").classes("chip")
            if one == days:
                link.classes("on").props('aria-current="true"')
