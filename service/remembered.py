"""What was found a short while ago, for all who ask for the same."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, NamedTuple, TypeVar

Found = TypeVar("Found")


class Kept(NamedTuple, Generic[Found]):
    """What was found, about what, and when in UTC microseconds."""

    about: object
    at: int
    found: Found


class Remembered(Generic[Found]):
    """Remembers the last thing found; of several who ask at once one looks, the others wait.

    Parameters
    ----------
    lasts : int
        Microseconds.
    """

    def __init__(self, lasts: int) -> None:
        self._lasts = lasts
        self._lock = Lock()
        self._kept: Kept[Found] | None = None

    def recall(
        self,
        about: object,
        clock: Callable[[], int],
        look: Callable[[int], Found],
        *,
        anew: bool = False,
    ) -> Kept[Found]:
        """Return what was found about the same a short while ago, or else look.

        Parameters
        ----------
        about : object
            What it holds for; only the very same object counts.
        clock : callable
            Returns the moment, in UTC microseconds.
        look : callable
            Finds it as of a moment; what it raises is passed on, and nothing is remembered.
        anew : bool
            Look whatever is remembered.
        """
        with self._lock:
            now, kept = clock(), self._kept
            fits = kept is not None and kept.about is about and 0 <= now - kept.at < self._lasts
            if kept is not None and fits and not anew:
                return kept
            self._kept = None
            self._kept = Kept(about, now, look(now))
            return self._kept
