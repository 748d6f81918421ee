"""Verdicts that can still be taken back."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from features.errors import LeadScoringError

SECONDS = 6.0


class Place(NamedTuple):
    """A lead's episode."""

    lead_id: str
    episode: int


class Verdicts:
    """Keeps verdicts back for some seconds, in which they can be taken back.

    They are said then whether or not the page is still open, and at once when the service ends.
    """

    def __init__(self) -> None:
        self._waiting: dict[Place, tuple[asyncio.TimerHandle, Callable[[], object]]] = {}

    def say_soon(
        self, place: Place, say: Callable[[], object], refused: Callable[[LeadScoringError], None]
    ) -> None:
        """Say a verdict in some seconds; another one about the same lead replaces it.

        Parameters
        ----------
        refused : callable
            Is told, in the loop, why the verdict was not taken.
        """
        self.take_back(place)
        loop = asyncio.get_running_loop()
        handle = loop.call_later(SECONDS, self._due, place, refused)
        self._waiting[place] = (handle, say)

    def take_back(self, place: Place) -> bool:
        """Return whether there was still time."""
        handle, _ = self._waiting.pop(place, (None, None))
        if handle is not None:
            handle.cancel()
        return handle is not None

    def waits(self, place: Place) -> bool:
        """Return whether a verdict about a lead waits."""
        return place in self._waiting

    def say_all(self) -> None:
        """Say at once what waits."""
        for place in list(self._waiting):
            handle, say = self._waiting.pop(place)
            handle.cancel()
            say()

    def _due(self, place: Place, refused: Callable[[LeadScoringError], None]) -> None:
        _, say = self._waiting.pop(place)
        said = asyncio.get_running_loop().run_in_executor(None, say)

        def tell(done: asyncio.Future[object]) -> None:
            error = None if done.cancelled() else done.exception()
            if isinstance(error, LeadScoringError):
                refused(error)

        said.add_done_callback(tell)
