"""Whether model and agreement still fit what the store knows."""

import asyncio
from contextlib import suppress
from functools import partial
from typing import Any

from nicegui import ui

from features.errors import LeadScoringError
from service.api.monitoring import looked
from service.dashboard.frame import card
from service.dashboard.later import filled_later
from service.dashboard.named import label_of
from service.dashboard.reader import Reader

STYLES = {"fine": "good", "watch": "strong", "act": "late"}
OF_VALUES = ("emptied", "inputs", "categories")
"""Checks about an attribute, or about channel or source."""
ORDER = ("act", "watch", "fine")


def verdicts(reader: Reader) -> None:
    """Draw the verdicts, once they are there, and the way to look once more."""
    words = reader.words["verdicts"]
    look = partial(looked, reader.parts, reader.language)
    with card(words["title"]).classes("below"):
        if reader.parts.store is None:
            ui.label(reader.words["today"]["nothing_kept"]).classes("quiet")
            return
        again = filled_later(reader, words["looking"], lambda _: look(), draw)
        button = ui.button(words["again"]).props("dense outline").classes("below")

        async def look_again() -> None:
            button.disable()
            with suppress(LeadScoringError):  # the same is told when it is drawn
                await asyncio.to_thread(look, anew=True)
            await again()
            if not button.is_deleted:
                button.enable()

        button.on_click(look_again)


def draw(reader: Reader, found: dict[str, Any]) -> None:
    """Draw a verdict for each check."""
    words = reader.words["verdicts"]
    told = words["overall"].format(
        state=words["states"][found["verdict"]], leads=f"{found['leads']:,}"
    )
    ui.label(told).classes(STYLES[found["verdict"]])
    ui.label(words["looked_at"].format(at=reader.when(found["at"]))).classes("quiet")
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
                name = words["checks"].get(one["check"], one["check"])
                subject = one["subject"]
                if subject is not None:
                    called = label_of(reader, subject) if one["check"] in OF_VALUES else subject
                    name = words["about"].format(name=name, subject=called)
                ui.label(words["says"].format(name=name, says=one["says"]))
    ui.label(found["estimated"]["says"]).classes("quiet below")
