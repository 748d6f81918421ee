"""Whether model and agreement still fit what the store knows."""

import asyncio
from functools import partial
from typing import Any

from nicegui import ui

from features.errors import LeadScoringError
from features.moment import to_moment
from models.monitor.reference import reference_of
from service.api.monitoring import watched
from service.dashboard.lead import card
from service.dashboard.reader import Reader

STYLES = {"fine": "good", "watch": "strong", "act": "late"}
ORDER = ("act", "watch", "fine")


def verdicts(reader: Reader) -> None:
    """Draw the verdicts, once they are there: they may take a while with many leads."""
    words = reader.words["verdicts"]
    with card(words["title"]).classes("below"):
        box = ui.element("div").props("role=status")
        with box:
            if reader.parts.store is None:
                ui.label(reader.words["today"]["nothing_kept"]).classes("quiet")
                return
            ui.label(words["looking"]).classes("quiet")
            ui.timer(0.1, partial(fill, reader, box), once=True)


async def fill(reader: Reader, box: ui.element) -> None:
    """Look, and draw what was found."""
    try:
        found = await asyncio.to_thread(looked, reader)
    except LeadScoringError as error:
        found = {"problem": str(error)}
    if box.is_deleted:
        return
    words = reader.words["verdicts"]
    box.clear()
    with box:
        if "problem" in found:
            ui.label(found["problem"]).classes("late")
            return
        told = words["overall"].format(
            state=words["states"][found["verdict"]], leads=f"{found['leads']:,}"
        )
        ui.label(told).classes(STYLES[found["verdict"]])
        ui.label(
            words["risk"].format(share=f"{100 * found['risk']:.0f}", days=found["risk_days"])
        ).classes("quiet")
        if not found["checks"]:
            ui.label(words["none"]).classes("quiet")
        checks = sorted(found["checks"], key=lambda one: ORDER.index(one["verdict"]))
        with ui.element("ul").classes("reasons"):
            for one in checks:
                with ui.element("li"):
                    state = words["states"][one["verdict"]]
                    ui.label(state).classes(f"tag state {one['verdict']}")
                    subject = "" if one["subject"] is None else f" ({one['subject']})"
                    name = words["checks"].get(one["check"], one["check"])
                    ui.label(f"{name}{subject}: {one['says']}")
        ui.label(found["estimated"]["says"]).classes("quiet below")


def looked(reader: Reader) -> dict[str, Any]:
    """Return what `GET /monitoring` would answer."""
    parts = reader.parts
    served, now = parts.holder.served, to_moment(parts.clock())
    reference = reference_of(served.scorer)
    found = parts.require_store().reading(lambda c: watched(c, served, reference, now))
    return found.to_json(reader.language)
