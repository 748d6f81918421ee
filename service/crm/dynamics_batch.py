"""Many requests in one, as OData's `$batch` has them: MIME parts that hold HTTP."""

from collections.abc import Sequence
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, NamedTuple

from pydantic_core import from_json, to_json

from service.errors import CrmAwayError

LINE = "\r\n"


class Change(NamedTuple):
    """One request of a batch that changes a record.

    Parameters
    ----------
    path : str
        From the root of the Web API's host.
    values : mapping of str to value
        By column.
    """

    path: str
    values: dict[str, Any]


class Result(NamedTuple):
    """The answer to one request of a batch.

    Parameters
    ----------
    status : int
    waits : str
        `Retry-After`, "" where it is not said.
    told : value
        The body, None where there is none.
    """

    status: int
    waits: str
    told: Any


def batch_body(changes: Sequence[Change], boundary: str) -> bytes:
    """Return the body of a batch: no record is made where none is.

    Examples
    --------
    >>> body = batch_body([Change("/api/data/v9.2/leads(1)", {"a": 1})], "batch_1")
    >>> body.decode().splitlines()[4]
    'PATCH /api/data/v9.2/leads(1) HTTP/1.1'
    """
    parts = []
    for change in changes:
        head = (
            f"--{boundary}",
            "Content-Type: application/http",
            "Content-Transfer-Encoding: binary",
            "",
            f"PATCH {change.path} HTTP/1.1",
            "Content-Type: application/json; type=entry",
            "If-Match: *",
            "",
        )
        parts.append(LINE.join(head) + LINE + to_json(change.values).decode() + LINE)
    return ("".join(parts) + f"--{boundary}--{LINE}").encode()


def batch_results(content_type: str, body: bytes) -> list[Result]:
    """Return the answers to the requests of a batch, in their order.

    Raises
    ------
    CrmAwayError
        When it is no answer to a batch.

    Examples
    --------
    >>> lines = ["--b", "Content-Type: application/http", "", "HTTP/1.1 204 No Content", "", ""]
    >>> text = chr(10).join([*lines, "--b--", ""])
    >>> batch_results("multipart/mixed; boundary=b", text.encode())
    [Result(status=204, waits='', told=None)]
    """
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    whole = BytesParser(policy=HTTP).parsebytes(head + body)
    if not whole.is_multipart():
        raise CrmAwayError("Dynamics does not answer a batch as one")
    return [_result(_content(part)) for part in whole.iter_parts()]


def _content(part: Message) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _result(text: bytes) -> Result:
    first, _, rest = text.lstrip().partition(b"\n")
    words = first.split()
    if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].isdigit():
        raise CrmAwayError("Dynamics does not answer a batch as one")
    inner = BytesParser(policy=HTTP).parsebytes(rest)
    body = _content(inner)
    try:
        told = from_json(body) if body.strip() else None
    except ValueError:
        told = None
    return Result(int(words[1]), str(inner.get("Retry-After") or ""), told)
