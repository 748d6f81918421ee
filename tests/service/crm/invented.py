"""What a HubSpot and a Salesforce of some leads hold."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.service.crm.fake_salesforce import lead_key
from tests.service.crm.test_salesforce_out import standard_fields

BEGIN = datetime(2025, 1, 1, 8, tzinfo=UTC)
WON, LOST = 5, 3
"""Every fifth lead is won; of the others every third is lost."""


def day(number: int, after: float = 0.0) -> str:
    """Return a moment after the creation of a lead."""
    at = BEGIN + timedelta(minutes=10 * number) + timedelta(days=after)
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def of_hubspot(leads: int) -> dict[str, dict[int, dict[str, Any]]]:
    """Return the contacts, deals and engagements of a HubSpot."""
    contacts, deals, calls, emails = {}, {}, {}, {}
    for n in range(1, leads + 1):
        size = str(10 + n % 500)
        held = {"createdate": day(n), "numberofemployees": size, "industry": f"I{n % 7}"}
        held |= {
            "hs_analytics_source": ("PAID_SEARCH", "REFERRALS")[n % 2],
            "email": "kim@a.example",
        }
        stages = [{"value": "lead", "timestamp": day(n), "sourceType": "FORM"}]
        if n % WON == 0:
            stages.append({"value": "customer", "timestamp": day(n, 20), "sourceType": "CRM_UI"})
        clicks = [{"value": day(n, 2), "timestamp": day(n, 2), "sourceType": "EMAIL"}]
        history = {
            "numberofemployees": [
                {"value": size, "timestamp": day(n, 3), "sourceType": "CRM_UI"},
                {"value": "1", "timestamp": day(n), "sourceType": "FORM"},
            ],
            "lifecyclestage": stages[::-1],
            "hs_email_last_click_date": clicks,
        }
        held["lifecyclestage"] = stages[-1]["value"]
        contacts[n] = {"properties": held, "history": history}
        if n % WON and n % LOST == 0:
            told = {"hs_is_closed_won": "false", "hs_is_closed": "true", "closedate": day(n, 9)}
            deals[n] = {"properties": told | {"createdate": day(n, 5)}, "contacts": [n]}
        if n % 4 == 0:
            call = {"hs_timestamp": day(n, 1), "hs_createdate": day(n, 1)}
            calls[n] = {"properties": call, "contacts": [n, 10**9]}
            mail = call | {"hs_email_direction": "INCOMING_EMAIL"}
            emails[n] = {"properties": mail, "contacts": [n]}
    calls[10**8] = {"properties": {"hs_timestamp": day(1)}, "contacts": [10**9]}
    empty: dict[str, dict[int, dict[str, Any]]] = {"meetings": {}, "notes": {}, "tasks": {}}
    return {"contacts": contacts, "deals": deals, "calls": calls, "emails": emails, **empty}


def of_salesforce(leads: int) -> dict[str, list[dict[str, Any]]]:
    """Return the tables of a Salesforce."""
    rows, tasks, members = [], [], []
    nobody = dict.fromkeys([*standard_fields(), "ConvertedDate", "ConvertedContactId"])
    for n in range(1, leads + 1):
        row: dict[str, Any] = nobody | {"Id": lead_key(n), "CreatedDate": day(n), "Status": "Open"}
        row |= {"LeadSource": ("Web", "Partner")[n % 2], "Industry": f"I{n % 7}"}
        row |= {"NumberOfEmployees": 10 + n % 500, "IsConverted": False}
        row |= {"ConvertedOpportunity": None}
        whose = row["Id"]
        if n % WON == 0:
            whose = f"0035f{n:010d}EAA"
            deal = {"IsWon": True, "IsClosed": True, "CloseDate": day(n, 20)[:10], "Amount": 900.0}
            row |= {"IsConverted": True, "ConvertedDate": day(n, 6)[:10]}
            row |= {"ConvertedContactId": whose, "Status": "Closed - Converted"}
            row |= {"ConvertedOpportunity": deal | {"CreatedDate": day(n, 6)}}
        elif n % LOST == 0:
            row["Status"] = "Unqualified"
        rows.append(row)
        if n % 4 == 0:
            task = {"Id": f"00T5f{n:010d}EAA", "WhoId": whose, "TaskSubtype": "Call"}
            task |= {
                "CreatedDate": day(n, 1),
                "CompletedDateTime": day(n, 1),
                "IsDeleted": n % 8 == 0,
            }
            tasks.append(task | {"ActivityDate": day(n, 1)[:10]})
            member = {"Id": f"00v5f{n:010d}EAA", "LeadId": row["Id"], "ContactId": None}
            member |= {"HasResponded": True, "FirstRespondedDate": day(n, 2)[:10]}
            members.append(member | {"CreatedDate": day(n)})
    return {
        "Lead": rows,
        "LeadHistory": closed_in(rows),
        "Task": tasks,
        "Event": [],
        "CampaignMember": members,
    }


def closed_in(leads: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return when statuses changed; one that is lost was so once before, and so was an open one."""
    found: list[dict[str, Any]] = []
    for n, lead in enumerate(leads, start=1):
        was = [(2, "Unqualified"), (3, "Open")] if n in (1, 9) else []
        was += [(8, "Unqualified")] if lead["Status"] == "Unqualified" else []
        for after, status in was:
            row = {"Id": f"0175f{len(found):010d}EAA", "LeadId": lead["Id"], "NewValue": status}
            found.append(row | {"Field": "Status", "CreatedDate": day(n, after)})
        other = {"Id": f"0185f{n:010d}EAA", "LeadId": lead["Id"], "NewValue": "Unqualified"}
        found.append(other | {"Field": "Rating", "CreatedDate": day(n, 9)})
    return found
