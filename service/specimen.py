"""Values that people could have typed, from which what is stored of a lead would come."""

from typing import Any

from features.attributes.country import dialling_codes
from features.attributes.encoder import Encoder
from features.attributes.job_title import UNKNOWN_RANK, department_label, seniority_name
from features.attributes.vocabulary import Vocabulary

NUMBER = "5550 1042"


def specimen(encoder: Encoder, stored: Any) -> Any:
    """Return a value like the one of which something is stored; None where there is none.

    Of addresses, numbers and texts no more is kept than what kind they are, so any of that kind
    will do. What cannot be made up (a text) is left out.
    """
    if stored is None:
        return None
    kind = encoder.spec.type
    if isinstance(stored, dict):
        made = {"email": _email, "phone": _phone, "job_title": _title}.get(kind)
        return None if made is None else made(stored)
    vocabulary = getattr(encoder, "vocabulary", None)
    if kind == "category" and isinstance(vocabulary, Vocabulary):
        return vocabulary.spelling(stored)
    if kind == "tags" and isinstance(vocabulary, Vocabulary):
        return [vocabulary.spelling(word) for word in stored]
    if kind == "date":
        return str(stored)[:10]
    return stored


def _email(stored: dict[str, Any]) -> str | None:
    if not stored["valid"]:
        return None
    name = "info" if stored["role"] else "test" if stored["test"] else "kim.lee"
    return f"{name}@{stored['domain']}"


def _phone(stored: dict[str, Any]) -> str | None:
    if not stored["valid"]:
        return None
    country = stored["country"]
    prefix = next((dial for dial, code in dialling_codes().items() if code == country), None)
    return NUMBER if prefix is None else f"+{prefix} {NUMBER}"


def _title(stored: dict[str, Any]) -> str | None:
    rank, department = stored["rank"], stored["department"]
    parts = [] if rank == UNKNOWN_RANK else [seniority_name(rank, "en")]
    parts += [department_label(department, "en")] if department else []
    return " ".join(parts).capitalize() or None
