"""Whether model and agreement still fit what the store knows."""

from typing import Any

from nicegui import ui

from features.moment import to_moment
from models.monitor.reference import reference_of
from service.api.monitoring import watched
from service.dashboard.later import later
from service.dashboard.reader import Reader

STYLES = {"fine": "good", "watch": "strong", "act": "late"}
ORDER = ("act", "watch", "fine")


def verdicts(reader: Reader) -> None:
    """Draw the verdicts, once they are there."""
    words = reader.words["verdicts"]
    later(reader, words["title"], words["looking"], looked, draw)


def draw(reader: Reader, found: dict[str, Any]) -> None:
    """Draw a verdict for each check."""
    words = reader.words["verdicts"]
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
