"""A bulk run: survey, scatter, score part by part, write."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from features.arrays import MomentArray
from training.bulk.ahead import ahead
from training.bulk.answers import Answerer
from training.bulk.output import write_answers
from training.bulk.scatter import Kind, kinds_of, read_part, scatter
from training.bulk.survey import LEAST_PART_ROWS, form, survey
from training.bulk.work import Order, Work
from training.data.export import Export
from training.data.files import ExportFiles
from training.data.read import read_files
from training.data.stream import read_slices
from training.progress import Progress

AsOf = Callable[[Export, int], MomentArray]
"""The moment at which each lead is looked at, given the latest moment of the whole export."""


class Known(NamedTuple):
    """What must be known before the first part is scored."""

    n_rows: int
    part_rows: int
    latest: int


def score_files(
    files: ExportFiles,
    answerer: Callable[[Order], Answerer],
    order: Order,
    as_of: AsOf,
    out: Path,
    progress: Progress,
    *,
    part_rows: int = LEAST_PART_ROWS,
) -> None:
    """Score the leads of an export, and write the answers in the order of the leads.

    What is done is kept beside the output until the output is whole. A run that was ended is
    taken up where it was, with the moment of answers that it had.

    Raises
    ------
    SchemaError
        When a file cannot be used, or the output cannot be written.
    """
    work = Work(out)
    kinds = list(kinds_of(files))
    found = work.taken_up(order)
    if found is None:
        known = _prepare(files, kinds, work, progress, part_rows)
        work.begin(order, known._asdict())
    else:
        known = Known(found["n_rows"], found["part_rows"], found["latest"])
        order = replace(order, now=order.now.fromisoformat(found["now"]))
        progress.tell("taken up where an earlier run ended")
    n_parts = -(-known.n_rows // known.part_rows)
    makes = answerer(order)
    with progress.bar(f"scoring {known.n_rows:,} leads", known.n_rows) as advance:
        for part, export in ahead(_parts(files, kinds, work, known)):
            if export is not None:
                work.keep(part, makes.answer(export, as_of(export, known.latest)))
            rows = min(known.part_rows, known.n_rows - part * known.part_rows)
            advance(rows, was_done=export is None)
    with progress.step(f"writing {out.name}"):
        write_answers(out, map(work.read, range(n_parts)))
    work.remove()


def _prepare(
    files: ExportFiles, kinds: list[Kind], work: Work, progress: Progress, part_rows: int
) -> Known:
    with progress.step("looking through the leads"):
        leads = survey(files, part_rows)
    latest = leads.latest
    for kind in kinds:
        with progress.step(f"sorting the {kind.name} by lead"):
            newest = scatter(files, kind, leads.leads, work.folder, leads.n_parts)
            latest = max(latest, newest)
    return Known(leads.n_rows, leads.part_rows, latest)


def _parts(
    files: ExportFiles, kinds: list[Kind], work: Work, known: Known
) -> Iterator[tuple[int, Export | None]]:
    """Yield each part's leads; None for what is done."""
    models = {kind.name: next(read_slices(kind.path, 1, only=(), **form(files))) for kind in kinds}
    slices = read_slices(files.leads, known.part_rows, only=_columns(files), **form(files))
    for part, table in enumerate(slices):
        if work.done(part):
            yield part, None
            continue
        opened = {files.leads: table}
        for kind in kinds:
            opened[kind.path] = read_part(work.folder, kind, part, models[kind.name])
        yield part, read_files(replace(files, opened=opened))


def _columns(files: ExportFiles) -> set[str]:
    mapping = files.mapping
    attributes = {mapping.column_of(name) for name in mapping.attributes}
    return {column for _, column in mapping.leads.columns()} | attributes
