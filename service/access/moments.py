"""A moment per key, of this process alone or shared by several."""

import fcntl
import mmap
import os
import struct
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

SLOTS = 4096
"""More keys than anybody makes; where they are used up, two may share a moment."""
SLOT = struct.Struct("=Qd")


class Moments(Protocol):
    """Seconds of a clock that never goes back, by key."""

    def held(self) -> AbstractContextManager[None]:
        """Let nobody else read or write meanwhile."""

    def get(self, key_id: str, default: float) -> float:
        """Return the moment of a key."""

    def set(self, key_id: str, moment: float) -> None:
        """Keep the moment of a key."""


class OwnMoments:
    """Moments of this process."""

    def __init__(self) -> None:
        self._moments: dict[str, float] = {}

    def held(self) -> AbstractContextManager[None]:
        """Do nothing: the event loop alone comes here."""
        return nullcontext()

    def get(self, key_id: str, default: float) -> float:
        """Return the moment of a key."""
        return self._moments.get(key_id, default)

    def set(self, key_id: str, moment: float) -> None:
        """Keep the moment of a key."""
        self._moments[key_id] = moment


class SharedMoments:
    """Moments of all processes that open the same file, in shared memory.

    The monotonic clock is one for all processes of a machine.

    Parameters
    ----------
    path : Path
        Is made where it is not there.
    """

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.ftruncate(self._fd, SLOTS * SLOT.size)
        self._memory = mmap.mmap(self._fd, SLOTS * SLOT.size)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let no other process read or write meanwhile; the system lets go for one that dies."""
        fcntl.flock(self._fd, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._fd, fcntl.LOCK_UN)

    def get(self, key_id: str, default: float) -> float:
        """Return the moment of a key."""
        place, mark = self._place(key_id)
        found, moment = SLOT.unpack_from(self._memory, place)
        return float(moment) if found == mark else default

    def set(self, key_id: str, moment: float) -> None:
        """Keep the moment of a key."""
        place, mark = self._place(key_id)
        SLOT.pack_into(self._memory, place, mark, moment)

    def close(self) -> None:
        """Let go of the file."""
        self._memory.close()
        os.close(self._fd)

    def _place(self, key_id: str) -> tuple[int, int]:
        """Return where a key's moment is, or would be, and the key's mark."""
        mark = int.from_bytes(blake2b(key_id.encode(), digest_size=8).digest(), "big") or 1
        for step in range(SLOTS):
            place = (mark + step) % SLOTS * SLOT.size
            if SLOT.unpack_from(self._memory, place)[0] in (0, mark):
                return place, mark
        return mark % SLOTS * SLOT.size, mark
