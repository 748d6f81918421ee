"""Invented leads of every attribute type, with activities."""

from hypothesis import strategies as st

from features.attributes.spec import ATTRIBUTE_TYPES, AttributeSpec, default_family
from features.moment import DAY
from features.records import ActivityRecord, LeadRecord

AS_OF = 20_454 * DAY + 9 * 3_600_000_000  # 2026-01-01, 09:00 UTC
KINDS = ("demo_request", "page_view", "pricing_page", "email_open")
SPECS = tuple(
    AttributeSpec(
        f"the_{type_}",
        type_,
        default_family(type_),
        empty=("Select", "-"),
        aliases={"Goggle": "Google"} if type_ == "category" else {},
    )
    for type_ in ATTRIBUTE_TYPES
)
RAW: dict[str, tuple[object, ...]] = {
    "number": (250, 3.0, "1,234.50", "12 %", "lots", None, "-"),
    "category": ("Google", "google ", "Goggle", "3", 3, 3.0, "Select", None),
    "boolean": (True, "no", "是", "maybe", None),
    "date": ("2025-06-01", "2025年6月1日", "2027-01-01", "soon", None),
    "country": ("Germany", "德国", "cn", "Atlantis", None),
    "email": ("kim@firm.example", "li99@qq.com", "a@b.edu", "nobody", None),
    "phone": ("+49 30 5550 1234", "13800138000", 493055501234, "1", None),
    "job_title": ("Head of Purchasing", "采购总监", "Wizard", None),
    "tags": ("a;b", ["b", "a"], "c", [], None),
    "text": ("How much for 20 seats?", "你好", "", None),
}


def done(kind: str, *days_ago: float) -> list[ActivityRecord]:
    """Return activities so many days before the moment of scoring, known at once."""
    moments = [AS_OF - round(days * DAY) for days in days_ago]
    return [ActivityRecord(kind, moment, moment) for moment in moments]


def moments() -> st.SearchStrategy[int]:
    """Return moments from 120 days before the moment of scoring to 5 days after it."""
    return st.integers(AS_OF - 120 * DAY, AS_OF + 5 * DAY)


@st.composite
def records(draw: st.DrawFn) -> LeadRecord:
    """Return any lead with any activities, in any order."""
    activity = st.builds(
        ActivityRecord, st.sampled_from((*KINDS, "new_kind")), moments(), moments()
    )
    return LeadRecord(
        lead_id="L",
        as_of=AS_OF - draw(st.integers(0, 30)) * DAY,
        created_at=draw(moments()),
        channel=draw(st.sampled_from(("web", "Web", "fair", None))),
        source=draw(st.sampled_from(("ads", None))),
        episode=draw(st.integers(1, 3)),
        attributes={
            spec.name: draw(st.sampled_from(RAW[spec.type]))
            for spec in SPECS
            if draw(st.booleans())
        },
        activities=draw(st.lists(activity, max_size=8)),
    )


def training_records(n: int = 120) -> list[LeadRecord]:
    """Return leads that have every value of `RAW` many times."""
    return [
        LeadRecord(
            lead_id=f"L-{i}",
            as_of=AS_OF,
            created_at=AS_OF - (i % 40) * DAY,
            channel=("web", "fair", None)[i % 3],
            source="ads",
            episode=1,
            attributes={spec.name: RAW[spec.type][i % len(RAW[spec.type])] for spec in SPECS},
            activities=[
                ActivityRecord(kind, AS_OF - (i % 50 + j) * DAY, AS_OF - (i % 50 + j) * DAY)
                for j, kind in enumerate(KINDS[: i % 5])
            ],
        )
        for i in range(n)
    ]
