"""`python -m training.rollback`: the champion before the present one answers again."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from features.errors import LeadScoringError
from models.bundle.folder import ArtifactFolder
from training.bundle_key import bundle_key
from training.registry.export import BUNDLES
from training.registry.promotion import roll_back
from training.registry.tracking import open_registry

ERROR = 2


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m training.rollback", description=__doc__)
    add = parser.add_argument
    add("--dataset", help="which one, where several have a champion")
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
    """Go back one version."""
    artifacts = ArtifactFolder(options.bundles)
    dataset = options.dataset or artifacts.only_dataset()
    registry = open_registry()
    before = registry.require_champion(dataset)
    earlier, folder = roll_back(registry, dataset, artifacts, now, bundle_key())
    out.write(f"{earlier} answers again instead of version {before.version}, from {folder}\n")


if __name__ == "__main__":
    sys.exit(main())
