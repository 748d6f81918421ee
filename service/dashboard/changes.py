"""What would change a lead's label, in words."""

from typing import Any

from nicegui import ui

from service.dashboard.frame import card
from service.dashboard.reader import Reader

MOST = 8
"""Of each kind that are seen at once."""


def what_would_change(reader: Reader, found: dict[str, Any]) -> None:
    """Draw what would give a lead another label, one thing at a time.

    Parameters
    ----------
    found : dict
        See `changes_of`.
    """
    words = reader.words["changes"]
    with card(words["title"]):
        if not found["changes"]:
            ui.label(words["nothing"].format(n=found["looked_at"])).classes("quiet")
        for what in ("activity", "attribute", "time"):
            changes = [one for one in found["changes"] if one["what"] == what]
            if changes:
                ui.label(words[what]).classes("strong")
                rows(reader, changes[:MOST])
            if len(changes) > MOST:
                with ui.expansion(words["more"].format(n=len(changes) - MOST)):
                    rows(reader, changes[MOST:])
        ui.label(words["view"]).classes("quiet")


def rows(reader: Reader, changes: list[dict[str, Any]]) -> None:
    """Draw a line for each change."""
    with ui.element("ul").classes("reasons"):
        for one in changes:
            with ui.element("li").classes("line"):
                ui.label(one["text"])
                ui.label(one["label"]).classes(f"tag {one['label']}")
                if one["score"] is not None:
                    score = reader.words["changes"]["score"].format(score=one["score"])
                    ui.label(score).classes("points")
