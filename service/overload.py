"""Refuses what could not be answered in time, before everybody waits."""

from collections.abc import Callable
from time import monotonic

from starlette.types import ASGIApp, Receive, Scope, Send

from service.edge import error_answer
from service.errors import OverloadedError, status_of

BATCH = "/score/batch"
BATCH_COUNTS = 50
"""A batch is as much work as so many leads, or more."""
FEW = 16
"""Taken at once while there is a crowd: enough that the process always has something to do."""
SHORT_WAIT = 0.02
JUDGED_EVERY = 0.5
CALM_SHARE = 0.2
"""There is no crowd any more once fewer than these had to be refused for half a second: at 70 % of
the capacity, a few come together by chance."""
NEVER_REFUSED = ("/health/", "/metrics")


class Busy:
    """How much is under way in this process, and whether it is more than can be done.

    As long as there is no crowd, whoever comes is taken: some dozens of connections that are busy
    all the time wait for each other, and a burst is gone soon. A crowd means that more comes than
    can be done; from then on only `FEW` are taken at once, and none that has waited, so that
    those who are taken are answered nearly as soon as ever. That ends once nearly all who came
    for a while could be taken.

    Parameters
    ----------
    most : int
        Requests under way at once, whatever happens; a batch counts as `BATCH_COUNTS`.
    longest_wait : float
        Seconds that a request may have waited for its turn, while there is no crowd.
    crowd : int
        Requests under way from which on there is one; a batch counts as one.
    clock : callable
        Seconds of the monotonic clock.
    """

    def __init__(
        self,
        most: int,
        longest_wait: float,
        crowd: int,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.most = most
        self.longest_wait = longest_wait
        self.crowd = crowd
        self.under_way = 0
        self.requests = 0
        self.refused = 0
        self._clock = clock
        self.strained = False
        self._came = self._turned_away = 0
        self._judged_at = 0.0

    def enter(self, counts: int, arrived: float | None) -> bool:
        """Take a request, or not because it could not be answered in time.

        Parameters
        ----------
        counts : int
            As how many it counts.
        arrived : float or None
            When its head was read, in seconds of the monotonic clock.
        """
        now = self._clock()
        if self.strained and now >= self._judged_at:
            self._judge(now)
        most = min(FEW, self.crowd) if self.strained else self.crowd
        longest = min(SHORT_WAIT, self.longest_wait) if self.strained else self.longest_wait
        in_time = arrived is None or now - arrived <= longest
        self._came += 1
        if not in_time or self.requests >= most or self.under_way >= self.most:
            self.refused += 1
            self._turned_away += 1
            if not self.strained:
                self.strained = True
                self._begin(now)
            return False
        self.requests += 1
        self.under_way += counts
        return True

    def _judge(self, now: float) -> None:
        self.strained = self._turned_away > CALM_SHARE * self._came
        self._begin(now)

    def _begin(self, now: float) -> None:
        self._came = self._turned_away = 0
        self._judged_at = now + JUDGED_EVERY

    def leave(self, counts: int) -> None:
        """Let go of a request that was taken."""
        self.requests -= 1
        self.under_way -= counts


class Overload:
    """Sheds requests while the process has more to do than it can.

    To refuse costs a twentieth of an answer, so a crowd is gone soon. Health is always told.

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
        kind = OverloadedError
        detail = "more is asked for than can be answered in time; try again later"
        self.refusal = error_answer(status_of(kind), kind.__name__, detail)
        """The same for all: made once, since there is no time to make it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with 503."""
        if scope["type"] != "http" or scope["path"].startswith(NEVER_REFUSED):
            await self.app(scope, receive, send)
            return
        busy = self.busy
        counts = BATCH_COUNTS if scope["path"] == BATCH else 1
        if not busy.enter(counts, scope.get("arrived")):
            await self.refusal(scope, receive, send)
            return
        try:
            await self.app(scope, receive, send)
        finally:
            busy.leave(counts)
