"""`python -m training.deploy`: carries out requests for promotion and rollback."""

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from features.errors import LeadScoringError
from models.bundle.folder import ArtifactFolder
from training.config_file import load_config
from training.promote import AGREEMENT, Terms
from training.registry.export import BUNDLES
from training.registry.tracking import open_registry
from training.requests import Desk

ERROR = 2


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m training.deploy", description=__doc__)
    add = parser.add_argument
    add("--requests", action="store_true", required=True, help="carry out what was asked for")
    add("--dataset", help="which one, where several have a champion")
    add("--agreement", type=Path, help=f"the lines of the labels; default: {AGREEMENT}")
    add("--config", type=Path, help="settings of training, TOML; the gate's are in [gate]")
    add("--set", action="append", default=[], metavar="NAME=VALUE", help="one setting")
    add("--bundles", type=Path, default=BUNDLES, help=f"where champions go; {BUNDLES}")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = parse(arguments)
    try:
        run(options, datetime.now(UTC), sys.stdout)
    except LeadScoringError as error:
        sys.stderr.write(f"error: {'; '.join(str(error).splitlines())}\n")
        return ERROR
    return 0


def run(options: argparse.Namespace, now: datetime, out: TextIO) -> None:
    """Carry out what was asked for."""
    artifacts = ArtifactFolder(options.bundles)
    dataset = options.dataset or artifacts.only_dataset()
    terms = Terms(load_config(options.config, options.set), options.agreement)
    desk = Desk(open_registry(), artifacts, dataset, terms, time.perf_counter)
    for request in desk.carry_out_all(now):
        out.write(f"{request.action} {request.version} {request.status}: {request.told}\n")


if __name__ == "__main__":
    sys.exit(main())
