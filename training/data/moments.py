"""Reads columns of dates as moments."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.arrays import BoolArray, MomentArray
from features.moment import NEVER, to_moment
from training.data.cells import cells_of, empty_mask, plain, trimmed

NAIVE = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?$"
ZONED = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})$"
USUAL = (
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%Y%m%d",
    "%Y年%m月%d日",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日 %H:%M:%S",
)
EPOCHS = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
SAMPLE = 10_000
FAST_CODES = frozenset("YmdHMST")
EARLIEST = to_moment(datetime(1900, 1, 1, tzinfo=UTC))
LATEST = to_moment(datetime(2200, 1, 1, tzinfo=UTC))
EXPECTED = (
    'ISO dates such as 2026-03-02 or 2026-03-02T09:30:00Z; name others by date_format, such as "'
)


@dataclass(frozen=True, slots=True)
class DateReader:
    """How the dates of a column are written.

    Parameters
    ----------
    formats : sequence of str
        `strptime` formats, or "epoch_s", "epoch_ms", "epoch_us"; tried in order. Without
        any, ISO dates and the usual unambiguous forms are read.
    zone : str
        Time zone of dates that name none.
    empty : collection of str
        Words that mean "no date".
    """

    formats: Sequence[str] = ()
    zone: str = "UTC"
    empty: Collection[str] = ()

    def read(self, array: Any) -> tuple[MomentArray, BoolArray]:
        """Return moments (`NEVER` where empty) and which cells cannot be read."""
        array = plain(array)
        if pa.types.is_timestamp(array.type) or pa.types.is_date(array.type):
            return self._typed(array)
        if not pa.types.is_string(array.type):
            return self._texts(trimmed(array))
        if _mostly_distinct(array):
            return self._texts(trimmed(array))
        cells = cells_of(array)
        moments, bad = self._texts(trimmed(cells.values))
        return moments[cells.codes], bad[cells.codes]

    def expected(self, texts: Any) -> str:
        """Return what was expected instead of dates that cannot be read."""
        if self.formats:
            return "dates as " + " or ".join(map(repr, self.formats)) + " (date_format)"
        return EXPECTED + likely_format(trimmed(texts).to_pylist()) + '"'

    def _typed(self, array: Any) -> tuple[MomentArray, BoolArray]:
        if pa.types.is_timestamp(array.type) and array.type.tz is not None:
            stamps = pc.cast(array, pa.timestamp("us", "UTC"), safe=False)
        else:
            stamps = self._zoned(pc.cast(array, pa.timestamp("us"), safe=False))
        return _checked(_integers(stamps))

    def _zoned(self, naive: Any) -> Any:
        if self.zone == "UTC":
            return naive
        return pc.assume_timezone(naive, self.zone, ambiguous="earliest", nonexistent="latest")

    def _texts(self, texts: Any) -> tuple[MomentArray, BoolArray]:
        moments = np.full(len(texts), NEVER, dtype=np.int64)
        left = ~empty_mask(texts, self.empty)
        for read in (self._in_formats,) if self.formats else (self._iso, self._one_by_one):
            rows = np.flatnonzero(left)
            if len(rows):
                moments[rows] = read(texts.take(pa.array(rows)))
                left &= moments == NEVER
        checked, strange = _checked(moments)
        return checked, left | strange

    def _iso(self, texts: Any) -> MomentArray:
        moments = np.full(len(texts), NEVER, dtype=np.int64)
        for pattern, type_ in ((NAIVE, pa.timestamp("us")), (ZONED, pa.timestamp("us", "UTC"))):
            rows = _rows(pc.match_substring_regex(texts, pattern))
            if not len(rows):
                continue
            try:
                stamps = pc.cast(texts.take(pa.array(rows)), type_)
            except pa.ArrowInvalid:
                continue
            moments[rows] = _integers(self._zoned(stamps) if pattern == NAIVE else stamps)
        return moments

    def _in_formats(self, texts: Any) -> MomentArray:
        moments = np.full(len(texts), NEVER, dtype=np.int64)
        for form in self.formats:
            rows = np.flatnonzero(moments == NEVER)
            if len(rows):
                moments[rows] = self._in_format(texts.take(pa.array(rows)), form)
        return moments

    def _in_format(self, texts: Any, form: str) -> MomentArray:
        if form in EPOCHS:
            whole = pc.match_substring_regex(texts, r"^-?\d{1,18}$")
            numbers = pc.cast(pc.if_else(whole, texts, None), pa.int64())
            raw = numbers.to_numpy(zero_copy_only=False)
            known = np.nan_to_num(raw.astype(np.float64), nan=float(NEVER)) > NEVER
            exact = pc.fill_null(numbers, 0).to_numpy(zero_copy_only=False)
            scaled = np.clip(exact, -(2**63) // 10**6 + 1, 2**63 // 10**6) * EPOCHS[form]
            return np.where(known, scaled, NEVER)
        if set(re.findall("%(.)", form)) <= FAST_CODES:
            stamps = pc.strptime(texts, format=form, unit="us", error_is_null=True)
            moments = _integers(self._zoned(stamps))
            # Arrow turns 31 February into 3 March, Python refuses it.
            rows = _rows(pc.fill_null(pc.less_equal(pc.day(stamps), 3), False))
            moments[rows] = self._by_python(texts.take(pa.array(rows)), form)
            return moments
        return self._by_python(texts, form)

    def _by_python(self, texts: Any, form: str) -> MomentArray:
        return self._python(texts, lambda text: datetime.strptime(text, form))

    def _one_by_one(self, texts: Any) -> MomentArray:
        return self._python(texts, _usual)

    def _python(self, texts: Any, parse: Any) -> MomentArray:
        zone = ZoneInfo(self.zone)
        moments = []
        for text in texts.to_pylist():
            try:
                at = parse(text)
                moments.append(to_moment(at if at.tzinfo else at.replace(tzinfo=zone)))
            except (ValueError, OverflowError):
                moments.append(NEVER)
        return np.array(moments, dtype=np.int64)


def likely_format(texts: Sequence[str]) -> str:
    """Return the format that numeric dates seem to have, day first where that is open."""
    for text in texts:
        found = re.match(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})", text)
        if found and int(found[3]) > 12:
            return f"%m{found[2]}%d{found[2]}%Y"
    for text in texts:
        found = re.match(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})", text)
        if found:
            return f"%d{found[2]}%m{found[2]}%Y"
    return "%d/%m/%Y"


def _usual(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.removesuffix(" UTC") + "Z" * text.endswith(" UTC"))
    except ValueError:
        pass
    for form in USUAL:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    raise ValueError("in no usual form")


def _mostly_distinct(array: Any) -> bool:
    return len(array) > SAMPLE and len(pc.unique(array[:SAMPLE])) > SAMPLE // 2


def _rows(mask: Any) -> Any:
    return np.flatnonzero(mask.to_numpy(zero_copy_only=False))


def _integers(stamps: Any) -> MomentArray:
    whole = pc.cast(stamps, pa.int64())
    return np.array(pc.fill_null(whole, NEVER).to_numpy(zero_copy_only=False), dtype=np.int64)


def _checked(moments: MomentArray) -> tuple[MomentArray, BoolArray]:
    """Return the moments and which lie outside of what a date of a lead can be."""
    strange = (moments != NEVER) & ((moments < EARLIEST) | (moments >= LATEST))
    return np.where(strange, NEVER, moments), strange
