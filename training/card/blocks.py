"""What a card is made of, before it is a page or a text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

Kind = Literal["text", "list", "table", "plot"]
Tone = Literal["good", "mixed", "bad"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A few sentences."""

    text: str
    kind: ClassVar[Kind] = "text"


@dataclass(frozen=True, slots=True)
class Points:
    """A list of sentences."""

    items: Sequence[str]
    kind: ClassVar[Kind] = "list"


@dataclass(frozen=True, slots=True)
class Table:
    """A table; cells are ready to be read.

    Parameters
    ----------
    caption : str
        What it shows, with units.
    head : sequence of str
    rows : sequence of sequence of str
        The first cell names the row.
    words : int
        So many of the first columns are words, the others are figures.
    marked : int or None
        Row that is to stand out.
    is_beside : bool
        Whether it may stand beside the plot next to it.
    """

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int = 1
    marked: int | None = None
    is_beside: bool = False
    kind: ClassVar[Kind] = "table"


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture.

    Parameters
    ----------
    name : str
        Of its file.
    caption : str
        What can be seen in it.
    svg : str
    """

    name: str
    caption: str
    svg: str
    kind: ClassVar[Kind] = "plot"


Block = Paragraph | Points | Table | Plot


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    title: str
    blocks: Sequence[Block]

    @property
    def anchor(self) -> str:
        """What a link to it names."""
        return "-".join(self.title.lower().split())


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A figure that is read first.

    Parameters
    ----------
    name, value, note : str
    """

    name: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Card:
    """All that a card says.

    Parameters
    ----------
    title, verdict : str
    tone : "good", "mixed" or "bad"
        What news the verdict is.
    key_figures : sequence of KeyFigure
    sections : sequence of Section
    """

    title: str
    verdict: str
    tone: Tone
    key_figures: Sequence[KeyFigure]
    sections: Sequence[Section]
