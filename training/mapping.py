"""Drafts a mapping from an export: `python -m training.mapping FILE [--out MAPPING]`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from features.errors import ConfigError, LeadScoringError
from training.data.draft import draft_mapping
from training.data.draft_text import draft_text


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a drafted mapping; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m training.mapping",
        description="Draft a mapping from a CRM export. It is a guess: read it before training.",
    )
    parser.add_argument("file", type=Path, help="leads as CSV or Parquet")
    parser.add_argument("--out", type=Path, help="file to write (default: print it)")
    options = parser.parse_args(arguments)
    try:
        text = draft_text(draft_mapping(options.file), options.file.name)
        if options.out is None:
            sys.stdout.write(text)
        else:
            _write_new(options.out, text)
    except LeadScoringError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    return 0


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
