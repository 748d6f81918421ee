"""A card that is filled once what it shows has been read, which may take a while."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeAlias

from nicegui import ui

from features.errors import LeadScoringError
from service.dashboard.frame import card
from service.dashboard.reader import Reader

Read: TypeAlias = Callable[[Reader], dict[str, Any]]
Draw: TypeAlias = Callable[[Reader, dict[str, Any]], None]


def later(reader: Reader, title: str, looking: str, read: Read, draw: Draw) -> None:
    """Draw a card with what the store knows.

    Parameters
    ----------
    title, looking : str
        Of the card; what stands there meanwhile.
    read : callable
        Returns what is shown; runs in a thread.
    draw : callable
        Draws it.
    """
    with card(title).classes("below"):
        if reader.parts.store is None:
            ui.label(reader.words["today"]["nothing_kept"]).classes("quiet")
            return
        filled_later(reader, looking, read, draw)


def filled_later(
    reader: Reader, looking: str, read: Read, draw: Draw
) -> Callable[[], Awaitable[None]]:
    """Draw what the store knows; return what reads and draws it again."""
    box = ui.element("div").props("role=status")
    fill = partial(_fill, reader, box, read, draw)
    with box:
        ui.label(looking).classes("quiet")
        ui.timer(0.1, fill, once=True)
    return fill


async def _fill(reader: Reader, box: ui.element, read: Read, draw: Draw) -> None:
    """Read, and draw what was found, or why that could not be read."""
    problem = None
    try:
        found = await asyncio.to_thread(read, reader)
    except LeadScoringError as error:
        problem = str(error)
    if box.is_deleted:
        return
    box.clear()
    with box:
        if problem is not None:
            ui.label(problem).classes("late")
        else:
            draw(reader, found)
