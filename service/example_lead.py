"""A lead of the sample CRM as a request that can be pasted into a shell."""

import json
from datetime import datetime, timedelta
from typing import Any

ACTIVITIES = (
    ("form_submit", timedelta(days=9, hours=2)),
    ("page_view", timedelta(days=9, hours=1)),
    ("webinar_attended", timedelta(days=5)),
    ("pricing_page", timedelta(days=3, hours=4)),
    ("demo_request", timedelta(days=2)),
)
KEY = "LEAD_SCORING_KEY"
"""Variable of a shell that holds a caller's key."""


def example_lead(now: datetime) -> dict[str, Any]:
    """Return a lead that came nine days ago and asked for a demo two days ago."""
    return {
        "lead_id": "L-1042",
        "created_at": moment(now - ACTIVITIES[0][1]),
        "channel": "Referral",
        "attributes": {
            "industry": "Software",
            "employees": 180,
            "revenue": 24_000_000,
            "country": "DE",
            "job_title": "Head of Marketing",
            "email": "mara.stein@firm-1042.example",
            "phone": "+49 30 5550 1042",
            "team_size": 12,
            "timeframe": "3 months",
            "initial_score": 58,
        },
        "activities": [
            {"kind": kind, "occurred_at": moment(now - before)} for kind, before in ACTIVITIES
        ],
    }


def moment(at: datetime) -> str:
    """Return a UTC moment as the interface writes it, to the second.

    >>> from datetime import UTC
    >>> moment(datetime(2026, 3, 2, 9, 30, 5, 7, tzinfo=UTC))
    '2026-03-02T09:30:05Z'
    """
    return at.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def curl(
    address: str, lead: dict[str, Any], *, language: str | None = None, asks: bool = False
) -> str:
    r"""Return the shell command that scores a lead, one line for each of its fields.

    Parameters
    ----------
    address : str
        Of the service.
    lead : dict
        The request.
    language : str, optional
        Of the answer; by default the service's choice.
    asks : bool
        Whether the service asks for a key, which then stands in a variable of the shell.

    >>> print(curl("http://127.0.0.1:8000", {"lead_id": "L-1", "channel": "It's"}))
    curl -s http://127.0.0.1:8000/score -H 'Content-Type: application/json' -d '{
      "lead_id": "L-1",
      "channel": "It\u0027s"
    }'
    """
    fields = [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in lead.items()]
    body = "{\n" + ",\n".join(fields) + "\n}"
    quoted = body.replace("'", r"\u0027")
    place = f"{address}/score" if language is None else f"'{address}/score?lang={language}'"
    heads = "-H 'Content-Type: application/json'"
    if asks:
        heads += f' -H "X-API-Key: ${KEY}"'
    return f"curl -s {place} {heads} -d '{quoted}'"
