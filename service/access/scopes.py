"""Which scope a request needs."""

from typing import Final, Literal, TypeAlias, get_args

Scope: TypeAlias = Literal["score", "write", "read", "agreement", "admin"]
SCOPES: Final[tuple[str, ...]] = get_args(Scope)
ROLES: Final = ("marketing", "sales", "analyst", "operator")
OPEN: Final = (
    "/health/",
    "/docs",
    "/openapi.json",
    "/static-offline-docs/",
    "/app",
    "/crm/webhook",
    "/crm/dynamics",
    "/crm/hubspot",
    "/crm/odoo",
    "/crm/salesforce",
)
"""Paths that tell nothing of leads and need no key, and the dashboard, which asks by itself; what
comes to the webhooks is signed, or has a secret."""
BY_PATH: Final[dict[tuple[str, str], Scope]] = {
    ("POST", "/score"): "score",
    ("POST", "/score/batch"): "score",
    ("POST", "/activities"): "write",
    ("POST", "/feedback"): "write",
    ("POST", "/outcomes"): "write",
    ("POST", "/contacts"): "write",
    ("POST", "/agreement/preview"): "read",
    ("PUT", "/costs"): "agreement",
    ("GET", "/metrics"): "read",
}
BY_START: Final[tuple[tuple[str, str, str, Scope], ...]] = (
    ("PUT", "/leads/", "", "write"),
    ("GET", "/leads/", "/export", "admin"),
    ("POST", "/decisions/", "/replay", "read"),
    ("POST", "/agreements", "", "agreement"),
)
"""Method, how the path begins, how it ends."""


def scope_of(method: str, path: str) -> Scope | None:
    """Return the scope that a request needs, None where it needs no key.

    What is not known here needs `read` to be looked at, and `admin` to be changed.

    Examples
    --------
    >>> scope_of("POST", "/score"), scope_of("GET", "/leads/L-1"), scope_of("DELETE", "/leads/L-1")
    ('score', 'read', 'admin')
    >>> scope_of("GET", "/health/live") is None
    True
    """
    if path.startswith(OPEN):
        return None
    known = BY_PATH.get((method, path))
    if known is not None:
        return known
    for its_method, start, end, scope in BY_START:
        if method == its_method and path.startswith(start) and path.endswith(end):
            return scope
    return "read" if method in ("GET", "HEAD", "OPTIONS") else "admin"
