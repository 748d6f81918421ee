"""`python -m training.audit`: which columns know the outcome although they should not."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from features.errors import LeadScoringError, LeakageError
from training.audit.audit import audit, table
from training.data.mapping import load_mapping
from training.data.read import read_export

ERROR = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m training.audit", description=__doc__)
    parser.add_argument("--leads", type=Path, required=True, help="leads file, CSV or Parquet")
    parser.add_argument("--mapping", type=Path, required=True, help="mapping of its columns, TOML")
    parser.add_argument("--activities", type=Path, help="activities file")
    parser.add_argument("--history", type=Path, help="history file")
    parser.add_argument("--seed", type=int, default=1, help="of what is drawn; 1")
    options = parser.parse_args(arguments)
    try:
        mapping = load_mapping(options.mapping)
        export = read_export(
            options.leads, mapping, activities=options.activities, history=options.history
        )
        found = audit(export, mapping, options.seed)
        sys.stdout.write(table(found))
        found.require_clean()
    except LeakageError as error:
        sys.stderr.write(f"error: {error}\n")
        return ERROR
    except LeadScoringError as error:
        sys.stderr.write(f"error: {'; '.join(str(error).splitlines())}\n")
        return ERROR
    return 0


if __name__ == "__main__":
    sys.exit(main())
