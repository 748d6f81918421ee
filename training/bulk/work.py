"""What a bulk run has done so far, so that a run that was ended can be taken up again."""

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

FORMAT = 1
STATE = "state.json"


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for.

    Parameters
    ----------
    files : sequence of Path
        All files that are read; told apart by path, size and time of change.
    contents : sequence of str
        Whatever else decides the answers: fingerprint of the bundle, the agreement, options.
    language : str
        Of the reasons.
    reasons : int
        How many; 0 for none.
    now : datetime
        The moment of the answers.
    """

    files: Sequence[Path]
    contents: Sequence[str]
    language: str
    reasons: int
    now: datetime

    @property
    def key(self) -> str:
        """The same for runs that must come out alike, whenever they are made."""
        stats = [(str(path.resolve()), path.stat()) for path in self.files]
        told = [
            FORMAT,
            [(path, stat.st_size, stat.st_mtime_ns) for path, stat in stats],
            list(self.contents),
            self.language,
            self.reasons,
        ]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


class Work:
    """The folder beside the output in which a run keeps what it has done.

    Parameters
    ----------
    out : Path
        The output.
    """

    def __init__(self, out: Path) -> None:
        self.folder = out.with_name(f".{out.name}.work")

    def taken_up(self, order: Order) -> dict[str, Any] | None:
        """Return what an earlier run of the same order found, None where there was none.

        What another order left is removed.
        """
        try:
            found = json.loads((self.folder / STATE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            found = None
        if isinstance(found, dict) and found.get("key") == order.key:
            return found
        self.remove()
        self.folder.mkdir(parents=True)
        return None

    def begin(self, order: Order, found: dict[str, Any]) -> None:
        """Keep what has to be known before the first part."""
        state = {"key": order.key, "now": order.now.isoformat(), **found}
        path = self.folder / STATE
        new = path.with_suffix(".new")
        new.write_text(json.dumps(state), encoding="utf-8")
        new.replace(path)

    def done(self, part: int) -> bool:
        """Return whether a part was scored."""
        return self.path(part).exists()

    def keep(self, part: int, answers: Any) -> None:
        """Keep the answers of a part: whole, or not at all."""
        new = self.path(part).with_suffix(".new")
        with pa.ipc.new_file(new, answers.schema) as writer:
            writer.write_table(answers)
        new.replace(self.path(part))

    def read(self, part: int) -> Any:
        """Return the answers of a part."""
        with pa.ipc.open_file(self.path(part)) as reader:
            return reader.read_all()

    def path(self, part: int) -> Path:
        """Return where the answers of a part are kept."""
        return self.folder / f"answers-{part:05}.arrow"

    def remove(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.folder, ignore_errors=True)
