"""How hot kernels are compiled."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile a kernel to machine code on its first call, without the interpreter lock.

    The machine code is kept beside the source or, where that folder is not writable, in the
    user's cache folder (`NUMBA_CACHE_DIR` names another); where nothing is writable the
    kernel is compiled anew in each process. Sums keep their order (no fast-math), so that a
    lead alone and a lead in a batch get the same bits.

    Examples
    --------
    >>> @compiled
    ... def double(x):
    ...     return 2.0 * x
    >>> double(1.5)
    3.0
    """
    try:
        return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:  # numba found no folder to keep machine code in
        return cast(F, numba.njit(cache=False, nogil=True, error_model="numpy")(function))
