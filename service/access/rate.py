"""How often each key may ask."""

import math
from typing import NamedTuple

from service.access.moments import Moments, OwnMoments


class Taken(NamedTuple):
    """What is left of a key's rate.

    Parameters
    ----------
    allowed : bool
        Whether this request may pass.
    limit, remaining : int
        Requests that may come at once, and those that still may.
    seconds : int
        Until all of them may again; where this one may not pass, until the next one may.
    """

    allowed: bool
    limit: int
    remaining: int
    seconds: int

    def headers(self) -> dict[str, str]:
        """Return the headers that tell a caller."""
        told = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.seconds),
        }
        return told if self.allowed else told | {"Retry-After": str(max(1, self.seconds))}


class RateLimit:
    """Lets each key ask so often a minute, all at once or spread.

    A bucket per key, which fills evenly (GCRA: only the moment is kept at which it would be full
    again).

    Parameters
    ----------
    per_minute : int
        Over 0.
    moments : Moments, optional
        When the buckets are full again; workers share them. By default this process' own.

    Examples
    --------
    >>> limit = RateLimit(2)
    >>> [limit.take("crm", 0.0).allowed for _ in range(3)], limit.take("crm", 30.0).allowed
    ([True, True, False], True)
    """

    def __init__(self, per_minute: int, moments: Moments | None = None) -> None:
        self._limit = per_minute
        self._each = 60.0 / per_minute
        self._full_at = moments or OwnMoments()

    def take(self, key_id: str, now: float) -> Taken:
        """Return whether a key may ask now, and count it if so.

        Parameters
        ----------
        now : float
            Seconds of a clock that never goes back.
        """
        with self._full_at.held():
            full_at = max(now, self._full_at.get(key_id, now)) + self._each
            over = full_at - now - 60.0
            if over > 1e-9:
                return Taken(False, self._limit, 0, math.ceil(over))
            self._full_at.set(key_id, full_at)
        left = int((60.0 - (full_at - now)) / self._each + 1e-9)
        return Taken(True, self._limit, left, math.ceil(full_at - now))
