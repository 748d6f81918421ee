"""Ids of decisions."""

from service.ids import AT_ONCE, Ids


def test_no_id_comes_twice_and_later_ones_sort_after_earlier_ones() -> None:
    ids = Ids()
    made = [ids.new(at) for at in range(2 * AT_ONCE + 1)]
    assert made == sorted(set(made))
    assert len({one[14:] for one in made}) == len(made)


def test_two_processes_do_not_give_the_same_id() -> None:
    assert Ids().new(1) != Ids().new(1)
