"""The outermost layer: an id for every request, and an answer to every error."""

import logging
import secrets
import traceback
from itertools import count
from time import monotonic
from typing import Protocol

from fastapi.exceptions import RequestValidationError
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.read import problem_of
from service.context import request_id_of
from service.errors import RETRY_AFTER_SECONDS, status_of

logger = logging.getLogger("lead_scoring")
JSON = "application/json"
HEADER = b"x-request-id"
NOT_FOUND = "other"
STRAIGHT = "/score"
SAFE = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
)
"""What every answer tells a browser; nothing lets another site's pages read it."""
NOT_KEPT = (b"cache-control", b"no-store")
"""Told as well of all that is about leads."""
LASTING = "/app/_nicegui/"
"""Files of a library under its version, which browsers may keep."""


class Observer(Protocol):
    """Counts answered requests."""

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one."""


class RequestIds:
    """Gives each request an id, which stands in the answer's header and in the log.

    Parameters
    ----------
    app : ASGIApp
        The application inside.
    observer : Observer
        Counts what was answered.
    """

    def __init__(self, app: ASGIApp, observer: Observer) -> None:
        self.app = app
        self.observer = observer
        self._run = secrets.token_hex(4)
        self._count = count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; answer 500 with the id alone where it fails."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = [value.decode("latin-1") for name, value in scope["headers"] if name == HEADER]
        request_id = request_id_of(given[0]) if given else None
        if request_id is None:
            request_id = f"{self._run}{next(self._count):08x}"
        scope["request_id"] = request_id
        began, status = monotonic(), 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = (HEADER, request_id.encode())
                lasting = scope["path"].startswith(LASTING)
                safe = SAFE if lasting else (*SAFE, NOT_KEPT)
                message["headers"] = [*message["headers"], *safe, own]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except ClientDisconnect:
            pass  # nobody is there to be answered
        except Exception as error:  # the one place that answers for every failure
            told = {"request_id": request_id}
            logger.error("request %s failed: %s", request_id, where(error), extra=told)
            if status:
                raise
            answer = error_answer(500, "InternalError", f"request {request_id} failed")
            await answer(scope, receive, send_with_id)
        finally:
            self.observer.observe(scope["method"], route_of(scope), status, monotonic() - began)


def route_of(scope: Scope) -> str:
    """Return the route of a request, never its path, in which a lead may be named."""
    if "route" in scope:
        return str(getattr(scope["route"], "path", NOT_FOUND))
    return STRAIGHT if scope["path"] == STRAIGHT else NOT_FOUND


def where(error: Exception) -> str:
    """Return an error's type and place, not its message, which might hold a person's data."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = " < ".join(f"{frame.name} ({frame.lineno})" for frame in reversed(frames))
    return f"{type(error).__name__} in {places}"


def error_answer(status: int, error: str, detail: str) -> Response:
    """Return the answer to an error, in the one form that all have."""
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == 503 else None
    body = to_json({"error": error, "detail": detail})
    return Response(body, status_code=status, headers=headers, media_type=JSON)


async def answer_known_error(request: Request, error: Exception) -> Response:
    """Answer an error of the product by its place in the table."""
    kind = type(error)
    status = status_of(kind)
    return error_answer(status, kind.__name__, str(error))


async def answer_http_error(request: Request, error: Exception) -> Response:
    """Answer what the framework refuses: unknown paths, methods, query parameters."""
    if isinstance(error, HTTPException):
        names = {404: "NotFoundError", 405: "MethodError"}
        name = names.get(error.status_code, "RequestError")
        answer = error_answer(error.status_code, name, str(error.detail))
        for key, value in (error.headers or {}).items():
            answer.headers[key] = value
        return answer
    return error_answer(422, "SchemaError", misread(error))


def misread(error: Exception) -> str:
    """Return which part of a request the framework could not read, and why."""
    if not isinstance(error, RequestValidationError) or not error.errors():
        return "the request is not what was expected"
    first = error.errors()[0]
    where, *path = first["loc"]
    if first["type"] == "json_invalid":
        path = []
    if where != "body" and path:
        path = [f"{path[0]} ({where})", *path[1:]]
    if not path and first["type"] == "model_attributes_type":
        return "body: expected an object, sent with Content-Type: application/json"
    return problem_of({**first, "loc": path})
