"""Finds out how a text file is written, and whether a file is what its name says."""

import codecs
import csv
import io
from dataclasses import dataclass
from pathlib import Path

from features.errors import SchemaError

SEPARATORS = (",", ";", "\t", "|")
CHUNK = 1 << 22
SAMPLE = 1 << 16
SAMPLE_ROWS = 20
TEXT_ENDINGS = (".csv", ".tsv", ".txt", ".tab")
PARQUET_ENDINGS = (".parquet", ".pq")
FOREIGN = (
    (b"PK\x03\x04", "an Excel workbook or another zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3", "an SQLite database"),
    (b"<", "a web page or XML"),
    (b"{", "JSON"),
    (b"[{", "JSON"),
)


@dataclass(frozen=True, slots=True)
class TextFormat:
    """How a text file is written."""

    encoding: str
    separator: str
    header: tuple[str, ...]
    preamble: int
    """Lines before the header (`sep=;` as written by spreadsheets)."""


def is_parquet(path: Path) -> bool:
    """Return whether a file is Parquet (else text), after comparing it with its name.

    Raises
    ------
    SchemaError
        When it is absent, empty, or not what its name says.
    """
    try:
        with path.open("rb") as file:
            head = file.read(SAMPLE)
    except FileNotFoundError:
        raise SchemaError(f"{path}: there is no such file") from None
    except OSError as error:
        raise SchemaError(f"{path}: cannot be read ({error.strerror})") from None
    if not head.strip(b"\xef\xbb\xbf \r\n\t"):
        raise SchemaError(f"{path.name}: is empty, expected a header line and a row per lead")
    ending = path.suffix.lower()
    parquet = head.startswith(b"PAR1")
    if parquet and ending in TEXT_ENDINGS:
        raise SchemaError(f"{path.name}: its name says text, but it is Parquet; rename it")
    if not parquet and ending in PARQUET_ENDINGS:
        raise SchemaError(f"{path.name}: its name says Parquet, but it is not")
    if not parquet:
        _refuse_foreign(path, head)
    return parquet


def _refuse_foreign(path: Path, head: bytes) -> None:
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    kind = next((kind for magic, kind in FOREIGN if start.startswith(magic)), None)
    if kind is None and b"\0" in head and not _utf16(head):
        kind = "binary"
    if kind is not None:
        raise SchemaError(f"{path.name}: is {kind}; expected CSV text (UTF-8) or Parquet")


def text_format(path: Path, encoding: str | None, separator: str | None) -> TextFormat:
    """Return how a text file is written; what is given is taken, the rest recognised.

    Raises
    ------
    SchemaError
        When the encoding cannot be recognised or the given one does not fit.
    """
    chosen = _checked(path, encoding) if encoding else _recognised(path)
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    text = codecs.getincrementaldecoder(chosen)("strict").decode(sample)
    text = text.removeprefix("\ufeff")
    preamble = 0
    if text[:4].lower() == "sep=" and len(text) > 4:
        separator = separator or text[4]
        text = text.partition("\n")[2]
        preamble = 1
    try:
        separator = separator or _likely_separator(text)
        header = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise SchemaError(f"{path.name}: cannot be read as CSV ({error})") from None
    return TextFormat(chosen, separator, tuple(name.strip() for name in header), preamble)


def _utf16(head: bytes) -> bool:
    return head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


def _checked(path: Path, encoding: str) -> str:
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise SchemaError(
            f"{path.name}: files.encoding {encoding!r} is not known; "
            'expected one such as "utf-8", "gb18030" or "latin-1"'
        ) from None
    if not _decodes(path, encoding):
        raise SchemaError(f"{path.name}: is not written in {encoding!r} (files.encoding)")
    return "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding


def _recognised(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(4)
    if _utf16(head) and _decodes(path, "utf-16"):
        return "utf-16"
    if _decodes(path, "utf-8"):
        return "utf-8-sig"
    if _decodes(path, "gb18030") and _in_pairs(path):
        return "gb18030"
    raise SchemaError(
        f"{path.name}: its text is neither UTF-8 nor GB18030; save it as UTF-8, or name its "
        'encoding in the mapping, such as files.encoding = "latin-1"'
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _in_pairs(path: Path) -> bool:
    # Western one-byte text often decodes as GB18030 by chance, but then its high bytes
    # stand alone between letters, while Chinese characters are mostly two high bytes.
    with path.open("rb") as file:
        high = [byte >= 0xA1 for byte in file.read(CHUNK)]
    runs = alone = 0
    length = 0
    for is_high in (*high, False):
        if is_high:
            length += 1
        elif length:
            runs += length
            alone += length % 2
            length = 0
    return alone <= 0.1 * runs


def _likely_separator(text: str) -> str:
    """Return the separator that cuts the first rows into most columns, alike in each."""
    complete = text.rpartition("\n")[0] or text
    best, most = ",", 1
    for separator in SEPARATORS:
        rows = csv.reader(io.StringIO(complete, newline=""), delimiter=separator)
        counts = [len(row) for _, row in zip(range(SAMPLE_ROWS), rows, strict=False) if row]
        alike = sum(count == counts[0] for count in counts) / len(counts)
        if counts[0] > most and alike > 0.5:
            best, most = separator, counts[0]
    return best
