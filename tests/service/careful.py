"""What every answer tells a browser, whatever else it says."""

from collections.abc import Mapping


def check_careful(headers: Mapping[str, str]) -> None:
    """Make sure that browsers neither guess, frame nor keep an answer, nor let others read it.

    The names of the headers are in lower case, or found in any case.
    """
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in headers
