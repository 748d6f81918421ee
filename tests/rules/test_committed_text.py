"""What is committed names no host of a package index and no path of one machine."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.rules.source import PROJECT

# put together, so that this file does not name them itself
HOSTS = [("py", r"pi\.org"), ("python", "hosted"), ("registry.n", "pmjs"), ("deb.", r"debian\.org")]
FOLDERS = [("(?<![\\w.])/wor", "k/"), ("/far", "m/"), ("/roo", "t/"), ("/home", r"/\w+/")]
BANNED = re.compile("|".join(first + second for first, second in HOSTS + FOLDERS))
TEXT = {".py", ".toml", ".md", ".txt", ".yml", ".json", ".ipynb", ".html", ".css", ".js", ""}
LOCKS = sorted((PROJECT / "requirements").glob("*.txt"))


def committed() -> list[str]:
    """Return the names of the committed files."""
    if not (PROJECT / ".git").exists():
        pytest.skip("this is not a clone, so what is committed cannot be told")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.split("\0") if (PROJECT / name).is_file()]


def test_no_committed_text_names_an_index_or_a_machine() -> None:
    found = {
        name: match.group()
        for name in committed()
        if (PROJECT / name).suffix in TEXT
        and (match := BANNED.search((PROJECT / name).read_text(errors="replace")))
    }
    assert found == {}


def test_hosts_and_paths_are_recognised() -> None:
    for first, second in HOSTS:
        assert BANNED.search("https://" + (first + second).replace("\\", ""))
    assert BANNED.search('"/wor' + 'k/main"')
    assert not BANNED.search("../frame" + "wor" + "k/main")


def test_no_committed_file_is_large() -> None:
    large = [
        name
        for name in committed()
        if (PROJECT / name).stat().st_size > 200_000 and not name.startswith("requirements/")
    ]
    assert large == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_locks_pin_every_package_by_hash_and_name_no_address(lock: Path) -> None:
    text = re.sub(r"\\\n\s*", "", lock.read_text())
    packages = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert packages
    assert [line for line in packages if "==" not in line or "--hash=sha256:" not in line] == []
    assert re.search(r"://|--index|--find-links|--extra", text) is None
