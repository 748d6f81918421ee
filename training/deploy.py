"""`python -m training.deploy`: lets the registry's champion answer on this machine."""

import argparse
import signal
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TextIO, TypeAlias

from features.errors import ConfigError, LeadScoringError
from models.bundle.folder import ArtifactFolder
from training.bundle_key import bundle_key
from training.config_file import load_config
from training.promote import AGREEMENT, Terms
from training.registry.export import BUNDLES
from training.registry.follow import Follower, Said
from training.registry.tracking import open_registry
from training.requests import Desk

ERROR = 2
SECONDS = 10.0
Turn: TypeAlias = Callable[[], None]


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m training.deploy", description=__doc__)
    add = parser.add_argument
    add("--watch", action="store_true", help="go on until told to end, by SIGTERM or Ctrl-C")
    add("--seconds", type=float, default=SECONDS, help=f"between two looks; {SECONDS:g}")
    add("--requests", action="store_true", help="first carry out what was asked for")
    add("--dataset", help="which one, where not exactly one has a champion")
    add("--agreement", type=Path, help=f"the lines of the labels; default: {AGREEMENT}")
    add("--config", type=Path, help="settings of training, TOML; the gate's are in [gate]")
    add("--set", action="append", default=[], metavar="NAME=VALUE", help="one setting")
    add("--bundles", type=Path, default=BUNDLES, help=f"where champions go; {BUNDLES}")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = parse(arguments)
    try:
        if not options.seconds > 0.0:
            raise ConfigError(f"--seconds is {options.seconds:g}, expected more than 0")
        turn = prepare(options, sys.stdout)
        if options.watch:
            watch(turn, options.seconds, told_to_end())
        else:
            turn()
    except LeadScoringError as error:
        sys.stderr.write(f"error: {'; '.join(str(error).splitlines())}\n")
        return ERROR
    return 0


def prepare(options: argparse.Namespace, out: TextIO) -> Turn:
    """Return what is done each time: carry requests out if wanted, and follow the registry."""
    artifacts = ArtifactFolder(options.bundles)
    dataset = options.dataset or artifacts.only_dataset()
    registry = open_registry()
    terms = Terms(load_config(options.config, options.set), options.agreement)
    desk = Desk(registry, artifacts, dataset, terms, time.perf_counter)
    follower = Follower(registry, artifacts, dataset, bundle_key())

    def turn() -> None:
        now = datetime.now(UTC)
        for request in desk.carry_out_all(now) if options.requests else ():
            out.write(f"{request.action} {request.version} {request.status}: {request.told}\n")
        for line in follower.follow(now):
            out.write(f"{line}\n")
        out.flush()

    return turn


def watch(turn: Turn, seconds: float, end: Event) -> None:
    """Do it again and again until told to end; trouble is told and tried again.

    Parameters
    ----------
    seconds : float
        Between two turns.
    """
    said = Said()
    while not end.is_set():
        trouble = None
        try:
            turn()
        except LeadScoringError as error:
            trouble = error
        news = said.news(trouble)
        if news is not None:
            sys.stderr.write(f"error: {news}\n")
            sys.stderr.flush()
        end.wait(seconds)


def told_to_end() -> Event:
    """Return what is set once the process is told to end."""
    end = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end.set())
    return end


if __name__ == "__main__":
    sys.exit(main())
