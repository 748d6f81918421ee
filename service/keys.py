"""`python -m service.keys`: make, list and revoke the keys of callers."""

import argparse
import secrets
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from features.errors import ConfigError
from features.moment import to_datetime, to_moment
from service.access.scopes import ROLES, SCOPES
from service.access.token import digest_of, new_token
from service.clock import Clock, utc_now
from service.command import run_command
from service.errors import NotFoundError
from service.settings import Settings
from service.store.keys import Key, add_key, read_keys, revoke_key
from service.store.sql import SqlStore


def main(arguments: Sequence[str] | None = None, clock: Clock = utc_now) -> int:
    """Run the command; return its exit code."""
    options = parser().parse_args(arguments)
    works = {"make": make, "list": show, "revoke": revoke}

    def work(_: Settings, store: SqlStore) -> str:
        return works[options.what](store, options, clock)

    return run_command(work)


def parser() -> argparse.ArgumentParser:
    """Return the reader of the command line."""
    made = argparse.ArgumentParser(prog="python -m service.keys", description=__doc__)
    kinds = made.add_subparsers(dest="what", required=True)
    new = kinds.add_parser("make", help="make a key; it is shown this once")
    new.add_argument("name", help="whose it is, such as crm")
    new.add_argument("--scopes", required=True, help=f"some of {','.join(SCOPES)}")
    new.add_argument("--role", choices=ROLES, help="of the person who uses it")
    new.add_argument("--days", type=float, help="after which it expires")
    kinds.add_parser("list", help="show all keys and when they were used last")
    kinds.add_parser("revoke", help="let a key open nothing any more").add_argument("key_id")
    return made


def make(store: SqlStore, options: argparse.Namespace, clock: Clock) -> str:
    """Make a key; return it.

    Raises
    ------
    ConfigError
        When a scope is not known.
    """
    scopes = frozenset(part.strip() for part in options.scopes.split(",") if part.strip())
    if not scopes or scopes - set(SCOPES):
        raise ConfigError(f"--scopes: expected some of {','.join(SCOPES)}")
    now, token = clock(), new_token()
    expires = None if options.days is None else to_moment(now + timedelta(days=options.days))
    key = Key(
        secrets.token_hex(4),
        options.name,
        digest_of(token),
        scopes,
        options.role,
        to_moment(now),
        expires,
    )
    store.changing(lambda connection: add_key(connection, key))
    return f"key {key.key_id} of {key.name}, shown this once:\n{token}"


def show(store: SqlStore, _options: argparse.Namespace, clock: Clock) -> str:
    """Return all keys as a table."""
    keys = store.reading(read_keys)
    if not keys:
        return "there are no keys: the service answers this machine alone"
    now = to_moment(clock())
    head = ("id", "name", "role", "scopes", "state", "used last")
    lines = [head, *(line_of(key, now) for key in keys)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def line_of(key: Key, now: int) -> tuple[str, ...]:
    """Return a key's line of the table."""
    state = "opens"
    if not key.opens(now):
        state = "expired" if key.revoked_at is None else "revoked"
    scopes = ",".join(sorted(key.scopes))
    return (key.key_id, key.name, key.role or "-", scopes, state, day_of(key.used_at))


def day_of(at: Any) -> str:
    """Return a moment to the minute, in UTC."""
    moment = None if at is None else to_datetime(at)
    return "never" if moment is None else f"{moment:%Y-%m-%d %H:%M}Z"


def revoke(store: SqlStore, options: argparse.Namespace, clock: Clock) -> str:
    """Revoke a key.

    Raises
    ------
    NotFoundError
        When there is no such key that opens.
    """
    at = to_moment(clock())
    if not store.changing(lambda connection: revoke_key(connection, options.key_id, at)):
        raise NotFoundError(f"{options.key_id}: there is no such key that is not revoked yet")
    return f"key {options.key_id} is revoked; services know it within seconds"


if __name__ == "__main__":
    sys.exit(main())
