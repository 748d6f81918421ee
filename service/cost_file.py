"""A CSV file of what channels cost, read with errors that name line and column."""

import csv
import io
import re
from collections.abc import Iterator, Sequence

from features.attributes.vocabulary import canonical
from features.errors import SchemaError
from service.store.costs import MOST_ROWS, Cost

COLUMNS = ("channel", "month", "amount")
MOST_BYTES = 1_000_000
LONGEST_CHANNEL = 200
MONTH = re.compile(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])")
AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
SEPARATORS = {";": "semicolons", "\t": "tabs"}
NAMED = ", ".join(COLUMNS)
EXPECTED = {
    "channel": f"a name of 1 to {LONGEST_CHANNEL} characters",
    "month": "a month such as 2026-03",
    "amount": "a number of at least 0 such as 1200.50, without currency or thousands separators",
}


def read_cost_file(body: bytes) -> list[Cost]:
    r"""Return the costs of a CSV file; no message repeats what stands in it.

    Parameters
    ----------
    body : bytes
        UTF-8, with or without a byte order mark. The first line names the columns channel,
        month and amount, in any order.

    Raises
    ------
    SchemaError
        Naming line, column and what was expected.

    Examples
    --------
    >>> read_cost_file(b"channel,month,amount\nLinkedIn,2026-03,1200.50\n")
    [Cost(month='2026-03', channel='LinkedIn', amount=1200.5)]
    """
    if len(body) > MOST_BYTES:
        raise SchemaError(f"body: is longer than {MOST_BYTES} bytes, expected at most that")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SchemaError("body: expected a CSV file in UTF-8 (spreadsheets: CSV UTF-8)") from None
    rows = _rows(text)
    line, head = next(rows, (1, []))
    order = _order(head, line)
    costs: list[Cost] = []
    seen: dict[tuple[str, str | None], int] = {}
    for line, row in rows:
        cost = _cost(row, order, line)
        first = seen.setdefault((cost.month, canonical(cost.channel)), line)
        if first != line:
            raise SchemaError(
                f"line {line}: has channel and month of line {first}, expected each pair once"
            )
        costs.append(cost)
        if len(costs) > MOST_ROWS:
            raise SchemaError(f"line {line}: expected at most {MOST_ROWS} rows")
    if not costs:
        raise SchemaError(f"line {line + 1}: expected a row below the names of the columns")
    return costs


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty, each with the number of its last line."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield reader.line_num, cells
    except csv.Error:
        place = f"line {max(reader.line_num, 1)}"
        raise SchemaError(f"{place}: expected cells between commas, with quotes closed") from None


def _order(head: Sequence[str], line: int) -> list[int]:
    """Return where each column stands."""
    names = [name.lower() for name in head]
    if len(names) == 1:
        for separator, name in SEPARATORS.items():
            if separator in names[0]:
                raise SchemaError(f"line {line}: expected commas between columns, not {name}")
    for column in COLUMNS:
        if column not in names:
            raise SchemaError(f"line {line}: has no column {column!r}, expected {NAMED}")
    if len(names) > len(COLUMNS):
        raise SchemaError(f"line {line}: has {len(names)} columns, expected {NAMED}")
    return [names.index(column) for column in COLUMNS]


def _cost(row: Sequence[str], order: Sequence[int], line: int) -> Cost:
    if len(row) != len(COLUMNS):
        raise SchemaError(
            f"line {line}: has {len(row)} cells, expected {len(COLUMNS)}: {NAMED}, "
            "with a point in amounts"
        )
    channel, month, amount = (row[at] for at in order)
    fits = {
        "channel": 0 < len(channel) <= LONGEST_CHANNEL and CONTROL.search(channel) is None,
        "month": MONTH.fullmatch(month) is not None,
        "amount": AMOUNT.fullmatch(amount) is not None,
    }
    for column, is_fit in fits.items():
        if not is_fit:
            raise SchemaError(f"line {line}, column {column!r}: expected {EXPECTED[column]}")
    return Cost(month, channel, float(amount))
