"""The command that makes a sample CRM export: `python -m training.simulate --out DIR`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from features.errors import LeadScoringError
from training.simulation.config import SimulationConfig
from training.simulation.simulated import Simulated, simulate
from training.simulation.write import write_simulation

__all__ = ["Simulated", "SimulationConfig", "main", "simulate"]


def parser() -> argparse.ArgumentParser:
    """Return the command's options."""
    options = argparse.ArgumentParser(
        prog="python -m training.simulate",
        description="Make a sample CRM export whose truth is known.",
    )
    options.add_argument("--out", type=Path, required=True, help="folder to write to")
    options.add_argument("--leads", type=int, default=10_000, help="number of leads")
    options.add_argument("--seed", type=int, default=1, help="the same seed gives the same files")
    options.add_argument("--no-drift", action="store_true", help="keep the mix of channels")
    options.add_argument("--no-seasonality", action="store_true", help="all hours are alike")
    options.add_argument("--format", choices=("csv", "parquet"), default="csv", help="of the files")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files and say which; return the exit status."""
    chosen = parser().parse_args(arguments)
    try:
        config = SimulationConfig(
            leads=chosen.leads,
            drift=not chosen.no_drift,
            seasonality=not chosen.no_seasonality,
        )
        for written in write_simulation(config, chosen.seed, chosen.out, chosen.format):
            sys.stdout.write(f"{written.path}: {written.rows:,} rows\n")
    except LeadScoringError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
