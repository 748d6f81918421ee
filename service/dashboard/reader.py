"""Who looks at a page, and how they like it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.requests import Request

from models.agreement.agreement import ROLES
from service.context import RequestContext, preferred_language
from service.dashboard.words import sentences
from service.parts import Parts
from service.store.keys import Key
from service.store.sample import Part

LANGUAGE, THEME, ZONE = "lead_scoring_lang", "lead_scoring_theme", "lead_scoring_zone"
ONE_TIME_LINK = "one-time link"
"""Who did something where the link opened that `make run` prints: nobody has a name by it."""
Theme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who looks.

    Parameters
    ----------
    parts : Parts
        What the pages show.
    key : Key or None
        None where no key is asked for.
    language : str
        "en" or "zh".
    theme : "light" or "dark"
    zone : tzinfo
        Of the browser; UTC until it is known.
    may : callable
        Whether the key still has a scope.
    asks : bool
        Whether a key is asked for at all.
    sample : "none", "some" or "all"
        How much of what the pages show is the sample.
    role : str or None
        Of the key.
    """

    parts: Parts
    key: Key | None
    language: str
    theme: Theme
    zone: tzinfo
    may: Callable[[str], bool]
    asks: bool
    sample: Part = "none"
    role: str | None = None

    @property
    def words(self) -> dict[str, Any]:
        """The sentences in the reader's language."""
        return sentences(self.language)

    @property
    def name(self) -> str | None:
        """Name of the key; that a one-time link opened, where one did."""
        if self.key is None:
            return ONE_TIME_LINK if self.asks else None
        return self.key.name

    @property
    def sides(self) -> tuple[str, ...]:
        """The sides for which they may sign.

        Who came by the one-time link is of neither side, so that both signatures could be those
        of one person. That is good enough to try it on the sample, and for nothing else: not
        where real leads are beside it.
        """
        if self.key is None:
            return ROLES if self.sample == "all" or not self.asks else ()
        return (self.key.role,) if self.key.role in ROLES else ()

    @property
    def context(self) -> RequestContext:
        """The context that functions of the interface ask for."""
        return RequestContext("dashboard", self.name, self.language)

    def when(self, at: datetime) -> str:
        """Return a moment in the reader's zone."""
        return at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")

    def minutes(self, minutes: float) -> str:
        """Return a span of time in its largest fitting unit.

        Parameters
        ----------
        minutes : float
            At least 0.
        """
        units = self.words["units"]
        if minutes < 60:
            return str(units["minutes"].format(n=round(minutes)))
        if minutes < 2 * 24 * 60:
            return str(units["hours"].format(n=round(minutes / 60)))
        return str(units["days"].format(n=round(minutes / (24 * 60))))

    def share(self, told: Mapping[str, Any]) -> str:
        """Return a share with its interval, in percent."""
        if told["share"] is None:
            return str(self.words["none"])
        share, low, high = (100 * told[name] for name in ("share", "low", "high"))
        return f"{share:.0f} % ({low:.0f}-{high:.0f} %)"


def language_of(request: Request) -> str:
    """Return the language that was chosen, else what the browser asks for."""
    chosen = request.cookies.get(LANGUAGE)
    if chosen in ("en", "zh"):
        return chosen
    return preferred_language(request.headers.get("accept-language", ""))


def theme_of(request: Request) -> Theme:
    """Return whether light or dark was chosen."""
    chosen = request.cookies.get(THEME)
    return "dark" if chosen == "dark" else "light"


def zone_of(request: Request) -> tzinfo:
    """Return the browser's zone, UTC where it is not known."""
    try:
        return ZoneInfo(request.cookies.get(ZONE, "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
