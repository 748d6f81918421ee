"""Promises of parts that are made ahead."""

from collections.abc import Iterator
from threading import Semaphore

import pytest

from training.bulk.ahead import ahead


def test_the_next_item_is_made_while_one_is_looked_at() -> None:
    made = Semaphore(0)

    def source() -> Iterator[int]:
        for i in range(5):
            made.release()
            yield i

    items = ahead(source())
    assert next(items) == 0
    assert all(made.acquire(timeout=30) for _ in range(2))
    assert not made.acquire(blocking=False)  # never two ahead
    assert list(items) == [1, 2, 3, 4]


def test_an_error_comes_out_at_its_place() -> None:
    def source() -> Iterator[int]:
        yield 1
        raise ValueError("the second is spoilt")

    items = ahead(source())
    assert next(items) == 1
    with pytest.raises(ValueError, match="spoilt"):
        next(items)
