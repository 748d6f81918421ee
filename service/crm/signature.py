"""Signatures of what is posted between a CRM and the service."""

import base64
import hashlib
import hmac
import re

from service.errors import UnauthorizedError

TIMESTAMP = "X-Lead-Scoring-Timestamp"
SIGNATURE = "X-Lead-Scoring-Signature"
OLDEST_SECONDS = 300
"""What was signed longer ago, or so much later, is refused: HubSpot's own limit."""
DECODED = {
    "%3A": ":",
    "%2F": "/",
    "%3F": "?",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}
"""What HubSpot decodes in an address before it signs it (developers.hubspot.com, "v3")."""


def signed(secret: str, timestamp: str, body: bytes) -> str:
    """Return the generic signature: `sha256=` and HMAC-SHA256 of timestamp, full stop and body.

    Examples
    --------
    >>> signed("secret", "1767312000", b"{}")[:23]
    'sha256=bf684d4b4175435e'
    """
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"sha256={digest.hexdigest()}"


def check_signed(secret: str, timestamp: str, signature: str, body: bytes, now: float) -> None:
    """Make sure that a body was signed in the generic way, and not long ago.

    Parameters
    ----------
    timestamp : str
        Seconds since 1970, as they were sent.
    now : float
        The same, by our clock.

    Raises
    ------
    UnauthorizedError
        When it was not.
    """
    _check_time(timestamp, now, 1.0)
    _check_same(signed(secret, timestamp, body), signature)


def signed_by_hubspot(secret: str, method: str, uri: str, body: bytes, timestamp: str) -> str:
    """Return HubSpot's v3 signature: HMAC-SHA256 of method, address, body and timestamp, Base64.

    Parameters
    ----------
    uri : str
        The whole address that HubSpot was told, with scheme and query.
    timestamp : str
        Milliseconds since 1970.
    """
    plain = re.sub("%[0-9A-Fa-f]{2}", lambda m: DECODED.get(m[0].upper(), m[0]), uri)
    text = method.encode() + plain.encode() + body + timestamp.encode()
    return base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest()).decode()


def check_hubspot(
    secret: str, request: tuple[str, str, bytes], sent: tuple[str, str], now: float
) -> None:
    """Make sure that HubSpot has signed a request, and not long ago.

    Parameters
    ----------
    request : (method, address, body)
    sent : (timestamp, signature)
        Headers X-HubSpot-Request-Timestamp and X-HubSpot-Signature-v3.
    now : float
        Seconds since 1970.

    Raises
    ------
    UnauthorizedError
        When it has not.
    """
    _check_time(sent[0], now, 1000.0)
    _check_same(signed_by_hubspot(secret, *request, sent[0]), sent[1])


def _check_time(timestamp: str, now: float, units: float) -> None:
    is_number = timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 16
    if not is_number or abs(now - int(timestamp) / units) > OLDEST_SECONDS:
        raise UnauthorizedError("signature: its timestamp is not of these minutes")


def _check_same(expected: str, given: str) -> None:
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        raise UnauthorizedError("signature: is not that of this body with the secret agreed on")
