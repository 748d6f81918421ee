"""What sales said of the leads that they were given."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from training.card.amounts import ABSENT, amount, count, plain, share, shares_between
from training.card.blocks import Block, Paragraph, Section, Table
from training.card.text import sentences


def sales(report: Mapping[str, Any]) -> Iterator[Section]:
    """Yield what there is to say of verdicts; nothing where there are none."""
    found = report.get("sales")
    if found is None:
        return
    words = sentences("sales")
    blocks: list[Block] = [
        _table(words["acceptance"].format(about=about), about, rows)
        for about, rows in found["acceptance"].items()
    ]
    blocks.append(Paragraph(_agreement(found["agreement"], words)))
    losses = found["losses"]
    if losses["hardly_worked"] is not None:
        told = {"lost": count(losses["lost"]), "hardly": count(losses["hardly_worked"])}
        blocks.append(Paragraph(words["losses"].format(**told)))
    if found["exploration"] is not None:
        blocks.append(Paragraph(_exploration(found["exploration"], words)))
    if report.get("config", {}).get("selection", {}).get("fit_offered"):
        blocks.append(Paragraph(_offered(report["offered_fit"], words)))
    yield Section(sentences("titles")["sales"], blocks)


def _table(title: str, about: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    cells = [
        (
            ABSENT if one["name"] is None else plain(one["name"]),
            count(one["n"]),
            f"{share(one['accepted'] / one['n'])}\n{shares_between(one['interval'])}",
        )
        for one in rows
    ]
    return Table(title, (about, "verdicts", "accepted"), cells)


def _agreement(found: Mapping[str, Any], words: Mapping[str, str]) -> str:
    if found["roc_auc"] is None:
        return words["disagreement"]
    return words["agreement"].format(
        rejected=count(found["rejected"]),
        known=count(found["could_have_known"]),
        auc=amount(found["roc_auc"], 2),
    )


def _exploration(found: Mapping[str, Any], words: Mapping[str, str]) -> str:
    return words["exploration"].format(
        drawn=count(found["drawn"]),
        offered=count(found["offered"]),
        largest=amount(found["largest_weight"], 0),
        clipped=count(found["clipped"]),
        weighted=share(found["weighted_won_share"]),
        plain=share(found["won_share"]),
        effective=count(round(found["effective_leads"])),
    )


def _offered(found: Mapping[str, Any] | None, words: Mapping[str, str]) -> str:
    if found is None:
        return words["offered_few"]
    fits, difference = found["fits"], found["difference"]
    low, high = difference["interval"]
    return words["offered"].format(
        rows=count(found["trained_rows"]),
        effective=count(round(found["trained_effective"])),
        clipped=count(found["clipped"]),
        largest=amount(found["largest_weight"], 0),
        judged=count(found["judged"]),
        weighted=amount(fits["weighted"]["log_loss"], 4),
        served=amount(fits["served"]["log_loss"], 4),
        difference=amount(difference["log_loss"], 4),
        low=amount(low, 4),
        high=amount(high, 4),
        won=share(found["won_share"]),
        expected=share(fits["weighted"]["expected_share"]),
        served_share=share(fits["served"]["expected_share"]),
        plain_share=share(fits["unweighted"]["expected_share"]),
    )
