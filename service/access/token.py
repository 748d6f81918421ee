"""The secret that a caller shows."""

import hashlib
import secrets
from collections.abc import Iterable

START = "lsk_"
"""So that a key that got into a file is found by a search for it."""


def new_token() -> str:
    """Return a new key: 256 random bits, in letters that a header takes."""
    return START + secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """Return what is stored of a key; 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def shown_token(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Return the key of a request: `Authorization: Bearer <key>` or `X-API-Key: <key>`.

    Examples
    --------
    >>> shown_token([(b"authorization", b"Bearer lsk_1")]), shown_token([])
    ('lsk_1', None)
    """
    for name, value in headers:
        if name == b"x-api-key":
            return value.decode("latin-1")
        if name == b"authorization" and value[:7].lower() == b"bearer ":
            return value[7:].strip().decode("latin-1")
    return None
