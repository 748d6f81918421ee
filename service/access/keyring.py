"""The keys that open this service, looked up in memory."""

from hmac import compare_digest

from features.moment import to_moment
from service.access.token import digest_of
from service.clock import Clock
from service.errors import ForbiddenError, UnauthorizedError
from service.store.keys import Key, note_uses, read_keys
from service.store.store import Store


class Keyring:
    """Knows the keys of the store; a change is known after the next refresh.

    Parameters
    ----------
    store : Store or None
        Without one there are no keys.
    clock : Clock
    closed : bool
        Whether a key is needed even while there is none.
    """

    def __init__(self, store: Store | None, clock: Clock, *, closed: bool = False) -> None:
        self._store = store
        self._clock = clock
        self._closed = closed
        self._keys: dict[str, Key] = {}
        self._used: dict[str, int] = {}
        self.loaded = store is None

    @property
    def asks(self) -> bool:
        """Whether a key is needed: once one was made, and ever after."""
        return self._closed or bool(self._keys)

    def refresh(self) -> None:
        """Read the keys again.

        Raises
        ------
        StoreError
            When the database does not answer; the keys known so far stay.
        """
        if self._store is None:
            return
        self._keys = {key.digest: key for key in self._store.reading(read_keys)}
        self.loaded = True

    def note_uses(self) -> None:
        """Write down which keys were used since the last time.

        Raises
        ------
        StoreError
            When the database does not answer; what was used is noted the next time.
        """
        used = dict(self._used)
        if self._store is None or not used:
            return
        self._store.changing(lambda connection: note_uses(connection, used))
        for key_id, at in used.items():
            if self._used[key_id] == at:
                del self._used[key_id]

    def admit(self, token: str | None, scope: str) -> Key | None:
        """Return the key of a caller who may do what needs a scope; None where none is asked for.

        Keys are found by their hash, and hashes compared in constant time, so the time that it
        takes says nothing about a key: nobody can choose the hash of what he tries.

        Raises
        ------
        UnauthorizedError
            When there is no key, or none that opens.
        ForbiddenError
            When the key lacks the scope.
        """
        if not self.asks:
            return None
        if token is None:
            raise UnauthorizedError(
                "no key: expected the header Authorization: Bearer <key>, or X-API-Key: <key>"
            )
        now = to_moment(self._clock())
        digest = digest_of(token)
        key = self._keys.get(digest)
        if key is None or not compare_digest(key.digest, digest) or not key.opens(now):
            raise UnauthorizedError("this key is not known, has expired, or was revoked")
        if scope not in key.scopes and "admin" not in key.scopes:
            raise ForbiddenError(f"this key lacks the scope {scope!r}")
        self._used[key.key_id] = now
        return key
