"""From a calibrated procedure to one with offsets of channels and segments."""

from dataclasses import replace

import numpy as np

from features.arrays import FloatArray
from training.calibrate import Seen
from training.offsets import Past, fit_offsets
from training.procedure import Procedure
from training.table import Table


def corrected(procedure: Procedure, judged: Table, seen: Seen) -> Procedure:
    """Return a procedure with the offsets that would have helped, and what was found of all.

    Offsets of segments are those of what is left once channels have theirs.

    Parameters
    ----------
    procedure : Procedure
        Calibrated, without offsets.
    judged : Table
        The rows that its origins judged.
    seen : Seen
        What came of them.
    """
    names = np.array([name or "" for name in judged.channel_name], dtype=np.str_)
    margin = procedure.out_of_time.margin
    channels = names[judged.channel.codes]
    found = fit_offsets(_past(procedure.calibrated(margin, judged), judged, seen, channels))
    procedure = replace(procedure, offsets=found)
    if found.used:
        calibration = procedure.calibration
        calibration = replace(calibration, offsets=found.table, mean_offset=found.mean)
        procedure = replace(procedure, calibration=calibration)
    if judged.segment is None:
        return procedure
    z = procedure.calibrated(margin, judged)
    left = fit_offsets(_past(z, judged, seen, judged.segment.parts()), "segment")
    segments = left.segments(judged.segment.about)
    return replace(procedure, segments=segments, segment_offsets=left)


def _past(
    z: FloatArray, judged: Table, seen: Seen, part: np.ndarray[tuple[int], np.dtype[np.str_]]
) -> Past:
    """Return the leads at creation among the rows that origins judged."""
    return Past(z, seen, part, judged.group).take(judged.at_creation)
