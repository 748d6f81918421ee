"""The page that asks for a key."""

from html import escape
from urllib.parse import quote

from service.dashboard.words import sentences, style

FOLLOW = """<form method="post" id="once" hidden><input name="link" aria-label="link"></form>
<script>
if (location.hash.startsWith("#link=")) {
  const once = document.getElementById("once");
  once.action = location.pathname + location.search;
  once.elements.link.value = location.hash.slice(6);
  history.replaceState(null, "", location.pathname + location.search);
  once.submit();
}
</script>"""
"""What stands behind the # is never sent with an address, so that no log has it."""


def login_page(language: str, to: str, refused: str | None = None) -> str:
    """Return the page.

    Parameters
    ----------
    to : str
        Where to go then.
    refused : "unknown", "forbidden" or "used", optional
        Why the key or link that was given does not open.
    """
    words = sentences(language)["login"]
    why = f'<p class="late" role="alert">{escape(words[refused])}</p>' if refused else ""
    other, name = ("zh", "中文") if language == "en" else ("en", "English")
    back = quote(f"/app/login?to={quote(to)}")
    return f"""<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>{escape(words["title"])}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="same-origin">
<link rel="icon" href="data:,"><style>{style()}</style></head>
<body class="login"><main class="card"><h1>{escape(words["title"])}</h1>
<form method="post" action="/app/login?to={quote(to)}">
<label for="key">{escape(words["key"])}</label>
<input id="key" name="key" type="password" autocomplete="current-password" required autofocus>
{why}<button type="submit">{escape(words["go"])}</button></form>
<p class="quiet">{escape(words["how"])} <code>python -m service.keys make</code></p>
{FOLLOW}<p><a href="/app/choose?lang={other}&amp;to={back}">{name}</a></p></main></body></html>"""
