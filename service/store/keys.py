"""Keys of callers, as they are stored."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from service.store.tables import KEYS


class Key(NamedTuple):
    """A caller's key: whose it is and what it opens, not the key; moments in UTC microseconds."""

    key_id: str
    name: str
    digest: str
    scopes: frozenset[str]
    role: str | None
    created_at: int
    expires_at: int | None = None
    revoked_at: int | None = None
    used_at: int | None = None

    def opens(self, now: int) -> bool:
        """Return whether the key is good for anything at a moment."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def add_key(connection: Connection, key: Key) -> None:
    """Keep a key."""
    row = key._asdict() | {"scopes": " ".join(sorted(key.scopes))}
    connection.execute(insert(KEYS).values(**row))


def read_keys(connection: Connection) -> list[Key]:
    """Return all keys, revoked ones too, in the order in which they were made."""
    rows = connection.execute(select(KEYS).order_by(KEYS.c.created_at, KEYS.c.key_id)).mappings()
    return [Key(**{**row, "scopes": frozenset(row["scopes"].split())}) for row in rows]


def revoke_key(connection: Connection, key_id: str, at: int) -> bool:
    """Revoke a key; return whether there was one that was not revoked."""
    open_one = (KEYS.c.key_id == key_id) & KEYS.c.revoked_at.is_(None)
    return bool(connection.execute(update(KEYS).where(open_one).values(revoked_at=at)).rowcount)


def note_uses(connection: Connection, used: Mapping[str, int]) -> None:
    """Write down when keys were used last."""
    for key_id in sorted(used):
        own = KEYS.c.key_id == key_id
        connection.execute(update(KEYS).where(own).values(used_at=used[key_id]))
