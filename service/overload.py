"""Refuses what could not be answered in time, before everybody waits."""

from time import monotonic

from starlette.types import ASGIApp, Receive, Scope, Send

from service.edge import error_answer
from service.errors import OverloadedError, status_of

BATCH = "/score/batch"
BATCH_COUNTS = 50
"""A batch is as much work as so many leads, or more."""
NEVER_REFUSED = ("/health/", "/metrics")


class Busy:
    """How much is under way in this process.

    Parameters
    ----------
    most : int
        Requests under way at once.
    longest_wait : float
        Seconds that a request may have waited for its turn.
    """

    def __init__(self, most: int, longest_wait: float) -> None:
        self.most = most
        self.longest_wait = longest_wait
        self.under_way = 0
        self.refused = 0

    def has_room(self, arrived: float | None) -> bool:
        """Return whether a request can be answered in time.

        Parameters
        ----------
        arrived : float or None
            When its head was read, in seconds of the monotonic clock.
        """
        if self.under_way >= self.most:
            return False
        return arrived is None or monotonic() - arrived <= self.longest_wait


class Overload:
    """Sheds requests while the process has more to do than it can.

    A request that waited too long for its turn shows that the others behind it wait as long: to
    refuse costs a twentieth of an answer, so the queue is gone soon. Health is always told.

    Parameters
    ----------
    app : ASGIApp
        The application inside.
    busy : Busy
        Shared by all routes.
    """

    def __init__(self, app: ASGIApp, busy: Busy) -> None:
        self.app = app
        self.busy = busy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with 503."""
        if scope["type"] != "http" or scope["path"].startswith(NEVER_REFUSED):
            await self.app(scope, receive, send)
            return
        busy = self.busy
        if not busy.has_room(scope.get("arrived")):
            busy.refused += 1
            kind = OverloadedError
            detail = "more is asked for than can be answered in time; try again later"
            await error_answer(status_of(kind), kind.__name__, detail)(scope, receive, send)
            return
        counts = BATCH_COUNTS if scope["path"] == BATCH else 1
        busy.under_way += counts
        try:
            await self.app(scope, receive, send)
        finally:
            busy.under_way -= counts
