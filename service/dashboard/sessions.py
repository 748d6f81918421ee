"""Who has logged in, with a key or by a link that opens once."""

import hmac
import secrets
from functools import partial
from typing import Literal, NamedTuple

from starlette.concurrency import run_in_threadpool

from features.moment import to_moment
from service.access.keyring import Keyring
from service.access.scopes import SCOPES
from service.access.token import digest_of
from service.clock import Clock
from service.errors import ForbiddenError, StoreError, UnauthorizedError
from service.store.keys import Key
from service.store.lease import take_lease
from service.store.store import Store

SESSION_SECONDS = 12 * 60 * 60
MOST_SESSIONS = 10_000
FOREVER = 2**62
Refused = Literal["unknown", "forbidden", "used"]


class Link(NamedTuple):
    """A link that logs in once; `until` in seconds since 1970."""

    digest: str
    until: float


class Opened(NamedTuple):
    """Whether somebody was let in: with a session, where one is needed, or why not."""

    session: str | None = None
    refused: Refused | None = None


class Session(NamedTuple):
    """Somebody who has logged in.

    Parameters
    ----------
    token : str or None
        Their key; None where a link opened, which its service's operator has.
    until : float
        Seconds since 1970.
    """

    token: str | None
    until: float


def link_of(text: str | None) -> Link | None:
    """Return the link of a setting: `<SHA-256>.<seconds since 1970>`."""
    if text is None:
        return None
    digest, _, until = text.partition(".")
    return Link(digest, float(until))


class Sessions:
    """Remembers who has logged in; what a key may do is looked up each time.

    Parameters
    ----------
    keyring : Keyring
    store : Store or None
        Remembers that a link was used.
    clock : Clock
    link : Link, optional
    """

    def __init__(
        self, keyring: Keyring, store: Store | None, clock: Clock, link: Link | None = None
    ) -> None:
        self.keyring = keyring
        self._store = store
        self._clock = clock
        self._link = link
        self._sessions: dict[str, Session] = {}

    def open_with_key(self, token: str) -> Opened:
        """Let somebody in who has a key."""
        try:
            key = self.keyring.admit(token, "read")
        except (UnauthorizedError, ForbiddenError) as error:
            refused: Refused = "forbidden" if isinstance(error, ForbiddenError) else "unknown"
            return Opened(refused=refused)
        return Opened() if key is None else Opened(self._open(token))

    async def open_with_link(self, token: str) -> Opened:
        """Let somebody in who has the secret of a link, once."""
        if not self.keyring.asks:
            return Opened()
        link, now = self._link, self._now()
        if link is None or not hmac.compare_digest(link.digest, digest_of(token)):
            return Opened(refused="used")
        if now >= link.until:
            return Opened(refused="used")
        self._link = None
        if self._store is not None:  # whoever else knows the link, now or after a new start
            take = partial(take_lease, name=f"link {link.digest}", now=0, until=FOREVER)
            try:
                first = await run_in_threadpool(self._store.changing, take)
            except StoreError:
                self._link = link
                return Opened(refused="used")
            if not first:
                return Opened(refused="used")
        return Opened(self._open(None))

    def close(self, name: str | None) -> None:
        """Forget a session."""
        self._sessions.pop(name or "", None)

    def admits(self, name: str | None, scope: str) -> bool:
        """Return whether somebody may do what needs a scope, now."""
        if not self.keyring.loaded:
            try:
                self.keyring.refresh()
            except StoreError:
                return False
        session = self._session(name)
        if session is not None and session.token is None:
            return scope in SCOPES
        try:
            self.keyring.admit(None if session is None else session.token, scope)
        except (UnauthorizedError, ForbiddenError):
            return False
        return True

    def key_of(self, name: str | None) -> Key | None:
        """Return the key that somebody has logged in with, None where there is none."""
        session = self._session(name)
        if session is None or session.token is None:
            return None
        try:
            return self.keyring.admit(session.token, "read")
        except (UnauthorizedError, ForbiddenError):
            return None

    def _session(self, name: str | None) -> Session | None:
        session = self._sessions.get(name or "")
        return None if session is None or session.until < self._now() else session

    def _open(self, token: str | None) -> str:
        now = self._now()
        kept = {name: one for name, one in self._sessions.items() if one.until >= now}
        self._sessions = dict(list(kept.items())[-MOST_SESSIONS:])
        name = secrets.token_urlsafe(32)
        self._sessions[name] = Session(token, now + SESSION_SECONDS)
        return name

    def _now(self) -> float:
        return to_moment(self._clock()) / 1e6
