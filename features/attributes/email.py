"""E-mail addresses: what kind of domain, never the address."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, NamedTuple, TypeAlias

from features.arrays import Row
from features.attributes.encoder import Encoder, Shown, Unreadable, is_empty
from features.attributes.store import from_store
from features.attributes.words import word_list

# what most addresses look like; the two patterns below say what all others may look like
USUAL = re.compile(r"([a-z0-9._+-]{1,64}+)@((?:[a-z0-9-]{1,40}+\.){1,3}+[a-z]{2,40}+)")
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


Glimpse: TypeAlias = tuple[str, str, bool, bool]
"""The domain and its kind ("" and "invalid" where it has none), and whether it is a role or a
test."""


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
        text = self._text(value)
        return None if text is None else mail_in(text)

    def glimpse(self, value: object) -> Glimpse | None:
        """Return the domain and the flags alone, as `read` has them, in half the time."""
        if type(value) is str and not self.spec.empty:
            return glimpse_of(value) if value and not value.isspace() else None
        if isinstance(value, dict):
            mail = from_store(Mail, value)
            kind = kind_of_domain(mail.domain) if mail.valid else "invalid"
            return (mail.domain if mail.valid else "", kind, mail.role, mail.test)
        text = self._text(value)
        return None if text is None else glimpse_of(text)

    def _text(self, value: object) -> str | None:
        if is_empty(value, self.spec.empty):
            return None
        if not isinstance(value, str) or len(value) > 1000:
            raise Unreadable
        return value

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
    found = _parts(text)
    if found is None:
        return Mail("", False, False, False, 0.0, 0)
    plain, domain = found
    role, test = _flags(plain)
    digits = 0 if plain.isalpha() else sum(map(str.isdigit, plain))
    return Mail(domain, True, role, test, digits / len(plain) if plain else 0.0, len(plain))


def glimpse_of(text: str) -> Glimpse:
    """Return the domain of an address and whether it is a role's or a test's.

    Examples
    --------
    >>> glimpse_of("Info@firm-7.example"), glimpse_of("not an address")
    (('firm-7.example', 'business', True, False), ('', 'invalid', False, False))
    """
    found = _parts(text)
    if found is None:
        return ("", "invalid", False, False)
    plain, domain = found
    known = _known()
    test = plain.rstrip("0123456789") in known.test_names
    return domain, _kind(domain, known), plain in known.role_names, test


def _parts(text: str) -> tuple[str, str] | None:
    """Return the name without what follows a plus, and the domain; None where it is invalid."""
    found = USUAL.fullmatch(text)
    if found is not None:
        name, domain = found.groups()
        if "-" not in domain or not (domain[0] == "-" or ".-" in domain or "-." in domain):
            return name.partition("+")[0], domain
    found = ADDRESS.fullmatch(text.strip())
    if found is None:
        return None
    domain = _in_ascii(found[2].casefold().rstrip("."))
    if DOMAIN.fullmatch(domain) is None:
        return None
    return found[1].casefold().partition("+")[0], domain


def _flags(plain: str) -> tuple[bool, bool]:
    known = _known()
    return plain in known.role_names, plain.rstrip("0123456789") in known.test_names


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
    return _kind(domain, _known())


def _kind(domain: str, known: "Known") -> str:
    kind = known.kinds.get(domain)
    if kind is not None:
        return kind
    if domain.rpartition(".")[2] not in known.last_labels:
        return "business"
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
    last_labels: frozenset[str]
    role_names: frozenset[str]
    test_names: frozenset[str]


@cache
def _known() -> Known:
    lists = word_list("mail_domains")
    kinds = {d: kind for kind in ("free", "regional", "disposable") for d in lists[kind]}
    ends = [*lists["education_ends"], *lists["government_ends"]]
    homes = {d: country for country, domains in lists["homes"].items() for d in domains}
    return Known(
        kinds,
        homes,
        tuple(lists["education_ends"]),
        tuple(lists["government_ends"]),
        frozenset(end.rpartition(".")[2] for end in ends),
        frozenset(lists["role_names"]),
        frozenset(lists["test_names"]),
    )
