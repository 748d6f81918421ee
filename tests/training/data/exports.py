"""Small exports written for one test."""

from dataclasses import dataclass
from pathlib import Path

from training.data.export import Export
from training.data.mapping import load_mapping
from training.data.read import read_export

HEADER = "id,created,channel,outcome,closed,employees"
ROWS = (
    "a,2026-01-01,web,won,2026-01-05,10",
    "b,2026-01-02,partner,lost,2026-01-07,20",
    "c,2026-01-03,web,open,,30",
)
MAPPING = """
dataset = "small"
[leads]
lead_id = "id"
created_at = "created"
channel = "channel"
[outcome]
column = "outcome"
won = ["won"]
lost = ["lost"]
open = ["open"]
at = "closed"
[attributes.employees]
type = "number"
known_at = "creation"
"""


def leads_text(*more: str) -> str:
    """Return the three rows and more as CSV."""
    return "\n".join((HEADER, *ROWS, *more)) + "\n"


@dataclass(frozen=True)
class Folder:
    """A folder with an export."""

    path: Path

    def read(
        self,
        leads: str | bytes,
        mapping: str = MAPPING,
        *,
        name: str = "leads.csv",
        activities: str | None = None,
        history: str | None = None,
        require_outcome: bool = True,
        **others: str,
    ) -> Export:
        """Write the files and read the export."""
        for file, text in {**others, "activities": activities, "history": history}.items():
            if text is not None:
                (self.path / f"{file}.csv").write_text(text, encoding="utf-8")
        (self.path / "mapping.toml").write_text(mapping, encoding="utf-8")
        content = leads.encode() if isinstance(leads, str) else leads
        (self.path / name).write_bytes(content)
        return read_export(
            self.path / name,
            load_mapping(self.path / "mapping.toml"),
            activities=self.path / "activities.csv" if activities is not None else None,
            history=self.path / "history.csv" if history is not None else None,
            require_outcome=require_outcome,
        )
