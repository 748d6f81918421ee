"""Which of several workers a process is."""

from pathlib import Path
from typing import NamedTuple


class Place(NamedTuple):
    """One of several processes that answer on one address.

    Parameters
    ----------
    number : int
        From 0; one that is started in the place of another has the same.
    fd : int
        The socket on which all of them listen.
    folder : Path
        What they share: rates of keys, and figures.
    """

    number: int
    fd: int
    folder: Path
