"""What stands around every page: navigation, language, light and dark."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from nicegui import ui
from starlette.requests import Request

from service.dashboard.reader import ZONE, Reader
from service.dashboard.words import style

PAGES = (
    ("today", "/", "read"),
    ("funnel", "/funnel", "read"),
    ("alignment", "/alignment", "read"),
    ("agreement", "/agreement", "read"),
    ("model", "/model", "read"),
    ("score", "/score", "score"),
)
"""Key of the name, address (NiceGUI puts /app before it), and the scope without which a page is
not named."""
HEAD = """<script>
document.documentElement.lang = "{language}";
document.cookie = "{zone}=" + Intl.DateTimeFormat().resolvedOptions().timeZone +
  "; path=/app; max-age=31536000; samesite=lax";
</script>"""


@contextmanager
def framed(request: Request, page: str) -> Iterator[Reader]:
    """Draw what stands around a page, and give who looks at it."""
    reader: Reader = request.scope["reader"]
    words = reader.words
    ui.page_title(f"{words['nav'][page]} - {words['title']}")
    ui.add_head_html(HEAD.format(language=reader.language, zone=ZONE))
    ui.add_css(style())
    ui.dark_mode(reader.theme == "dark")
    ui.colors(primary="#1d4ed8", positive="#15803d", negative="#b91c1c")
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    with ui.element("header").classes("bar"):
        ui.label(words["title"]).classes("brand")
        with ui.element("nav").props(f'aria-label="{words["title"]}"'):
            for name, address, scope in PAGES:
                if reader.may(scope):
                    link = ui.link(words["nav"][name], address)
                    if name == page:
                        link.classes("here").props('aria-current="page"')
        with ui.element("div").classes("choices"):
            choices(reader, quote(here))
    if reader.sample != "none":
        with ui.element("div").classes("sample").props("role=note"):
            ui.label(words["sample" if reader.sample == "all" else "sample_some"])
            ui.html("<code>python -m service.sample remove</code>", sanitize=False)
    with ui.element("div").classes("page"):
        ui.html(f"<h1>{words['nav'][page]}</h1>", sanitize=False)
        yield reader


def choices(reader: Reader, here: str) -> None:
    """Draw the switches for language and for light and dark, and the way out."""
    words = reader.words["choices"]
    language, name = ("zh", "中文") if reader.language == "en" else ("en", "English")
    theme = "light" if reader.theme == "dark" else "dark"
    ui.link(name, f"/choose?lang={language}&to={here}").classes("choice")
    ui.link(words[theme], f"/choose?theme={theme}&to={here}").classes("choice")
    if reader.asks:
        ui.link(words["logout"], "/logout").classes("choice")


def empty(text: str, hint: str) -> None:
    """Say that there is nothing yet, and how something comes here."""
    with ui.element("div").classes("card empty"):
        ui.label(text).classes("strong")
        ui.label(hint).classes("quiet")


def card(title: str) -> ui.element:
    """Return a card with a title."""
    box = ui.element("section").classes("card")
    with box:
        ui.html(f"<h2>{title}</h2>", sanitize=False)
    return box


def cells(rows: list[list[Any]], heads: list[str]) -> None:
    """Draw a table; the first column names its row."""
    with (
        ui.element("div").classes("scroll").props("tabindex=0"),
        ui.element("table").classes("plain"),
    ):
        with ui.element("thead"), ui.element("tr"):
            for head in heads:
                with ui.element("th").props("scope=col"):
                    ui.label(head)
        with ui.element("tbody"):
            for row in rows:
                with ui.element("tr"):
                    for cell in row:
                        with ui.element("td"):
                            ui.label(str(cell))
