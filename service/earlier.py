"""What was decided of a lead before."""

from typing import NamedTuple

from features.moment import NEVER


class Earlier(NamedTuple):
    """What was decided of a lead before.

    Parameters
    ----------
    label : str or None
        Its last label.
    handed_over_at : int
        When it was handed over to sales, who have not answered yet; `NEVER` else.
    """

    label: str | None = None
    handed_over_at: int = NEVER
