"""Stored forms that come back: the parts of a value kept instead of the value."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import TypeVar

from features.attributes.encoder import Unreadable

T = TypeVar("T")
LONGEST = 255
LARGEST = 10**9


def from_store(kind: Callable[..., T], value: Mapping[str, object]) -> T:
    """Return the named tuple that a stored form holds.

    Raises
    ------
    Unreadable
        When a part is absent, of another type than the tuple says, or out of bounds.

    Examples
    --------
    >>> from typing import NamedTuple
    >>> class Size(NamedTuple):
    ...     length: int
    ...     share: float
    >>> from_store(Size, {"length": 3, "share": 1})
    Size(length=3, share=1.0)
    """
    parts = {name: _part(type_, value.get(name)) for name, type_ in kind.__annotations__.items()}
    return kind(**parts)


def _part(type_: type, part: object) -> object:
    if type_ is float and type(part) is int and abs(part) <= LARGEST:
        return float(part)
    if type(part) is not type_:
        raise Unreadable
    if isinstance(part, float) and not isfinite(part):
        raise Unreadable
    if isinstance(part, int) and abs(part) > LARGEST:
        raise Unreadable
    if isinstance(part, str) and (len(part) > LONGEST or not part.isprintable()):
        raise Unreadable
    return part
