"""What was made of a text is made once, and is the same every time."""

import pytest

from features.attributes.encoder import Unreadable
from features.attributes.remembered import MOST_TEXTS, Remembered, remembered


def test_a_text_that_comes_again_is_not_made_again() -> None:
    made: list[object] = []

    def make(value: object) -> str:
        made.append(value)
        return f"<{value}>"

    once = remembered("country", make)
    assert [once(value) for value in ("DE", "DE", 3, 3)] == ["<DE>", "<DE>", "<3>", "<3>"]
    assert made == ["DE", 3, 3]


def test_what_points_to_a_person_is_not_kept() -> None:
    for attribute_type in ("email", "phone", "text"):
        assert remembered(attribute_type, str) is str


def test_what_cannot_be_read_is_told_every_time() -> None:
    def refuse(value: object) -> str:
        raise Unreadable

    once = remembered("date", refuse)
    for _ in range(2):
        with pytest.raises(Unreadable):
            once("the day after")


def test_no_more_is_kept_than_agreed() -> None:
    once = Remembered(str)
    for number in range(MOST_TEXTS + 10):
        once(f"text {number}")
    once("a" * 1_000)
    assert len(once._known) == MOST_TEXTS
