"""Nobody signs for a side that is not theirs."""

from datetime import UTC
from typing import Any, cast

import pytest

from service.dashboard.reader import ONE_TIME_LINK, Reader
from service.store.keys import Key


def reader(role: str | None = None, *, key: bool = True, asks: bool = True, sample: bool) -> Reader:
    """Return somebody who looks at pages that show nothing."""
    scopes = frozenset({"read", "agreement"})
    theirs = Key("k1", "mara", "digest", scopes, role, 0) if key else None
    nothing = cast(Any, None)
    return Reader(nothing, theirs, "en", "light", UTC, lambda _: True, asks, sample, role)


@pytest.mark.parametrize("sample", [False, True])
def test_a_key_signs_for_its_own_side_alone(sample: bool) -> None:
    assert reader("marketing", sample=sample).sides == ("marketing",)
    assert reader("sales", sample=sample).sides == ("sales",)
    assert reader("analyst", sample=sample).sides == reader(sample=sample).sides == ()


def test_a_one_time_link_signs_on_the_sample_alone_and_is_named() -> None:
    assert set(reader(key=False, sample=True).sides) == {"marketing", "sales"}
    assert reader(key=False, sample=False).sides == ()
    assert reader(key=False, sample=False).name == ONE_TIME_LINK


def test_where_no_key_is_asked_for_everybody_signs() -> None:
    assert set(reader(key=False, asks=False, sample=False).sides) == {"marketing", "sales"}
    assert reader(key=False, asks=False, sample=False).name is None
