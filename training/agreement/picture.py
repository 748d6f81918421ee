"""A picture of the effect of a change: leads a week of each label, after and before."""

from importlib.resources import files

from models.preview.preview import Preview
from training.agreement.effect import Effect
from training.agreement.words import say
from training.card.bars import Bar, bar_plot


def effect_picture(effect: Effect, language: str) -> str:
    """Return the picture as SVG: of recent leads where there are some, else of the test slice."""
    found = effect.recent or effect.test
    key = "test_leads" if effect.recent is None else "recent_leads"
    weeks = "-" if found.new.weeks is None else f"{found.new.weeks:.1f}"
    title = say(language, key, leads=found.new.leads, weeks=weeks)
    plot = bar_plot(title, _bars(found, language), lambda value: f"{value:.1f}")
    style = files("training.card").joinpath("style.css").read_text(encoding="utf-8")
    return plot.replace(">", f"><style>{style}</style>", 1) + "\n"


def _bars(found: Preview, language: str) -> list[Bar]:
    per = found.new.weeks or 1.0
    bars = []
    for place, one in enumerate(found.new.labels):
        if found.old is None:
            bars.append(Bar(one.label, one.leads / per))
            continue
        bars.append(Bar(say(language, "bar_after", label=one.label), one.leads / per))
        old = found.old.labels[place].leads / per
        bars.append(Bar(say(language, "bar_before", label=one.label), old))
    return bars
