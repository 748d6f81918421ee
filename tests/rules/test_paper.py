"""What is calculated on paper begins with what was measured."""

import re

import pytest

from tests.rules.source import PROJECT

SERVICE = (PROJECT / "service" / "README.md").read_text(encoding="utf-8")
TRAINING = (PROJECT / "training" / "README.md").read_text(encoding="utf-8")
MEASURED, PAPER = SERVICE.split("### 10,000 requests a second and 100 million leads, on paper")


def number_in(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found is not None, pattern
    return found[1]


@pytest.mark.parametrize(
    ("on_paper", "measured"),
    [
        (r"10,000 / ([\d,]+) a worker", r"\| \(b\) [^|]+\| ([\d,]+) requests/s"),
        (r"10,000 / ([\d,]+) on two cores", r"\| \(f\) [^|]+\| ([\d,]+) requests/s"),
        (r"10,000 x ([\d,]+) bytes", r"SQLite, the decision alone \| ([\d,]+) bytes"),
        (r"10,000 x ([\d.]+) GB / 1 million", r"disk, all tables \| [\d.]+ GB \| ([\d.]+) GB"),
        (r"([\d.]+) GB x 300", r"disk, all tables \| [\d.]+ GB \| ([\d.]+) GB"),
    ],
)
def test_what_is_calculated_begins_with_what_was_measured(on_paper: str, measured: str) -> None:
    assert number_in(on_paper, PAPER) == number_in(measured, MEASURED)


def test_files_are_reckoned_with_the_largest_that_was_measured() -> None:
    largest = r"\| 5,373,656 \| [\d,]+ \| [\d,]+ MB \| ([\d,]+) \|"
    assert number_in(r"1 s / ([\d,]+) leads", PAPER) == number_in(largest, TRAINING)
