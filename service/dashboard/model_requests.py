"""Asking that another version answers, and what became of what was asked for."""

import asyncio
from typing import Any

from nicegui import ui

from features.errors import LeadScoringError
from models.bundle.request import MOST_REASON_CHARACTERS, ModelRequest
from service.dashboard.frame import card, empty
from service.dashboard.gate_checks import checks
from service.dashboard.reader import Reader
from service.model_request import ask_for_version, request_folder

MOST_SHOWN = 20
STYLES = {"asked": "quiet", "done": "good", "refused": "late"}


async def requests(reader: Reader, challenger: str | None) -> None:
    """Draw what was asked for, and for those who may the way to ask.

    Parameters
    ----------
    challenger : str or None
        Version that is compared with the champion.
    """
    words = reader.words["requests"]
    with card(words["title"]):
        ui.label(words["how"]).classes("quiet")
        box = ui.element("div").classes("below")
        if reader.may("admin"):
            form(reader, challenger, box)
    await redraw(reader, box)


def form(reader: Reader, challenger: str | None, box: ui.element) -> None:
    """Draw the way to ask."""
    words = reader.words["requests"]
    champion = reader.parts.holder.served.model_version
    with ui.element("div").classes("form"):
        action = ui.select(words["actions"], label=words["action"], value="promote")
        version = ui.input(words["version"], value=challenger or "")
        reason = ui.input(words["reason"]).props(f"maxlength={MOST_REASON_CHARACTERS}")
        for one in (action, version, reason):
            one.props("dense outlined")
        button = ui.button(words["ask"]).props("dense")

    def chosen() -> None:
        usual = {"promote": challenger, "rollback": champion}
        version.value = usual.get(action.value) or ""

    async def ask() -> None:
        if not reader.may("admin"):
            ui.notify(reader.words["login"]["forbidden"], type="negative")
            return
        what: Any = action.value
        which, why = (version.value or "").strip(), reason.value or ""
        try:
            await asyncio.to_thread(ask_for_version, reader.parts, what, which, why, reader.key)
        except LeadScoringError as error:
            ui.notify(str(error), type="negative")
            return
        ui.notify(words["asked"], type="positive")
        reason.value = ""
        await redraw(reader, box)

    action.on_value_change(chosen)
    button.on_click(ask)


async def redraw(reader: Reader, box: ui.element) -> None:
    """Draw what was asked for."""
    words = reader.words["requests"]
    try:
        found = await asyncio.to_thread(lambda: request_folder(reader.parts.settings).all())
    except LeadScoringError as error:
        ui.notify(str(error), type="negative")
        return
    box.clear()
    with box:
        if not found:
            empty(words["none"], words["none_hint"])
        for one in found[:MOST_SHOWN]:
            draw(reader, one)


def draw(reader: Reader, one: ModelRequest) -> None:
    """Draw a request, and the gate's checks where there are some."""
    words = reader.words["requests"]
    with ui.element("div").classes("version"):
        with ui.element("div").classes("line"):
            ui.label(f"{words['actions'][one.action]} {one.version}").classes("strong")
            ui.label(words["statuses"][one.status]).classes(STYLES[one.status])
            who = one.asked_by or reader.words["none"]
            ui.label(f"{who}, {one.asked_at[:16].replace('T', ' ')} UTC").classes("quiet")
        ui.label(one.reason)
        if one.told:
            ui.label(one.told).classes(STYLES[one.status])
        if one.checks:
            checks(reader, one.checks)
