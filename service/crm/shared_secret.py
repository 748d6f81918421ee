"""Whether a webhook shows the secret that a CRM sends as it is, because it signs nothing."""

import hmac

from service.access.webhook_signature import LEAST_SECRET_BYTES
from service.errors import UnauthorizedError


def check_shared_secret(secret: str, shown: str, otherwise: str) -> None:
    """Accept a secret that is the one agreed on; how long it takes says nothing of it.

    Parameters
    ----------
    secret : str
        The one agreed on, at least 16 bytes.
    shown : str
        What the webhook holds; empty where it holds none.
    otherwise : str
        What to say where it is another one; holds nothing of what was shown.

    Raises
    ------
    UnauthorizedError
        When it is another one, or the one agreed on is too short.

    Examples
    --------
    >>> check_shared_secret("sixteen bytes or", "sixteen bytes or", "x-secret: is another one")
    >>> check_shared_secret("sixteen bytes or", "", "x-secret: is another one")
    Traceback (most recent call last):
    ...
    service.errors.UnauthorizedError: x-secret: is another one
    """
    wanted = secret.encode()
    if len(wanted) < LEAST_SECRET_BYTES:
        raise UnauthorizedError("the webhook's secret is shorter than 16 bytes")
    if not hmac.compare_digest(wanted, shown.encode()):
        raise UnauthorizedError(otherwise)
