"""Past leads like one, and what came of them."""

from typing import Any
from urllib.parse import quote

from nicegui import ui

from service.dashboard.frame import card
from service.dashboard.reader import Reader


def similar_leads(reader: Reader, found: dict[str, Any]) -> None:
    """Draw past leads like the one that is shown.

    Parameters
    ----------
    found : dict
        See `similar_to`.
    """
    words = reader.words["similar"]
    with card(words["title"]).classes("below"):
        leads, days = found["leads"], found["horizon_days"]
        ever = "_ever" if days is None else ""
        if not leads:
            unscored = found["score"] is None or not reader.parts.holder.ready
            told = words["unscored" if unscored else f"none{ever}"]
            ui.label(told.format(days=days)).classes("quiet")
            return
        won = sum(one["outcome"] == "won" for one in leads)
        told = words[f"came_of{ever}"].format(won=won, n=len(leads), days=days)
        ui.label(told).classes("quiet")
        with (
            ui.element("div").classes("scroll").props("tabindex=0"),
            ui.element("table").classes("plain"),
        ):
            with ui.element("thead"), ui.element("tr"):
                for name in ("lead", "outcome", "score", "channel", "differs"):
                    with ui.element("th").props("scope=col"):
                        ui.label(words[name])
            with ui.element("tbody"):
                for one in leads:
                    row(reader, one)


def row(reader: Reader, one: dict[str, Any]) -> None:
    """Draw a past lead."""
    words = reader.words["similar"]
    with ui.element("tr"):
        with ui.element("td"):
            to = f"/lead/{quote(one['lead_id'])}?episode={one['episode']}"
            ui.link(one["lead_id"], to)
        with ui.element("td"):
            name = one["outcome"] or "open"
            ui.label(words[name]).classes("good" if name == "won" else "quiet")
        for cell in (str(one["score"]), one["channel"] or reader.words["none"]):
            with ui.element("td"):
                ui.label(cell)
        with ui.element("td"):
            names = reader.words["ledger"]
            told = [f"{names[of['family']]} {of['points']:+.1f}" for of in one["differs"]]
            ui.label(", ".join(told) or words["nothing"])
