"""The leakage audit: made before every training."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.errors import LeakageError
from training.audit.advice import excluding, table_of, vouching
from training.audit.finding import Finding
from training.audit.hard import hard_evidence, history_evidence
from training.audit.soft import soft_evidence
from training.audit.subject import Outcomes, subjects
from training.data.export import Export
from training.data.mapping import ExportMapping

MOST_LEADS = 200_000
"""More are drawn by the seed."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found.

    Parameters
    ----------
    findings : tuple of Finding
        In the order of the attributes.
    columns : mapping of str to str
        Name in the file of each attribute.
    vouched : mapping of str to str
        Attributes that the mapping vouches for, and why.
    excluded : mapping of str to str
        Columns that the mapping leaves out, and why.
    """

    findings: tuple[Finding, ...]
    columns: Mapping[str, str]
    vouched: Mapping[str, str]
    excluded: Mapping[str, str]

    def hard(self) -> list[str]:
        """Return the attributes that stop a training."""
        return _names(finding for finding in self.findings if finding.severity == "hard")

    def soft(self) -> list[str]:
        """Return the other attributes with evidence against them."""
        return [name for name in _names(self.findings) if name not in self.hard()]

    def about(self, name: str) -> list[Finding]:
        """Return what was found about an attribute."""
        return [finding for finding in self.findings if finding.attribute == name]

    def require_clean(self) -> None:
        """Refuse to go on with hard evidence.

        Raises
        ------
        LeakageError
            Names every attribute, the evidence, and the lines to paste into the mapping.
        """
        names = self.hard()
        if not names:
            return
        lines = [f"{_text(self.about(name))} [{self.columns[name]}]" for name in names]
        why = {self.columns[name]: self.about(name)[0].kind for name in names}
        pasted = excluding(why, is_first=not self.excluded)
        where = "under [excluded]" if self.excluded else "at its end"
        raise LeakageError(
            f"{len(names)} column{'s' if len(names) > 1 else ''} cannot have been known when the "
            f"lead came: {'; '.join(lines)}. Take {', '.join(map(table_of, names))} out of the "
            f"mapping and paste {where}:\n" + "\n".join(pasted)
        )

    def warnings(self) -> list[str]:
        """Return what speaks against attributes that nobody vouches for, and what to do."""
        names = [name for name in self.soft() if name not in self.vouched]
        lines = [f"{self.columns[name]}: {_text(self.about(name))}" for name in names]
        if names:
            header, vouched = vouching(names[0])
            leave_out = excluding({self.columns[names[0]]: "why"}, is_first=False)[0]
            lines.append(
                f"if such a column was known when the lead came, say why in the mapping, {vouched} "
                f"under {header}; if not, take the table out and write {leave_out} under [excluded]"
            )
        return lines

    def to_json(self) -> dict[str, Any]:
        """Return the lists for a report.

        `stopped`, `warned`, `vouched` and `excluded` hold mappings with the column, and the
        sentences or the reason; `clean` holds names of columns.
        """
        hard, soft = self.hard(), self.soft()
        suspect = {*hard, *soft}
        return {
            "stopped": [self._entry(name) for name in hard],
            "warned": [self._entry(name) for name in soft if name not in self.vouched],
            "vouched": [
                {**self._entry(name), "reason": reason}
                for name, reason in self.vouched.items()
                if name not in hard
            ],
            "excluded": [{"column": c, "reason": why} for c, why in self.excluded.items()],
            "clean": [
                self.columns[name]
                for name in self.columns
                if name not in suspect and name not in self.vouched
            ],
        }

    def _entry(self, name: str) -> dict[str, Any]:
        found = self.about(name)
        return {
            "column": self.columns[name],
            "sentences": [finding.sentence for finding in found],
            "findings": [finding.to_json() for finding in found],
        }


def audit(export: Export, mapping: ExportMapping, seed: int) -> Audit:
    """Return the evidence that attributes know the outcome.

    Parameters
    ----------
    export : Export
        Values are taken as of each lead's creation, as training sees them.
    mapping : ExportMapping
        For reasons and names of columns.
    seed : int
        Of the leads that are drawn where there are many, and of parts by account.
    """
    rows = np.arange(export.n_rows)
    if len(rows) > MOST_LEADS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, MOST_LEADS, replace=False))
    outcomes, found = Outcomes.of(export, rows), list(subjects(export, rows))
    columns = {spec.name: mapping.column_of(spec.name) for spec in export.specs}
    findings = [finding for subject in found for finding in hard_evidence(subject, outcomes)]
    used = set(columns)
    findings += [finding for finding in history_evidence(export) if finding.attribute in used]
    findings += soft_evidence(found, outcomes, columns, seed)
    order = {name: i for i, name in enumerate(columns)}
    return Audit(
        findings=tuple(sorted(findings, key=lambda one: (one.severity, order[one.attribute]))),
        columns=columns,
        vouched={n: a.vouched for n, a in mapping.attributes.items() if a.vouched and n in used},
        excluded=dict(mapping.excluded),
    )


def table(found: Audit) -> str:
    """Return the findings for people, one attribute a line."""
    lines = []
    for name, column in found.columns.items():
        about = found.about(name)
        state = "clean"
        if name in found.hard():
            state = "STOPS"
        elif about:
            state = "vouched" if name in found.vouched else "warns"
        elif name in found.vouched:
            state = "vouched"
        lines.append(f"{state:8} {column}" + (f": {_text(about)}" if about else ""))
    lines += [f"excluded {column}: {why}" for column, why in found.excluded.items()]
    return "\n".join(lines) + "\n"


def _names(findings: Iterable[Finding]) -> list[str]:
    return list(dict.fromkeys(finding.attribute for finding in findings))


def _text(findings: Sequence[Finding]) -> str:
    return "; ".join(finding.sentence for finding in findings)
