"""E-mail addresses: what kind of domain, never the address."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, NamedTuple

from features.arrays import Row
from features.attributes.encoder import Encoder, Shown, Unreadable, is_empty
from features.attributes.store import from_store
from features.attributes.words import word_list

ADDRESS = re.compile(r"([^@\s\"<>,;]{1,64})@([^@\s\"<>,;]{1,255})")
DOMAIN = re.compile(r"([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}")
KINDS = ("business", "free", "regional", "education", "government", "disposable")
FLAGS = {one: tuple(1.0 if one == kind else 0.0 for kind in KINDS) for one in ("", *KINDS)}


class Mail(NamedTuple):
    """What is kept of an address."""

    domain: str
    valid: bool
    role: bool
    test: bool
    digits_share: float
    length: int


@dataclass(frozen=True, slots=True)
class EmailEncoder(Encoder):
    """The kind of an address's domain, and how the name before the @ looks.

    "Free mail" depends on the country: providers that firms of their country use as a
    matter of course (qq.com, 163.com) are a kind of their own, "regional".
    """

    type: ClassVar[str] = "email"

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Flags, and the look of the name."""
        kinds = tuple((f"is {kind}", "flag") for kind in KINDS)
        look = (("is role", "flag"), ("is test", "flag"))
        return (("valid", "flag"), *kinds, *look, ("digits", "share"), ("length", "characters"))

    def read(self, value: object) -> Mail | None:
        """Return what is kept of an address; a stored form is read as well."""
        if isinstance(value, dict):
            return from_store(Mail, value)
        if is_empty(value, self.spec.empty):
            return None
        if not isinstance(value, str) or len(value) > 1000:
            raise Unreadable
        return mail_in(value)

    def numbers(self, meaning: Mail) -> Row:
        """Return the flags and the look."""
        kind = kind_of_domain(meaning.domain) if meaning.valid else ""
        return (
            float(meaning.valid),
            *FLAGS[kind],
            float(meaning.role),
            float(meaning.test),
            meaning.digits_share,
            float(meaning.length),
        )

    def stored(self, meaning: Mail) -> dict[str, Any]:
        """Return the domain and the flags."""
        return meaning._asdict()

    def shown(self, meaning: Mail, language: str) -> Shown:
        """Return the kind of domain."""
        kind = kind_of_domain(meaning.domain) if meaning.valid else "invalid"
        if meaning.test and kind != "invalid":
            kind = "test"
        return Shown(kind, f"email_{kind}", {})


def mail_in(text: str) -> Mail:
    """Return what is kept of an address.

    Examples
    --------
    >>> mail_in("Info@firm-7.example")
    Mail(domain='firm-7.example', valid=True, role=True, test=False, digits_share=0.0, length=4)
    >>> mail_in("not an address").valid
    False
    """
    found = ADDRESS.fullmatch(text.strip())
    if found is None:
        return Mail("", False, False, False, 0.0, 0)
    name, domain = found[1].casefold(), _in_ascii(found[2].casefold().rstrip("."))
    if DOMAIN.fullmatch(domain) is None:
        return Mail("", False, False, False, 0.0, 0)
    known = _known()
    plain = name.split("+", 1)[0]
    return Mail(
        domain=domain,
        valid=True,
        role=plain in known.role_names,
        test=plain.rstrip("0123456789") in known.test_names,
        digits_share=sum(map(str.isdigit, plain)) / len(plain) if plain else 0.0,
        length=len(plain),
    )


def _in_ascii(domain: str) -> str:
    try:
        return domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:  # an empty or too long label
        return ""


def kind_of_domain(domain: str) -> str:
    """Return which kind of domain it is, one of `KINDS`.

    Examples
    --------
    >>> [kind_of_domain(d) for d in ("gmail.com", "qq.com", "cs.uni.edu", "firm.example")]
    ['free', 'regional', 'education', 'business']
    """
    known = _known()
    kind = known.kinds.get(domain)
    if kind is not None:
        return kind
    dotted = f".{domain}"
    if dotted.endswith(known.education_ends):
        return "education"
    return "government" if dotted.endswith(known.government_ends) else "business"


def home_of_domain(domain: str) -> str | None:
    """Return the country in which a regional provider's addresses are normal for firms.

    Examples
    --------
    >>> home_of_domain("qq.com"), home_of_domain("gmail.com")
    ('CN', None)
    """
    return _known().homes.get(domain)


class Known(NamedTuple):
    """The word list, ready for look-ups."""

    kinds: Mapping[str, str]
    homes: Mapping[str, str]
    education_ends: tuple[str, ...]
    government_ends: tuple[str, ...]
    role_names: frozenset[str]
    test_names: frozenset[str]


@cache
def _known() -> Known:
    lists = word_list("mail_domains")
    kinds = {d: kind for kind in ("free", "regional", "disposable") for d in lists[kind]}
    homes = {d: country for country, domains in lists["homes"].items() for d in domains}
    return Known(
        kinds,
        homes,
        tuple(lists["education_ends"]),
        tuple(lists["government_ends"]),
        frozenset(lists["role_names"]),
        frozenset(lists["test_names"]),
    )
