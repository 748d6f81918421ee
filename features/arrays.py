"""The kinds of array that travel between the packages."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]
CodeArray: TypeAlias = NDArray[np.int32]
"""Positions in a short list of distinct values."""
Row: TypeAlias = tuple[float, ...]
"""The numbers that one value of an attribute becomes."""
MomentArray: TypeAlias = NDArray[np.int64]
"""UTC microseconds since 1970; `features.moment.NEVER` where there is none."""
