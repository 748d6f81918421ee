"""The content of an agreement as a hash, and the signatures of both sides over it."""

import hashlib
import json
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from features.errors import SignatureError
from models.agreement.agreement import ROLES, Agreement, Role
from models.agreement.read import parse_agreement

OUTSIDE = ("signatures", "origin")
LATER = ("kept_share",)
"""Keys that came later: at their default they are not part of the content, so that signatures
from before still hold."""


def content_of(agreement: Agreement) -> str:
    """Return everything that decides a label as JSON in one form, without the signatures.

    The order of rules in the file, comments and spellings of the same value make no
    difference; defaults are written out.
    """
    content = {
        field.name: _plain(getattr(agreement, field.name))
        for field in fields(agreement)
        if field.name not in OUTSIDE
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def content_hash(agreement: Agreement) -> str:
    """Return the SHA-256 of the content, which both sides sign.

    Examples
    --------
    >>> from models.agreement.agreement import default_agreement
    >>> len(content_hash(default_agreement("mine", 0.05)))
    64
    """
    return hashlib.sha256(content_of(agreement).encode()).hexdigest()


def unsigned_by(agreement: Agreement) -> tuple[Role, ...]:
    """Return the sides whose signature is not there.

    Examples
    --------
    >>> from models.agreement.agreement import default_agreement
    >>> unsigned_by(default_agreement("mine", 0.05))
    ('marketing', 'sales')
    """
    signed = {signature.role for signature in agreement.signatures}
    return tuple(role for role in ROLES if role not in signed)


def check_signatures(agreement: Agreement, *, allow_unsigned: bool = False) -> bool:
    """Return whether both sides have signed this very content.

    Raises
    ------
    SignatureError
        When a signature is for another content; or when one is missing, unless that is
        allowed. The message names the line and the right hash.
    """
    right = content_hash(agreement)
    for i, signature in enumerate(agreement.signatures):
        if signature.hash != right:
            raise SignatureError(
                f"{agreement.place(('signatures', i, 'hash'))}: {signature.role} signed another "
                f"content; expected {right}"
            )
    absent = unsigned_by(agreement)
    if absent and not allow_unsigned:
        raise SignatureError(
            f"{agreement.place(('signatures',))}: not signed by {' and '.join(absent)}; "
            f"expected their signature over {right}"
        )
    return not absent


def signed_text(text: str, where: str, *, name: str, role: Role, day: date) -> str:
    r"""Return the text of an agreement with one more signature at its end.

    Raises
    ------
    AgreementError
        When it is no good agreement, or that side has signed already.

    Examples
    --------
    >>> text = 'dataset = "a"\nversion = "1"\nlines = {mql = {lift = 2}, sql = {lift = 4}}\n'
    >>> signed = signed_text(text, "a.toml", name="Kim", role="sales", day=date(2026, 1, 5))
    >>> unsigned_by(parse_agreement(signed, "a.toml"))
    ('marketing',)
    """
    right = content_hash(parse_agreement(text, where))
    block = (
        f"\n[[signatures]]\nname = {json.dumps(name, ensure_ascii=False)}\n"
        f'role = "{role}"\ndate = {day.isoformat()}\nhash = "{right}"\n'
    )
    signed = text.rstrip("\n") + "\n" + block
    parse_agreement(signed, where)
    return signed


def _plain(value: Any) -> Any:
    """Return a value as JSON, lists whose order means nothing in one order."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _plain(getattr(value, field.name))
            for field in fields(value)
            if field.name not in LATER or getattr(value, field.name) != field.default
        }
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, tuple):
        plain = [_plain(one) for one in value]
        return sorted(plain, key=json.dumps) if plain and isinstance(plain[0], dict) else plain
    return value
