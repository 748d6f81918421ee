"""On which line of a TOML text a key, a table or an element of an array stands."""

from collections.abc import Iterator
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""Keys, and positions in arrays: ("icp", "criteria", 2, "weight")."""
QUOTES = ("'''", '"""', "'", '"')
CLOSING = {"[": "]", "{": "}"}


def lines_of(text: str) -> dict[Path, int]:
    r"""Return the line, counted from 1, of everything in a TOML text that parses.

    Examples
    --------
    >>> lines_of('a = 1\n[[b]]\nc = { d = 2 }')
    {('a',): 1, ('b', 0): 2, ('b', 0, 'c'): 3, ('b', 0, 'c', 'd'): 3}
    """
    return dict(_Scanner(text).everything())


def nearest_line(lines: dict[Path, int], path: Path) -> int | None:
    """Return the line of a path, else that of the nearest thing around it.

    Examples
    --------
    >>> nearest_line({("a",): 3}, ("a", "b")), nearest_line({}, ("a",))
    (3, None)
    """
    for length in range(len(path), 0, -1):
        line = lines.get(path[:length])
        if line is not None:
            return line
    return None


def path_text(path: Path) -> str:
    """Return a path as people write it.

    Examples
    --------
    >>> path_text(("icp", "criteria", 2, "weight"))
    'icp.criteria[2].weight'
    """
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


class _Scanner:
    """Walks over a text that is known to be TOML."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.elements: dict[Path, int] = {}

    def everything(self) -> Iterator[tuple[Path, int]]:
        """Yield each path and its line."""
        table: Path = ()
        while self._skip(" \t\r\n"):
            line = self._line()
            if self.text.startswith("[[", self.at):
                self.at += 2
                table = self._new_element(self._absolute(self._key()))
                self.at = self.text.index("]]", self.at) + 2
                yield table, line
            elif self.text[self.at] == "[":
                self.at += 1
                table = self._absolute(self._key())
                self.at = self.text.index("]", self.at) + 1
                yield table, line
            else:
                yield from self._pair(table)

    def _pair(self, above: Path) -> Iterator[tuple[Path, int]]:
        line = self._line()
        path = (*above, *self._key())
        for length in range(len(above) + 1, len(path) + 1):
            yield path[:length], line
        self.at = self.text.index("=", self.at) + 1
        self._skip(" \t")
        yield from self._value(path)

    def _value(self, path: Path) -> Iterator[tuple[Path, int]]:
        start = self.text[self.at]
        if start in QUOTES:
            self._string()
        elif start == "{":
            self.at += 1
            while self._skip(" \t\r\n,") and self.text[self.at] != "}":
                yield from self._pair(path)
            self.at += 1
        elif start == "[":
            self.at += 1
            count = 0
            while self._skip(" \t\r\n,") and self.text[self.at] != "]":
                yield (*path, count), self._line()
                yield from self._value((*path, count))
                count += 1
            self.at += 1
        else:
            while self.at < len(self.text) and self.text[self.at] not in ",]}#\n":
                self.at += 1

    def _key(self) -> Path:
        parts: list[str] = []
        while True:
            self._skip(" \t")
            parts.append(self._string() if self.text[self.at] in QUOTES else self._word())
            self._skip(" \t")
            if not self.text.startswith(".", self.at):
                return tuple(parts)
            self.at += 1

    def _word(self) -> str:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in " \t.=]":
            self.at += 1
        return self.text[start : self.at]

    def _string(self) -> str:
        quote = next(q for q in QUOTES if self.text.startswith(q, self.at))
        start = self.at = self.at + len(quote)
        while not self.text.startswith(quote, self.at):
            self.at += 2 if self.text[self.at] == "\\" and quote[0] == '"' else 1
        content = self.text[start : self.at]
        self.at += len(quote)
        while len(quote) == 3 and self.text.startswith(quote[0], self.at):
            self.at += 1  # a quotation mark may stand right before the closing ones
        return content

    def _skip(self, blank: str) -> bool:
        """Go on to the next character that says something; return whether there is one."""
        while self.at < len(self.text):
            if self.text[self.at] == "#" and "\n" in blank:
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif self.text[self.at] in blank:
                self.at += 1
            else:
                return True
        return False

    def _new_element(self, path: Path) -> Path:
        self.elements[path] = self.elements.get(path, -1) + 1
        return (*path, self.elements[path])

    def _absolute(self, path: Path) -> Path:
        """Return a table's path with the positions of the arrays' elements that it is in."""
        full: Path = ()
        for i, part in enumerate(path):
            full = (*full, part)
            if i < len(path) - 1 and full in self.elements:
                full = (*full, self.elements[full])
        return full

    def _line(self) -> int:
        return self.text.count("\n", 0, self.at) + 1
