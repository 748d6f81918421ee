"""Writes what a training found as a page, as text and as plots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from features.attributes.vocabulary import Vocabulary
from models.bundle.bundle import Bundle
from models.scorer import Scorer
from training.card import inside, quality, subject, trust
from training.card.blocks import Card, Plot
from training.card.made import Made
from training.card.sales import sales
from training.card.segments import segments
from training.card.text import sentences

PAGE, TEXT, PLOTS = "report.html", "model-card.md", "plots"


@dataclass(frozen=True, slots=True)
class CardFiles:
    """What was written.

    Parameters
    ----------
    page, text : Path
        HTML and Markdown.
    plots : tuple of Path
        SVG.
    """

    page: Path
    text: Path
    plots: tuple[Path, ...]


def make_card(
    report: Mapping[str, Any], bundle: Bundle, made: Made, gate: Mapping[str, Any] | None = None
) -> Card:
    """Return all that there is to say of a training.

    Parameters
    ----------
    report : mapping
        With its fingerprint.
    bundle : Bundle
        Its model, rates and reference leads.
    made : Made
        How to repeat it.
    gate : mapping, optional
        Status and checks, where the gate was run.
    """
    report = with_spelling(report, bundle)
    verdict, tone = quality.verdict(report)
    return Card(
        title=sentences("titles")["card"].format(dataset=report["dataset"]),
        verdict=verdict,
        tone=tone,
        key_figures=quality.key_figures(report),
        sections=(
            subject.predicted(report, bundle),
            trust.limits(report),
            quality.good(report),
            quality.calibration(report),
            quality.channels(report, bundle),
            *segments(report),
            *sales(report),
            inside.inside(Scorer(bundle)),
            subject.data(report, bundle),
            subject.audit(report),
            subject.delays(report),
            inside.chosen(report),
            trust.gate(gate),
            trust.repeat(report, made),
        ),
    )


def with_spelling(report: Mapping[str, Any], bundle: Bundle) -> dict[str, Any]:
    """Return the report with channels and segments written as people write them."""
    found = report.get("segments")
    curves = dict(report["curves"])
    curves["channels"] = _spelt(curves["channels"], "channel", bundle, "channel")
    if found is not None:
        curves["segments"] = _spelt(curves["segments"], "segment", bundle, found["about"])
    return {**report, "curves": curves}


def _spelt(
    rows: Sequence[Mapping[str, Any]], kind: str, bundle: Bundle, about: str
) -> list[Mapping[str, Any]]:
    vocabulary = getattr(bundle.manifest.space.encoder(about), "vocabulary", None)
    if not isinstance(vocabulary, Vocabulary):
        return list(rows)
    return [{**row, "spelling": row[kind] and vocabulary.spelling(row[kind])} for row in rows]


def write_card(folder: Path, card: Card) -> CardFiles:
    """Write a card into a folder; the same card gives the same bytes."""
    style = files("training.card").joinpath("style.css").read_text(encoding="utf-8")
    environment = Environment(
        loader=PackageLoader("training.card", ""),
        autoescape=lambda name: name is not None and ".html" in name,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for name in (PAGE, TEXT):
        text = environment.get_template(f"{name}.j2").render(card=card, style=style)
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    plots = folder / PLOTS
    plots.mkdir(exist_ok=True)
    drawn = [b for section in card.sections for b in section.blocks if isinstance(b, Plot)]
    for plot in drawn:
        # An image of its own has no page to take its colours from.
        svg = plot.svg.replace(">", f"><style>{style}</style>", 1)
        (plots / f"{plot.name}.svg").write_text(svg + "\n", encoding="utf-8", newline="\n")
    return CardFiles(folder / PAGE, folder / TEXT, tuple(plots / f"{p.name}.svg" for p in drawn))
