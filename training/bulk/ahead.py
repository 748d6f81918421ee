"""The next part is made while one is looked at."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(items: Iterable[T]) -> Iterator[T]:
    """Yield items in their order; a thread makes the next one meanwhile.

    Parameters
    ----------
    items : iterable
        None of them is None.

    Examples
    --------
    >>> list(ahead(range(3)))
    [0, 1, 2]
    """
    source = iter(items)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next, source, None)
        while (item := waiting.result()) is not None:
            waiting = pool.submit(next, source, None)
            yield item
