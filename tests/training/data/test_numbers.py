import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from features.attributes.encoder import Unreadable
from features.attributes.number import number_in
from training.data.numbers import read_numbers

TEXTS = st.one_of(
    st.floats().map(repr),
    st.integers().map(str),
    st.from_regex(r"[+-]?[0-9]{1,3}(,[0-9]{3})?(\.[0-9]{0,2})?( ?%)?", fullmatch=True),
    st.text(alphabet="0123456789.,eE+-_ %x", max_size=8),
)


def one_by_one(text: str) -> float:
    try:
        return number_in(text) if text.strip() else np.nan
    except Unreadable:
        return np.inf


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.lists(TEXTS, max_size=20))
def test_numbers_of_a_column_are_those_that_serving_reads_one_by_one(texts: list[str]) -> None:
    numbers = read_numbers(pa.array(texts, pa.string()), grouped=True)
    expected = np.array([one_by_one(text) for text in texts])
    np.testing.assert_array_equal(numbers.bad, np.isinf(expected))
    np.testing.assert_array_equal(numbers.rows(), np.where(np.isinf(expected), np.nan, expected))
