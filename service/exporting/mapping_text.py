"""The mapping of an export of the store, in TOML."""

import json
from collections.abc import Iterator, Mapping, Sequence

from features.attributes.spec import AttributeSpec
from models.bundle.manifest import Manifest

STANDARD = (
    *("lead_id", "episode", "created_at", "channel", "source", "account_id", "contact_id"),
    *("owner", "value", "opportunity_at", "attempts", "first_contact_at"),
)
OUTCOME = ("outcome", "outcome_at")
COMPOSED = ("email", "phone", "job_title", "text", "tags")
"""Types whose stored form is JSON."""
WHY = "the store says since when each value was known"


def column_of(name: str) -> str:
    """Return the column of an attribute in the leads file.

    Examples
    --------
    >>> column_of("industry"), column_of("owner")
    ('industry', 'attribute_owner')
    """
    return f"attribute_{name}" if name in (*STANDARD, *OUTCOME) else name


def mapping_text(manifest: Manifest, files: Sequence[str], staff_kinds: Sequence[str]) -> str:
    """Return the mapping of an export.

    Parameters
    ----------
    manifest : Manifest
        Of the model that is served: horizon, ages and attributes stay what they are.
    files : sequence of str
        Those beside the leads that have rows, of activities, history and feedback.
    staff_kinds : sequence of str
        Kinds that the model does not know; our own staff's may be among them, so they are out.
    """
    return "\n".join(_lines(manifest, files, staff_kinds)) + "\n"


def _lines(manifest: Manifest, files: Sequence[str], staff_kinds: Sequence[str]) -> Iterator[str]:
    yield "# Written by `python -m service.export`, from what the store has kept."
    yield ""
    yield f"dataset = {_text(manifest.dataset)}"
    if manifest.horizon_days is not None:
        yield f"horizon_days = {manifest.horizon_days}"
    yield f"snapshot_days = [{', '.join(f'{day:g}' for day in manifest.snapshot_days)}]"
    yield "\n[files]"
    yield from (f'{name} = "{name}.csv"' for name in files)
    yield "\n[leads]"
    yield from (f"{name} = {_text(name)}" for name in STANDARD)
    if manifest.segments is not None:
        yield f"segment = {_text(manifest.segments.about)}"
    yield '\n[outcome]\ncolumn = "outcome"\nwon = ["won"]\nlost = ["lost"]\nopen = ["open"]'
    yield 'at = "outcome_at"'
    yield '\n[activities]\nrecorded_at = "recorded_at"\nactor = "actor"'
    yield f"staff_kinds = {_list(staff_kinds)}"
    for encoder in manifest.space.encoders:
        yield from _spelling(encoder.spec)


def _spelling(spec: AttributeSpec) -> Iterator[str]:
    if spec.name in ("channel", "source"):
        yield f"\n[{spec.name}]"
    else:
        yield f"\n[attributes.{_text(spec.name)}]"
        yield f"type = {_text(spec.type)}"
        yield f"column = {_text(column_of(spec.name))}"
        yield f"family = {_text(spec.family)}"
        yield 'known_at = "history"'
        yield f"vouched = {_text(WHY)}"
        if spec.type in COMPOSED:
            yield "stored = true"
    if spec.empty:
        yield f"empty = {_list(spec.empty)}"
    for key, words in (("aliases", spec.aliases), ("label", spec.label)):
        if words:
            yield f"{key} = {_table(words)}"


def _text(value: str) -> str:
    """Return a basic string of TOML; JSON's escapes are among its own."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(values: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _table(words: Mapping[str, str]) -> str:
    return f"{{ {', '.join(f'{_text(k)} = {_text(v)}' for k, v in words.items())} }}"
