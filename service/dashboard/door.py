"""The layer around the pages: log-in, choices in cookies, what a browser may load."""

from urllib.parse import parse_qs, quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.dashboard.login import login_page
from service.dashboard.reader import LANGUAGE, THEME, Reader, language_of, theme_of, zone_of
from service.dashboard.sessions import SESSION_SECONDS, Opened, Sessions
from service.errors import StoreError
from service.parts import Parts
from service.store.sample import Part, part_of_sample

PREFIX = "/app"
SESSION = "lead_scoring_session"
YEAR_SECONDS = 365 * 24 * 60 * 60
MOST_BYTES = 4096
POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing from elsewhere. NiceGUI writes its start into the page and compiles Vue templates there,
hence the two exceptions for scripts."""
UPLOADS = "/_nicegui/client/"
"""Where the library takes files of a page that is open."""
CHOICES = {"lang": (LANGUAGE, ("en", "zh")), "theme": (THEME, ("light", "dark"))}


class Door:
    """Lets readers in whose key may read; without keys everybody on this machine.

    Parameters
    ----------
    app : ASGIApp
        The pages.
    parts : Parts
    sessions : Sessions
    """

    def __init__(self, app: ASGIApp, parts: Parts, sessions: Sessions) -> None:
        self.app = app
        self.parts = parts
        self.sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or show the log-in."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        guarded = with_policy(send) if scope["type"] == "http" else send
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if path.startswith("/_nicegui/") and not path.startswith(UPLOADS):
            await self.app(scope, receive, guarded)  # files of the library alone
            return
        answer = await self._answer(scope, receive, path)
        if answer is None:
            await self.app(scope, receive, guarded)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await answer(scope, receive, guarded)

    async def _answer(self, scope: Scope, receive: Receive, path: str) -> Response | None:
        connection = HTTPConnection(scope)
        if not same_origin(connection):
            return Response("another site's page", status_code=403)
        if scope["type"] == "http":
            request = Request(scope, receive)
            if path == "/login":
                return await self._log_in(request)
            if path == "/logout":
                self.sessions.close(request.cookies.get(SESSION))
                return RedirectResponse(f"{PREFIX}/login", status_code=303)
            if path == "/choose":
                return chosen(request)
        if self.sessions.admits(connection.cookies.get(SESSION), "read"):
            if scope["type"] == "http":
                scope["reader"] = self._reader(Request(scope), await self._sample())
            return None
        if path.startswith(UPLOADS):
            return Response("log in first", status_code=403)
        query = scope["query_string"].decode("latin-1")
        there = quote(f"{scope['path']}?{query}" if query else scope["path"])
        return RedirectResponse(f"{PREFIX}/login?to={there}", status_code=303)

    async def _log_in(self, request: Request) -> Response:
        language, to = language_of(request), inside(request.query_params.get("to"))
        if request.method != "POST":
            return HTMLResponse(login_page(language, to))
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                break
        told = parse_qs(body.decode("latin-1"))
        if "link" in told:
            opened = await self.sessions.open_with_link(told["link"][0].strip())
            if opened.refused and self.sessions.admits(request.cookies.get(SESSION), "read"):
                opened = Opened()  # the link of somebody who is in already
        else:
            opened = self.sessions.open_with_key(told.get("key", [""])[0].strip())
        if opened.refused is not None:
            return HTMLResponse(login_page(language, to, opened.refused), status_code=403)
        answer = RedirectResponse(to, status_code=303)
        if opened.session is not None:
            keep_cookie(answer, request, SESSION, opened.session, SESSION_SECONDS)
        return answer

    async def _sample(self) -> Part:
        store = self.parts.store
        try:
            return (
                "none" if store is None else await run_in_threadpool(store.reading, part_of_sample)
            )
        except StoreError:
            return "none"

    def _reader(self, request: Request, sample: Part) -> Reader:
        session = request.cookies.get(SESSION)
        key = self.sessions.key_of(session)
        return Reader(
            self.parts,
            key,
            language_of(request),
            theme_of(request),
            zone_of(request),
            lambda scope: self.sessions.admits(session, scope),
            self.sessions.keyring.asks,
            sample,
            None if key is None else key.role,
        )


def with_policy(send: Send) -> Send:
    """Return what sends answers with the content security policy."""

    async def send_with_policy(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = (b"content-security-policy", POLICY.encode())
            message["headers"] = [*message["headers"], own]
        await send(message)

    return send_with_policy


def same_origin(connection: HTTPConnection) -> bool:
    """Return whether a request comes from our own pages, or from no page."""
    origin = connection.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == connection.headers.get("host")


def inside(to: str | None) -> str:
    """Return an address of the dashboard, its first page for any other.

    Examples
    --------
    >>> inside("/app/lead/L-1"), inside("https://elsewhere.example"), inside("/app/../docs")
    ('/app/lead/L-1', '/app/', '/app/')
    """
    good = to is not None and to.startswith(f"{PREFIX}/") and ".." not in to and "\\" not in to
    return to if good and to is not None and to.isprintable() else f"{PREFIX}/"


def chosen(request: Request) -> Response:
    """Keep what was chosen (language, light or dark) and go back."""
    answer = RedirectResponse(inside(request.query_params.get("to")), status_code=303)
    for name, (cookie, values) in CHOICES.items():
        value = request.query_params.get(name)
        if value in values:
            keep_cookie(answer, request, cookie, value, YEAR_SECONDS)
    return answer


def keep_cookie(answer: Response, request: Request, name: str, value: str, seconds: int) -> None:
    """Let the browser keep a value for the dashboard alone."""
    answer.set_cookie(
        name,
        value,
        max_age=seconds,
        path=PREFIX,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict" if name == SESSION else "lax",
    )
