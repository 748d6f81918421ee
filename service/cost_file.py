"""A CSV file of what channels cost, read with errors that name line and column."""

import csv
import io
import re
from collections.abc import Iterator, Sequence

from features.attributes.vocabulary import canonical
from features.errors import SchemaError
from service.store.costs import MOST_ROWS, Cost
from service.words import words

COLUMNS = ("channel", "month", "amount")
MOST_BYTES = 1_000_000
LONGEST_CHANNEL = 200
MONTH = re.compile(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])")
AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
SEPARATORS = {";": "semicolons", "\t": "tabs"}
NAMED = ", ".join(COLUMNS)


def read_cost_file(body: bytes, language: str = "en") -> list[Cost]:
    r"""Return the costs of a CSV file; no message repeats what stands in it.

    Parameters
    ----------
    body : bytes
        UTF-8, with or without a byte order mark. The first line names the columns channel,
        month and amount, in any order.
    language : "en" or "zh"
        Of what is said of a mistake.

    Raises
    ------
    SchemaError
        Naming line, column and what was expected.

    Examples
    --------
    >>> read_cost_file(b"channel,month,amount\nLinkedIn,2026-03,1200.50\n")
    [Cost(month='2026-03', channel='LinkedIn', amount=1200.5)]
    """
    say = Mistakes(language)
    if len(body) > MOST_BYTES:
        raise say.of("long", most=MOST_BYTES)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise say.of("encoding") from None
    rows = _rows(text, say)
    line, head = next(rows, (1, []))
    order = _order(head, line, say)
    costs: list[Cost] = []
    seen: dict[tuple[str, str | None], int] = {}
    for line, row in rows:
        cost = _cost(row, order, line, say)
        first = seen.setdefault((cost.month, canonical(cost.channel)), line)
        if first != line:
            raise say.of("twice", line=line, first=first)
        costs.append(cost)
        if len(costs) > MOST_ROWS:
            raise say.of("rows", line=line, most=MOST_ROWS)
    if not costs:
        raise say.of("empty", line=line + 1)
    return costs


class Mistakes:
    """What is said of a file in a language; never what stands in it."""

    def __init__(self, language: str) -> None:
        self._words = words(language)["cost_file"]

    def of(self, what: str, **values: object) -> SchemaError:
        """Return a mistake with its place."""
        return SchemaError(self._words[what].format(named=NAMED, **values))

    def cell(self, column: str, line: int) -> SchemaError:
        """Return that a cell is not what its column asks for."""
        expected = self._words["expected"][column].format(longest=LONGEST_CHANNEL)
        return self.of("cell", line=line, column=column, expected=expected)

    def separator(self, separator: str, line: int) -> SchemaError:
        """Return that something else than commas stands between columns."""
        return self.of("separator", line=line, separator=self._words["separators"][separator])


def _rows(text: str, say: Mistakes) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty, each with the number of its last line."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield reader.line_num, cells
    except csv.Error:
        raise say.of("quotes", line=max(reader.line_num, 1)) from None


def _order(head: Sequence[str], line: int, say: Mistakes) -> list[int]:
    """Return where each column stands."""
    names = [name.lower() for name in head]
    if len(names) == 1:
        for separator, name in SEPARATORS.items():
            if separator in names[0]:
                raise say.separator(name, line)
    for column in COLUMNS:
        if column not in names:
            raise say.of("lacks", line=line, column=column)
    if len(names) > len(COLUMNS):
        raise say.of("columns", line=line, n=len(names))
    return [names.index(column) for column in COLUMNS]


def _cost(row: Sequence[str], order: Sequence[int], line: int, say: Mistakes) -> Cost:
    if len(row) != len(COLUMNS):
        raise say.of("cells", line=line, n=len(row), expected=len(COLUMNS))
    channel, month, amount = (row[at] for at in order)
    fits = {
        "channel": 0 < len(channel) <= LONGEST_CHANNEL and CONTROL.search(channel) is None,
        "month": MONTH.fullmatch(month) is not None,
        "amount": AMOUNT.fullmatch(amount) is not None,
    }
    for column, is_fit in fits.items():
        if not is_fit:
            raise say.cell(column, line)
    return Cost(month, channel, float(amount))
