"""`python -m service.export`: write the store as files that training reads."""

import argparse
import csv
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, select

from models.agreement.read import agreement_text, parse_agreement
from models.bundle.folder import ArtifactFolder
from models.bundle.manifest import Manifest
from models.bundle.read import read_bundle
from service.command import run_command
from service.exporting.mapping_text import mapping_text
from service.exporting.rows import (
    ACTIVITY_COLUMNS,
    DECISION_COLUMNS,
    FEEDBACK_COLUMNS,
    HISTORY_COLUMNS,
    activity_rows,
    decision_rows,
    feedback_rows,
    history_rows,
    lead_columns,
    lead_rows,
)
from service.settings import Settings
from service.store.agreements import active_agreement
from service.store.sql import SqlStore
from service.store.tables import ACTIVITIES

OUT = Path("data/store")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m service.export", description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, help=f"folder; default: {OUT}")
    out: Path = parser.parse_args(arguments).out

    def work(settings: Settings, store: SqlStore) -> str:
        manifest = served_manifest(settings)
        return store.reading(
            lambda connection: export(
                connection, manifest, out, agreed_text(connection, settings, manifest.dataset)
            )
        )

    return run_command(work)


def served_manifest(settings: Settings) -> Manifest:
    """Return what the champion was learned from.

    Raises
    ------
    BundleError
        When there is none.
    """
    folder = ArtifactFolder(settings.artifacts)
    dataset = settings.dataset or folder.only_dataset()
    return read_bundle(folder.champion(dataset), key=settings.key).manifest


def agreed_text(connection: Connection, settings: Settings, dataset: str) -> str | None:
    """Return the agreement that decides, as it was written; None where nobody has written one."""
    active = active_agreement(connection, dataset)
    if active is not None:
        return active.text
    if not settings.agreement.is_file():
        return None
    text = agreement_text(settings.agreement)
    about = parse_agreement(text, str(settings.agreement)).dataset
    return text if about == dataset else None


def export(
    connection: Connection, manifest: Manifest, out: Path, agreement: str | None = None
) -> str:
    """Write all files, as of one moment; return what was written.

    Parameters
    ----------
    agreement : str, optional
        Text of the one that decides.
    """
    attributes = sorted(manifest.space.attribute_names)
    out.mkdir(parents=True, exist_ok=True)
    leads = write(out / "leads.csv", lead_columns(attributes), lead_rows(connection, attributes))
    acts = write(out / "activities.csv", ACTIVITY_COLUMNS, activity_rows(connection))
    changes = write(out / "history.csv", HISTORY_COLUMNS, history_rows(connection))
    verdicts = write(out / "feedback.csv", FEEDBACK_COLUMNS, feedback_rows(connection))
    write(out / "decisions.csv", DECISION_COLUMNS, decision_rows(connection))
    if agreement is None:
        (out / "agreement.toml").unlink(missing_ok=True)
    else:
        with replaced(out / "agreement.toml") as file:
            file.write(agreement)
    kinds = connection.execute(select(ACTIVITIES.c.kind).distinct()).scalars()
    unknown = sorted(set(kinds) - set(manifest.space.kinds))
    counts = {"activities": acts, "history": changes, "feedback": verdicts}
    files = [name for name, count in counts.items() if count]
    with replaced(out / "mapping.toml") as file:
        file.write(mapping_text(manifest, files, unknown))
    said = f"{out}: {leads} leads, {acts} activities, {changes} values, {verdicts} verdicts"
    if unknown:
        said += f"; left out as perhaps our own: {', '.join(unknown)} (see staff_kinds)"
    return said


def write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """Write a table, whole or not at all; return how many rows it has."""
    count = 0
    with replaced(path) as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


@contextmanager
def replaced(path: Path) -> Iterator[IO[str]]:
    """Let a file be written beside its place, and put it there when it is whole."""
    beside = path.with_suffix(f"{path.suffix}.part")
    with beside.open("w", encoding="utf-8", newline="") as file:
        yield file
    os.replace(beside, path)


if __name__ == "__main__":
    sys.exit(main())
