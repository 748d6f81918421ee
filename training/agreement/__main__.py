"""`python -m training.agreement`: suggest, preview, resolve and sign agreements."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TextIO

from features.errors import AgreementError, ConfigError, LeadScoringError
from models.agreement.agreement import ROLES, Agreement
from models.agreement.lines import Line
from models.agreement.read import load_agreement
from models.agreement.signing import signed_text, unsigned_by
from models.bundle.bundle import Bundle
from models.bundle.read import read_bundle
from models.bundle.write import store_lines
from models.preview.resolve import resolve, stored_lines
from training.agreement.effect import effect_of
from training.agreement.picture import effect_picture
from training.agreement.suggest import suggest
from training.agreement.table import effect_text, lines_text
from training.agreement.verdicts import read_verdicts
from training.agreement.words import LANGUAGES
from training.bundle_key import bundle_key
from training.config_file import load_config
from training.data.export import Export
from training.data.mapping import load_mapping
from training.data.read import read_export
from training.progress import Progress

ERROR = 2


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m training.agreement", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    _suggest_options(commands.add_parser("suggest", help="proposes one from past leads"))
    _preview_options(commands.add_parser("preview", help="what a change would do"))
    _lines_options(commands.add_parser("lines", help="what lines come to for a model; stores them"))
    _sign_options(commands.add_parser("sign", help="adds the word of one side"))
    return parser.parse_args(arguments)


def _suggest_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    _lead_options(parser, required=True)
    add("--feedback", type=Path, help="verdicts of sales: lead_id, accepted")
    add("--bundle", type=Path, help="folder of a bundle: says what the lines come to")
    for name, unit in (("precision", "SHARE"), ("capacity", "LEADS_A_WEEK")):
        add(
            f"--{name}",
            action="append",
            default=[],
            metavar=f"LABEL={unit}",
            help=f"draws the line of MQL or SQL by {name}; default: lifts of 2 and 4",
        )
    add("--version", default="1", help="of the draft; every change needs another; default: 1")
    add("--config", type=Path, help="settings of training, TOML")
    add("--out", type=Path, required=True, help="the draft to write; must not be there yet")
    _common(parser)


def _preview_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("file", type=Path, help="the draft, TOML")
    add("--against", type=Path, help="the agreement that holds today")
    add("--bundle", type=Path, required=True, help="folder of a bundle")
    _lead_options(parser)
    add("--json", action="store_true", help="everything as JSON, with the ids of leads that move")
    add("--picture", type=Path, help="leaves a picture in this file, SVG")
    _common(parser)


def _lines_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("file", type=Path, help="the agreement, TOML")
    add("--bundle", type=Path, required=True, help="folder of a bundle; the lines are kept in it")
    add("--before", type=Path, help="folder of the bundle that answers so far")
    add("--approve", action="store_true", help="volumes that move by over 10 %% were seen")
    _common(parser)


def _sign_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("file", type=Path, help="the agreement, TOML; the signature is added to it")
    add("--role", choices=ROLES, required=True, help="which side signs")
    add("--name", required=True, help="who")
    add("--date", type=date.fromisoformat, help="day, such as 2026-03-02; default: today")


def _lead_options(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    add = parser.add_argument
    add("--leads", type=Path, required=required, help="leads file, CSV or Parquet")
    add("--mapping", type=Path, required=required, help="mapping of its columns, TOML")
    add("--activities", type=Path, help="activities file; default: the one the mapping names")
    add("--history", type=Path, help="history file; default: the one the mapping names")


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--language", default="en", choices=LANGUAGES, help="of what is shown")
    parser.add_argument("--quiet", action="store_true", help="show no steps")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = parse(arguments)
    quiet = getattr(options, "quiet", True)
    progress = Progress(None if quiet else sys.stderr, time.perf_counter)
    try:
        COMMANDS[options.command](options, progress, sys.stdout)
    except LeadScoringError as error:
        sys.stderr.write(f"error: {'; '.join(str(error).splitlines())}\n")
        return ERROR
    return 0


def run_suggest(options: argparse.Namespace, progress: Progress, out: TextIO) -> None:
    """Write a proposed agreement."""
    if options.out.exists():
        raise ConfigError(f"{options.out}: exists already; choose another name or remove it")
    lines = agreed_lines(options.precision, options.capacity)
    mapping, config = load_mapping(options.mapping), load_config(options.config, [])
    with progress.step("reading the export"):
        bundle = None
        if options.bundle is not None:
            bundle = read_bundle(options.bundle, key=bundle_key())
        export = read_export(
            options.leads, mapping, activities=options.activities, history=options.history
        )
        accepted = None if options.feedback is None else read_verdicts(options.feedback, export)
    with progress.step("comparing won and lost leads"):
        text = suggest(
            export,
            mapping,
            config,
            bundle=bundle,
            lines=lines,
            accepted=accepted,
            language=options.language,
            where=str(options.out),
            version=options.version,
        )
    write_text(options.out, text)
    out.write(f"{options.out}: read it, change it, preview it, then let both sides sign it\n")


def agreed_lines(precision: Sequence[str], capacity: Sequence[str]) -> dict[str, Line]:
    """Return the lines that options such as SQL=0.4 ask for.

    Raises
    ------
    ConfigError
        When one cannot be read, or a label is named twice.
    """
    lines: dict[str, Line] = {}
    wanted = [("precision", one) for one in precision]
    wanted += [("capacity_per_week", one) for one in capacity]
    for measure, text in wanted:
        label, _, number = text.partition("=")
        try:
            value = float(number)
        except ValueError:
            value = 0.0
        if label not in ("MQL", "SQL") or not value > 0.0 or label in lines:
            raise ConfigError(f"{text}: expected MQL or SQL once each, such as SQL=0.4 or SQL=20")
        lines[label] = Line("precision" if measure == "precision" else "capacity_per_week", value)
    return lines


def run_preview(options: argparse.Namespace, progress: Progress, out: TextIO) -> None:
    """Show what a change would do."""
    with progress.step("reading the bundle"):
        bundle = read_bundle(options.bundle, key=bundle_key())
    new = about(load_agreement(options.file), bundle)
    old = None if options.against is None else about(load_agreement(options.against), bundle)
    with progress.step("reading the leads"):
        export = given_export(options)
    with progress.step("trying the agreement"):
        effect = effect_of(new, old, bundle, export)
    if options.picture is not None:
        write_text(options.picture, effect_picture(effect, options.language))
    if options.json:
        out.write(json.dumps(effect.to_json(), ensure_ascii=False, indent=1) + "\n")
    else:
        out.write(effect_text(effect, options.language))


def run_lines(options: argparse.Namespace, progress: Progress, out: TextIO) -> None:
    """Resolve the lines for a model, show them and keep them with it."""
    with progress.step("reading the bundle"):
        bundle = read_bundle(options.bundle, key=bundle_key())
    agreement = about(load_agreement(options.file), bundle)
    manifest = bundle.manifest
    found = resolve(agreement, bundle.reference, manifest.anchor, manifest.space)
    out.write("\n".join(lines_text(found, options.language)) + "\n")
    if options.before is not None and not options.approve:
        answering = read_bundle(options.before, key=bundle_key())
        before = stored_lines(agreement, answering.lines)
        moved = () if before is None else found.moved(before)
        if moved:
            raise AgreementError(
                f"{options.file}: volumes move by over 10 % ({'; '.join(moved)}); the pair that "
                "answers so far goes on to, until --approve"
            )
    lines = {**bundle.lines, agreement.version: found.to_json()}
    store_lines(options.bundle, lines, key=bundle_key())


def run_sign(options: argparse.Namespace, progress: Progress, out: TextIO) -> None:
    """Add a signature to a file."""
    agreement = load_agreement(options.file)
    if options.role not in unsigned_by(agreement):
        raise AgreementError(f"{options.file}: {options.role} has signed already")
    day = options.date or datetime.now(UTC).date()
    text = options.file.read_text(encoding="utf-8")
    signed = signed_text(text, str(options.file), name=options.name, role=options.role, day=day)
    write_text(options.file, signed)
    missing = " and ".join(unsigned_by(load_agreement(options.file))) or "nobody"
    out.write(f"signed by {options.role}; still to sign: {missing}\n")


def about(agreement: Agreement, bundle: Bundle) -> Agreement:
    """Return the agreement, if it is about what the bundle is about.

    Raises
    ------
    AgreementError
        When it is not.
    """
    dataset = bundle.manifest.dataset
    if agreement.dataset != dataset:
        raise AgreementError(
            f"{agreement.place(('dataset',))}: the agreement is about {agreement.dataset!r}, "
            f"the bundle about {dataset!r}"
        )
    return agreement


def given_export(options: argparse.Namespace, *, outcome: bool = False) -> Export | None:
    """Return the export that was named, None where none was.

    Raises
    ------
    ConfigError
        When leads are named without a mapping.
    """
    if options.leads is None:
        return None
    if options.mapping is None:
        raise ConfigError("--leads needs --mapping, which says what their columns mean")
    return read_export(
        options.leads,
        load_mapping(options.mapping),
        activities=options.activities,
        history=options.history,
        require_outcome=outcome,
    )


def write_text(path: Path, text: str) -> None:
    """Write a file.

    Raises
    ------
    ConfigError
        When it cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror})") from None


Command = Callable[[argparse.Namespace, Progress, TextIO], None]
COMMANDS: Mapping[str, Command] = {
    "suggest": run_suggest,
    "preview": run_preview,
    "lines": run_lines,
    "sign": run_sign,
}


if __name__ == "__main__":
    sys.exit(main())
