"""Ids of decisions."""

import secrets

DRAWN = 9
"""Bytes of an id that nobody can guess."""
AT_ONCE = 500
"""Ids for which the operating system is asked at once: every question is a turn in which threads
wait for each other."""


class Ids:
    """Gives ids that nobody can guess; later ones sort after earlier ones."""

    def __init__(self) -> None:
        self._drawn = b""
        self._used = 0

    def new(self, at: int) -> str:
        """Return another id.

        Parameters
        ----------
        at : int
            UTC microseconds.

        Examples
        --------
        >>> ids = Ids()
        >>> len(ids.new(0)), ids.new(1) < ids.new(2), ids.new(3) == ids.new(3)
        (32, True, False)
        """
        if self._used == len(self._drawn):
            self._drawn, self._used = secrets.token_bytes(DRAWN * AT_ONCE), 0
        start, self._used = self._used, self._used + DRAWN
        return f"{at:014x}{self._drawn[start : self._used].hex()}"
