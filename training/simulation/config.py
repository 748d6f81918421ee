"""What can be chosen about the sample CRM, and its calendar."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from features.errors import ConfigError

SECONDS_A_DAY: Final = 86_400
START: Final = int(datetime(2023, 1, 1, tzinfo=UTC).timestamp())
"""First second of the export; the calendar is the same for every number of leads."""
END: Final = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
"""The moment of the export, in seconds: nothing later is in it."""
HORIZON_DAYS: Final = 90
SNAPSHOT_DAYS: Final = (0, 1, 3, 7, 14, 30)
DUPLICATE_SHARE: Final = 0.015
"""Share of lead ids that repeat another lead in everything but the id."""


@dataclass(frozen=True, slots=True)
class SimulationConfig:
    """What to simulate.

    Parameters
    ----------
    leads : int
        Number of lead ids; leads that come back add rows as further episodes.
    drift : bool
        Whether the mix of channels moves over the years.
    seasonality : bool
        Whether months, weekdays and hours differ in how many leads come.
    chunk_leads : int
        Leads simulated at once, which bounds the memory; part of what the seed determines.

    Raises
    ------
    ConfigError
        When a number is not at least 1.
    """

    leads: int = 10_000
    drift: bool = True
    seasonality: bool = True
    chunk_leads: int = 50_000

    def __post_init__(self) -> None:
        """Refuse numbers that make no export."""
        for name, number in (("leads", self.leads), ("chunk_leads", self.chunk_leads)):
            if number < 1:
                raise ConfigError(f"{name} is {number}, expected at least 1")
