"""From the bytes of a request to leads, with errors that name the field."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json, to_json
from starlette.requests import ClientDisconnect, Request

from features.errors import SchemaError
from features.moment import EPOCH, MICROSECOND
from features.records import ActivityRecord, LeadRecord
from service.api.schemas import ScoreRequest
from service.errors import BodyTooLargeError, MediaTypeError
from service.settings import Settings

EXPECTED = {
    "missing": "is required",
    "extra_forbidden": "is not known",
    "string_type": "expected text",
    "int_type": "expected a whole number",
    "list_type": "expected a list",
    "dict_type": "expected an object",
    "model_type": "expected an object",
    "model_attributes_type": "expected an object",
    "written_out": "expected a date and time such as 2026-03-02T09:30:00Z",
    "datetime_type": "expected a date and time such as 2026-03-02T09:30:00Z",
    "datetime_parsing": "expected a date and time such as 2026-03-02T09:30:00Z",
    "datetime_from_date_parsing": "expected a date and time such as 2026-03-02T09:30:00Z",
    "datetime_object_invalid": "expected a date and time such as 2026-03-02T09:30:00Z",
    "finite_number": "expected a finite number",
}


async def read_body(request: Request, limit: int, media: str = "application/json") -> bytes:
    """Return the body of a request.

    Parameters
    ----------
    media : str
        What it must be declared to be, if anything: JSON in whatever dialect, or just this.

    Raises
    ------
    MediaTypeError
        When it is declared to be something else.
    BodyTooLargeError
        When it is larger than the limit, as soon as that is known.
    """
    for name, value in request.scope["headers"]:
        if name == b"content-type" and not is_declared(value.decode("latin-1"), media):
            raise MediaTypeError(f"Content-Type: expected {media}, or none")
        if name == b"content-length" and value.isdigit() and int(value) > limit:
            raise BodyTooLargeError(f"the body has {int(value)} bytes, expected at most {limit}")
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
        if size > limit:
            raise BodyTooLargeError(f"the body has over {limit} bytes, expected at most that")
    return parts[0] if len(parts) == 1 else b"".join(parts)


def is_declared(media_type: str, media: str) -> bool:
    """Return whether a declared type is the one that is expected."""
    if media == "application/json":
        return is_json(media_type)
    return media_type.partition(";")[0].strip().lower() in ("", media)


def is_json(media_type: str) -> bool:
    """Return whether a declared type is JSON, in whatever dialect, or none was declared.

    Examples
    --------
    >>> [is_json(t) for t in ("", "application/json; charset=utf-8", "application/x+json")]
    [True, True, True]
    >>> is_json("text/csv")
    False
    """
    if media_type == "application/json":
        return True
    plain = media_type.partition(";")[0].strip().lower()
    dialect = plain.startswith("application/") and plain.endswith("+json")
    return plain in ("", "application/json") or dialect


def read_lead(body: bytes, settings: Settings) -> ScoreRequest:
    """Return the lead that a JSON body holds.

    Raises
    ------
    SchemaError
        Naming the field and what was expected.
    """
    try:
        lead = ScoreRequest.model_validate_json(body)
    except ValidationError as error:
        raise SchemaError(what_is_wrong(error)) from None
    if len(lead.activities) > settings.lead_activities:
        raise SchemaError(
            f"activities: has {len(lead.activities)}, expected at most {settings.lead_activities}"
        )
    return lead


def read_json(body: bytes) -> Any:
    """Return the JSON of a body.

    Raises
    ------
    SchemaError
        When it is none.
    """
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError:
        raise SchemaError("body: expected JSON (UTF-8, finite numbers)") from None


def read_batch(body: bytes, settings: Settings) -> list[Any]:
    """Return the items of a batch, each still to be read for itself.

    Raises
    ------
    SchemaError
        When the body is not {"leads": [...]}, or has too many of them.
    """
    data = read_json(body)
    leads = data.get("leads") if isinstance(data, dict) and len(data) == 1 else None
    if not isinstance(leads, list):
        raise SchemaError('body: expected {"leads": [...]}')
    if len(leads) > settings.batch_leads:
        raise SchemaError(f"leads: has {len(leads)}, expected at most {settings.batch_leads}")
    return leads


def read_item(item: Any, settings: Settings) -> ScoreRequest:
    """Return one lead of a batch.

    Raises
    ------
    SchemaError
        Naming the field and what was expected.
    """
    try:
        body = to_json(item, inf_nan_mode="constants")
    except ValueError:
        raise SchemaError("expected a lead as an object of JSON values") from None
    return read_lead(body, settings)


def what_is_wrong(error: ValidationError) -> str:
    """Return the first problem in words, without the value that caused it."""
    return problem_of(
        error.errors(include_url=False, include_context=False, include_input=False)[0]
    )


def problem_of(first: Mapping[str, Any]) -> str:
    """Return one problem that pydantic found in words."""
    kind, message = first["type"], first["msg"]
    if kind == "value_error":
        message = message.removeprefix("Value error, ")
    if kind == "json_invalid":
        return "body: expected JSON (UTF-8, finite numbers, no deep nesting)"
    path, of_union = "", False
    for part in first["loc"]:
        text = str(part)[:100]
        if isinstance(part, int):
            path += f"[{part}]"
        elif text.startswith(UNIONS) or text in SCALARS:
            of_union = True
        else:
            path += f".{text}" if path else text
    if of_union and kind not in TOO_LONG:
        return f"{path}: expected text, a finite number, true, false, null or a list of them"
    expected = EXPECTED.get(kind, message[:1].lower() + message[1:])
    return f"{path or 'body'}: {expected}"


SCALARS = frozenset({"bool", "int", "float", "str"})
UNIONS = ("constrained-", "function-", "list[", "union[", "nullable[")
TOO_LONG = ("string_too_long", "too_long")


def record_of(lead: ScoreRequest, now: datetime) -> LeadRecord:
    """Return a request as a record; without `as_of` it is looked at now."""
    as_of = moment_of(lead.as_of or now)
    created_at = as_of if lead.created_at is None else moment_of(lead.created_at)
    activities = []
    for activity in lead.activities:
        occurred_at = moment_of(activity.occurred_at)
        known = activity.recorded_at
        recorded_at = occurred_at if known is None else moment_of(known)
        activities.append(ActivityRecord(activity.kind, occurred_at, recorded_at))
    return LeadRecord(
        lead.lead_id,
        as_of,
        created_at,
        lead.channel,
        lead.source,
        lead.episode,
        lead.attributes,
        activities,
    )


def moment_of(at: datetime) -> int:
    """Return a moment; without a zone it is UTC."""
    known = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return (known - EPOCH) // MICROSECOND
