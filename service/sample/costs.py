"""What the channels of the sample cost, which its CRM does not know."""

from collections import Counter
from collections.abc import Sequence

from features.moment import to_datetime
from service.sample.course import Course
from service.store.costs import Cost

PER_LEAD = {
    "LinkedIn": 120,
    "WeChat": 60,
    "Webinar": 90,
    "Referral": 40,
    "Partner": 150,
    "Organic search": 25,
    "Paid search": 140,
    "Trade fair": 260,
    "Purchased list": 15,
    "Newsletter": 10,
}
"""Invented, as all of the sample is; nothing is known of other channels, nor of `Direct`, whose
leads cost nothing that could be named."""


def costs_of(courses: Sequence[Course]) -> list[Cost]:
    """Return what the leads of each month cost, by channel."""
    leads: Counter[tuple[str, str]] = Counter()
    for course in courses:
        created, channel = to_datetime(course.created_at), course.told["channel"]
        if created is not None and channel in PER_LEAD:
            leads[f"{created:%Y-%m}", channel] += 1
    return [
        Cost(month, channel, float(count * PER_LEAD[channel]))
        for (month, channel), count in sorted(leads.items())
    ]
