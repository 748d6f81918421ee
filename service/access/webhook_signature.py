"""Whether a webhook comes from who knows the secret, is new, and comes for the first time."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from service.access.seen import first_time
from service.errors import ConflictError, UnauthorizedError

TIMESTAMP, NONCE, SIGNATURE = "x-webhook-timestamp", "x-webhook-nonce", "x-webhook-signature"
HEADERS = (TIMESTAMP, NONCE, SIGNATURE)
TOLERANCE_SECONDS = 300
MICROSECONDS = 1_000_000
LEAST_SECRET_BYTES = 16
MOMENT = re.compile(r"[0-9]{1,12}")
WORD = re.compile(r"[A-Za-z0-9._-]{16,128}")


class Webhook(NamedTuple):
    """One request as it came.

    Parameters
    ----------
    method, path : str
        As they were asked for, the query included.
    headers : mapping of str to str
        Names in small letters.
    body : bytes
        Not a byte changed.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Signed(NamedTuple):
    """A webhook whose signature is right.

    Parameters
    ----------
    nonce : str
        The sender's word for this one request.
    until : int
        So long, in UTC microseconds, another one with this word would pass by its time.
    """

    nonce: str
    until: int


def signature_of(secret: bytes, timestamp: str, nonce: str, webhook: Webhook) -> str:
    """Return the signature that a webhook must have.

    Parameters
    ----------
    secret : bytes
        What sender and service alone know.
    timestamp : str
        Seconds since 1970.
    nonce : str
        A word of 16 to 128 letters, digits, `.`, `_`, `-`, different for each request.
    webhook : Webhook
        Its headers do not count.

    Returns
    -------
    str
        `v1=` and HMAC-SHA256 in hexadecimal digits, over the lines timestamp, nonce, method, path
        and the body.

    Examples
    --------
    >>> hook = Webhook("POST", "/crm/hook", {}, b"{}")
    >>> signature_of(b"secret", "1767225600", "n-0000000000001", hook)[:11]
    'v1=7a7a2fbf'
    """
    lines = (timestamp, nonce, webhook.method.upper(), webhook.path)
    head = "".join(f"{line}\n" for line in lines).encode()
    return f"v1={hmac.new(secret, head + webhook.body, hashlib.sha256).hexdigest()}"


def check_signature(secret: bytes, webhook: Webhook, now: int) -> Signed:
    """Return what shows that a webhook is signed and recent.

    Parameters
    ----------
    secret : bytes
        At least 16 bytes.
    now : int
        UTC microseconds.

    Raises
    ------
    UnauthorizedError
        When a header is missing or malformed, the signature is another one, or the moment is
        more than five minutes away. Nothing of what was sent is repeated.
    """
    if len(secret) < LEAST_SECRET_BYTES:
        raise UnauthorizedError("the webhook's secret is shorter than 16 bytes")
    timestamp, nonce, shown = (webhook.headers.get(name, "") for name in HEADERS)
    if not MOMENT.fullmatch(timestamp) or not WORD.fullmatch(nonce):
        raise UnauthorizedError(f"expected the headers {', '.join(HEADERS)}")
    wanted = signature_of(secret, timestamp, nonce, webhook)
    if not hmac.compare_digest(wanted.encode(), shown.encode()):
        raise UnauthorizedError(f"{SIGNATURE}: is not this request's")
    sent = int(timestamp) * MICROSECONDS
    if abs(now - sent) > TOLERANCE_SECONDS * MICROSECONDS:
        raise UnauthorizedError(f"{TIMESTAMP}: is more than {TOLERANCE_SECONDS} seconds away")
    return Signed(nonce, sent + (TOLERANCE_SECONDS + 1) * MICROSECONDS)


def refuse_replay(connection: Connection, sender: str, signed: Signed, now: int) -> None:
    """Take a signed webhook's word, so that the same request passes no second time.

    To be called in the transaction that makes the webhook's change (then a change that fails can
    be sent again), or in one of its own. Processes that share a database share the words.

    Parameters
    ----------
    sender : str
        Whose secret it is; each sender has words of its own.
    now : int
        UTC microseconds.

    Raises
    ------
    ConflictError
        When it was taken before.
    """
    if not first_time(connection, f"{sender}:{signed.nonce}", now, signed.until):
        raise ConflictError(f"{NONCE}: this webhook came before")
