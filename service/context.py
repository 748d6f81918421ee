"""What is known about one request besides its body."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from starlette.requests import Request

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestContext(NamedTuple):
    """Who asks, and by which id the request can be found in the logs.

    Parameters
    ----------
    request_id : str
        The caller's `X-Request-ID` where it is a plain word, else a new one.
    key : str or None
        Name of the caller's key.
    language : str
        "en" or "zh".
    """

    request_id: str
    key: str | None
    language: str


def context_of(request: Request) -> RequestContext:
    """Return the context of a request."""
    language = query_of(request).get("lang")
    if not language:
        language = preferred_language(request.headers.get("accept-language", ""))
    key = request.scope.get("key")
    return RequestContext(
        request.scope["request_id"],
        None if key is None else key.name,
        "zh" if language == "zh" else "en",
    )


def query_of(request: Request) -> Mapping[str, str]:
    """Return the query of a request, mostly none."""
    return request.query_params if request.scope["query_string"] else {}


def request_id_of(given: str) -> str | None:
    """Return the id that a caller gave a request, None where it cannot be used.

    Examples
    --------
    >>> request_id_of("crm-17"), request_id_of("no spaces, please")
    ('crm-17', None)
    """
    return given if REQUEST_ID.fullmatch(given) else None


@lru_cache(maxsize=1000)  # callers have few languages
def preferred_language(header: str) -> str:
    """Return "zh" or "en", whichever an Accept-Language header wants more.

    Examples
    --------
    >>> preferred_language("zh-CN,zh;q=0.9,en;q=0.8"), preferred_language("de, en;q=0.5, zh;q=0.1")
    ('zh', 'en')
    """
    wanted = {"en": 0.0, "zh": 0.0}
    for part in header.split(","):
        name, _, weight = part.strip().partition(";q=")
        language = name.split("-", 1)[0].strip().lower()
        if language in wanted:
            wanted[language] = max(wanted[language], _weight(weight))
    return "zh" if wanted["zh"] > wanted["en"] else "en"


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
