"""What stays in memory, and how often it is looked through."""

import gc

YOUNG_OBJECTS = 20_000


def settle_memory() -> None:
    """Take what was loaded out of the garbage collector's rounds, and make them rarer.

    Models and libraries stay to the end, and a request leaves no cycles worth looking for
    after every few hundred objects.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)
