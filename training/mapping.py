"""`python -m training.mapping FILE [--out MAPPING [--agreement DRAFT]]`: drafts a mapping."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from features.errors import ConfigError, LeadScoringError
from training.agreement.suggest import suggest
from training.config import TrainingConfig
from training.data.draft import draft_mapping
from training.data.draft_text import draft_text
from training.data.mapping import load_mapping
from training.data.read import read_export


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a drafted mapping; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m training.mapping",
        description="Draft a mapping from a CRM export. It is a guess: read it before training.",
    )
    parser.add_argument("file", type=Path, help="leads as CSV or Parquet")
    parser.add_argument("--out", type=Path, help="file to write (default: print it)")
    parser.add_argument(
        "--agreement",
        type=Path,
        help="also propose a first agreement from the leads, by the mapping as drafted",
    )
    options = parser.parse_args(arguments)
    try:
        if options.agreement is not None and options.out is None:
            raise ConfigError("--agreement is proposed by the drafted mapping; expected --out too")
        text = draft_text(draft_mapping(options.file), options.file.name)
        if options.out is None:
            sys.stdout.write(text)
        else:
            _write_new(options.out, text)
        if options.agreement is not None:
            _write_new(options.agreement, first_agreement(options.file, options.out))
    except LeadScoringError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    return 0


def first_agreement(file: Path, mapping: Path) -> str:
    """Return a first agreement for the leads of a file; it names only what they have."""
    read = load_mapping(mapping)
    return suggest(read_export(file, read), read, TrainingConfig(), where=file.name)


def _write_new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ConfigError(f"{path}: exists already; choose another name or remove it") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror})") from None


if __name__ == "__main__":
    sys.exit(main())
