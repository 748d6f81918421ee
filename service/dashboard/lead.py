"""Lead: everything about one lead, and why it has its score and label."""

import asyncio
from typing import Any

from nicegui import ui
from starlette.requests import Request

from service.api.changes import changes_of
from service.api.lead import MOST_DECISIONS, stored_lead
from service.api.similar import similar_to
from service.dashboard.changes import what_would_change
from service.dashboard.charts import over_time, waterfall
from service.dashboard.figure import figure
from service.dashboard.frame import card, cells, empty, framed
from service.dashboard.reader import Reader
from service.dashboard.retold import answer_in
from service.dashboard.similar import similar_leads
from service.errors import NotReadyError
from service.parts import Parts
from service.store.timeline import read_timeline


def read_whole(
    parts: Parts, lead_id: str, episode: int | None, language: str
) -> dict[str, Any] | None:
    """Return a stored lead with the answer of its last decision; None where there is none.

    What would change its label is asked of what answers now; None where nothing does.
    """
    store = parts.require_store()
    known = store.known([(lead_id, episode)]).get((lead_id, episode))
    if known is None:
        return None
    decisions = store.decisions_of(lead_id, known.episode, MOST_DECISIONS)
    told = store.reading(lambda c: read_timeline(c, lead_id, known.episode))
    answer = answer_in(parts, known.decision_id, language)
    versions = {one["decision_id"]: one["content"]["answer"] for one in decisions}
    whole = {
        **stored_lead(known, decisions, told),
        "answer": answer,
        "versions": versions,
        "similar": similar_to(parts, known, answer),
    }
    try:
        return {**whole, "changes": changes_of(parts, known, language, parts.clock())}
    except NotReadyError:
        return {**whole, "changes": None}


def add_lead() -> None:
    """Add the page."""

    @ui.page("/lead/{lead_id:path}")
    async def lead(request: Request, lead_id: str) -> None:
        asked = request.query_params.get("episode", "")
        episode = int(asked) if asked.isdecimal() and len(asked) < 5 else None
        with framed(request, "lead") as reader:
            words = reader.words["lead"]
            found = None
            if reader.parts.store is not None:
                found = await asyncio.to_thread(
                    read_whole, reader.parts, lead_id, episode, reader.language
                )
            if found is None:
                empty(words["unknown"], words["unknown_hint"])
                return
            head(reader, found)
            answer = found["answer"]
            with ui.element("div").classes("grid"):
                if answer is not None:
                    why_score(reader, answer)
                    why_label(reader, answer)
                if found["changes"] is not None:
                    what_would_change(reader, found["changes"])
                with card(words["over_time"]):
                    ui.echart(over_time(reader, found["timeline"])).classes("chart")
                told(reader, found)
            similar_leads(reader, found["similar"])
            decisions(reader, found)


def head(reader: Reader, found: dict[str, Any]) -> None:
    """Draw who it is and where it stands."""
    words = reader.words
    answer = found["answer"] or {}
    with ui.element("div").classes("card lead"):
        with ui.element("div").classes("score"):
            ui.label(words["none"] if found["score"] is None else str(found["score"]))
        with ui.element("div"):
            with ui.element("div").classes("line"):
                ui.label(found["lead_id"]).classes("strong")
                ui.label(found["label"] or "").classes(f"tag {found['label']}")
                ui.label(answer.get("grade") or "").classes("tag")
                ui.label(words["trends"][found["trend"].replace(" ", "_")]).classes("quiet")
            from_ = words["lead"]["from"].format(
                channel=found["channel"] or words["none"],
                source=found["source"] or words["none"],
                at=reader.when(found["created_at"]),
            )
            ui.label(from_).classes("quiet")
            action = answer.get("qualification", {}).get("action")
            if action:
                ui.label(action).classes("strong")


def why_score(reader: Reader, answer: dict[str, Any]) -> None:
    """Draw how the score adds up, its reasons and the evidence."""
    words = reader.words["lead"]
    with card(words["why_score"]):
        if answer["ledger"] is None:
            ui.label(words["no_model"]).classes("quiet")
            return
        names = reader.words["ledger"]
        rows = [[names[name], f"{points:+.1f}"] for name, points in answer["ledger"].items()]
        figure(reader, waterfall(reader, answer["ledger"]), ["", words["points"]], rows)
        with ui.element("ul").classes("reasons"):
            for reason in answer["reasons"]:
                with ui.element("li"):
                    ui.label(reason["text"])
                    ui.label(f"{reason['points']:+.1f}").classes("points")
        evidence = answer["evidence"]
        if evidence is not None:
            low, high = 100 * evidence["low"], 100 * evidence["high"]
            told = words["evidence"].format(
                n=evidence["similar_leads"],
                won=evidence["won"],
                low=f"{low:.0f}",
                high=f"{high:.0f}",
            )
            ui.label(told).classes("quiet")


def why_label(reader: Reader, answer: dict[str, Any]) -> None:
    """Draw the rules that decided, and what is missing."""
    words = reader.words["lead"]
    qualification = answer["qualification"]
    with card(words["why_label"]):
        with ui.element("ul").classes("reasons"):
            for rule in qualification["rules"]:
                with ui.element("li"):
                    ui.label("✓" if rule["met"] else "–").classes(
                        "good" if rule["met"] else "quiet"
                    )
                    ui.label(rule["text"])
        if qualification["missing"]:
            ui.label(words["missing"]).classes("strong")
            with ui.element("ul").classes("reasons"):
                for one in qualification["missing"]:
                    with ui.element("li"):
                        ui.label(one["text"])
        versions = words["versions"].format(
            model=answer["model_version"] or reader.words["none"],
            agreement=answer["agreement_version"],
        )
        ui.label(versions).classes("quiet")


def told(reader: Reader, found: dict[str, Any]) -> None:
    """Draw what people said and did."""
    words = reader.words
    with card(words["lead"]["people"]):
        people = [i for i in found["timeline"] if i["what"] in ("feedback", "outcome", "contact")]
        if not people:
            ui.label(words["lead"]["nobody"]).classes("quiet")
        for item in people:
            what = words["lead"][item["what"]]
            if item["what"] == "feedback":
                code = words["codes"].get(item["code"], "")
                said = words["today"]["accepted"]
                what = said if item["accepted"] else words["today"]["rejected"].format(code=code)
            elif item["what"] == "outcome":
                what = f"{what}: {words['outcomes'][item['outcome']]}"
            elif item["what"] == "contact":
                how = f"{item['means']}_{'reached' if item['reached'] else 'tried'}"
                what = words["today"]["attempts"].get(how, what)
            ui.label(f"{reader.when(item['at'])}  {what}")


def decisions(reader: Reader, found: dict[str, Any]) -> None:
    """Draw all decisions with their versions."""
    words = reader.words["lead"]
    rows = []
    for item in reversed(found["timeline"]):
        if item["what"] == "decision":
            answer = found["versions"][item["decision_id"]]
            score = reader.words["none"] if item["score"] is None else item["score"]
            versions = (
                answer["model_version"] or reader.words["none"],
                answer["agreement_version"],
            )
            rows.append([reader.when(item["at"]), score, item["label"], *versions])
    with card(words["decisions"]).classes("below"):
        cells(rows, [words[name] for name in ("at", "score", "label", "model", "agreement")])
