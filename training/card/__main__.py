"""`python -m training.card`: the model card of a bundle, with what the gate said of it."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from features.errors import BundleError, LeadScoringError
from models.bundle.bundle import CHECKSUMS, Bundle
from models.bundle.read import read_bundle
from training.card.card import make_card, write_card
from training.card.made import Made, versions

ERROR = 2
CURVES = "curves"


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m training.card", description=__doc__)
    add = parser.add_argument
    add("--bundle", type=Path, required=True, help="folder of the bundle")
    add("--out", type=Path, required=True, help="where the card goes")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = parse(arguments)
    try:
        run(options.bundle, options.out)
    except LeadScoringError as error:
        sys.stderr.write(f"error: {'; '.join(str(error).splitlines())}\n")
        return ERROR
    return 0


def run(folder: Path, out: Path) -> None:
    """Write the card of a bundle.

    Raises
    ------
    BundleError
        When the bundle is damaged, or older than cards.
    """
    bundle = read_bundle(folder)
    if CURVES not in bundle.report:
        raise BundleError(
            f"{folder}: its report has no {CURVES!r}; expected one of a newer training"
        )
    sums = json.loads((folder / CHECKSUMS).read_text(encoding="utf-8"))
    report = {**bundle.report, "fingerprint": sums["fingerprint"]}
    out.mkdir(parents=True, exist_ok=True)
    write_card(out, make_card(report, bundle, Made("", versions()), gate_of(bundle)))


def gate_of(bundle: Bundle) -> Mapping[str, Any] | None:
    """Return what the gate said when the bundle was exported, None where it was not asked."""
    deployment = bundle.deployment
    if not deployment.checks:
        return None
    return {"status": deployment.gate, "checks": list(deployment.checks)}


if __name__ == "__main__":
    sys.exit(main())
