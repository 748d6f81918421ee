"""The tables as they are after the last migration."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

from features.moment import DAY

METADATA = MetaData()
REACHED = (
    *("created_at", "channel", "mql_at", "sql_at", "last_known_at", "attempts"),
    *("first_contact_at", "reached_at", "accepted_at", "rejected_at", "opportunity_at"),
    *("outcome", "outcome_at"),
)
"""What statistics count of a lead that has come further than to be known."""
DAY_CREATED = text(f"(created_at / {DAY})")
PROGRESSED = text(
    "(mql_at IS NOT NULL OR accepted_at IS NOT NULL OR rejected_at IS NOT NULL"
    " OR opportunity_at IS NOT NULL)"
)
"""SQLite takes the index of these leads only where a query says this in the same words."""
WON = text("outcome = 'won'")
STAGES = ("leads", "mql", "sql", "accepted", "rejected", "opportunities", "won", "lost")
"""How far leads come."""
WAITING = text("handed_over_at IS NOT NULL")
DRAWN = text("offered = 'exploration'")
HELD_OUT = text("offered = 'holdout'")
OFFERED = text("(handed_over_at IS NOT NULL OR offered = 'exploration' OR offered = 'holdout')")
TO_WORK = text(f"{OFFERED.text} AND outcome IS NULL")
WORKED_BY = (
    *("lead_id", "episode", "handed_over_at", "offered", "accepted_at", "rejected_at", "outcome"),
    *("label", "owner", "channel", "probability", "contact_by", "last_contact_at", "created_at"),
)
"""What the work list filters and orders by."""
IN_EXPERIMENT = text("arm IS NOT NULL")

LEADS = Table(
    "leads",
    METADATA,
    Column("lead_id", Text, primary_key=True),
    Column("episode", Integer, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("channel", Text),
    Column("source", Text),
    Column("account_id", Text),
    Column("contact_id", Text),
    Column("attributes", Text, nullable=False),
    Column("decided_as_of", BigInteger),
    Column("decision_id", Text),
    Column("probability", Double),
    Column("score", Integer),
    Column("label", Text),
    Column("handed_over_at", BigInteger),
    Column("owner", Text),
    Column("contact_by", BigInteger),
    Column("mql_at", BigInteger),
    Column("sql_at", BigInteger),
    Column("last_known_at", BigInteger),
    Column("offered", Text),
    Column("propensity", Double),
    Column("attempts", Integer),
    Column("first_contact_at", BigInteger),
    Column("last_contact_at", BigInteger),
    Column("reached_at", BigInteger),
    Column("accepted_at", BigInteger),
    Column("rejected_at", BigInteger),
    Column("opportunity_at", BigInteger),
    Column("outcome", Text),
    Column("outcome_at", BigInteger),
    Column("value", Double),
    Column("arm", Text),
    Index("leads_by_day", DAY_CREATED, "channel", "outcome", "created_at"),
    Index("leads_progressed", *REACHED, sqlite_where=PROGRESSED, postgresql_where=PROGRESSED),
    Index(
        "leads_won",
        *("created_at", "channel", "value", "outcome_at", "outcome"),
        sqlite_where=WON,
        postgresql_where=WON,
    ),
    Index("leads_explored", "lead_id", sqlite_where=DRAWN, postgresql_where=DRAWN),
    Index("leads_held_out", "lead_id", sqlite_where=HELD_OUT, postgresql_where=HELD_OUT),
    Index(
        "leads_by_arm",
        *("created_at", "arm", "label", "outcome", "outcome_at", "value"),
        sqlite_where=IN_EXPERIMENT,
        postgresql_where=IN_EXPERIMENT,
    ),
    Index("leads_to_work", *WORKED_BY, sqlite_where=TO_WORK, postgresql_where=TO_WORK),
    Index("leads_waiting", "handed_over_at", sqlite_where=WAITING, postgresql_where=WAITING),
)
"""One row per episode: what is known last, what was decided last, how far it has come.

`mql_at` is when it first was at least an MQL, `last_known_at` the last thing known of it then,
`contact_by` when it has to be contacted."""

ATTRIBUTE_VALUES = Table(
    "attribute_values",
    METADATA,
    Column("lead_id", Text, primary_key=True),
    Column("episode", Integer, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("known_at", BigInteger, primary_key=True),
    Column("value", Text, nullable=False),
)
"""Each change of an attribute, in its stored form as JSON; `null` where it was emptied."""

ACTIVITIES = Table(
    "activities",
    METADATA,
    Column("lead_id", Text, primary_key=True),
    Column("episode", Integer, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("occurred_at", BigInteger, primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("recorded_at", BigInteger, nullable=False),
    Column("activity_id", Text),
    Column("actor", Text),
    Index("activity_ids", "lead_id", "episode", "activity_id", unique=True),
)
"""`place` counts activities of the same kind and moment."""

DECISIONS = Table(
    "decisions",
    METADATA,
    Column("decision_id", Text, primary_key=True),
    Column("lead_id", Text, nullable=False),
    Column("episode", Integer, nullable=False),
    Column("as_of", BigInteger, nullable=False),
    Column("decided_at", BigInteger, nullable=False),
    Column("model_version", Text),
    Column("agreement_version", Text, nullable=False),
    Column("probability", Double),
    Column("score", Integer),
    Column("label", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Index("decisions_of_lead", "lead_id", "decided_at"),
)
"""`content` is the lead as it was seen and what was answered, as deflated JSON."""

FEEDBACK = Table(
    "feedback",
    METADATA,
    Column("lead_id", Text, primary_key=True),
    Column("episode", Integer, primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Column("decision_id", Text),
    Column("label", Text),
    Column("accepted", Boolean, nullable=False),
    Column("code", Text),
    Column("text", Text),
    Column("recorded_at", BigInteger, nullable=False),
)
"""Verdicts of sales; `label` is the one that was judged."""

OUTCOMES = Table(
    "outcomes",
    METADATA,
    Column("lead_id", Text, primary_key=True),
    Column("episode", Integer, primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("value", Double),
    Column("recorded_at", BigInteger, nullable=False),
)
"""Two stages of an episode: that an opportunity was opened, and how it was closed."""

CONTACTS = Table(
    "contacts",
    METADATA,
    Column("lead_id", Text, primary_key=True),
    Column("episode", Integer, primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Column("means", Text, primary_key=True),
    Column("reached", Boolean, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
)
"""Attempts to reach a lead."""

AUDIT = Table(
    "audit",
    METADATA,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("who", Text),
    Column("what", Text, nullable=False),
    Column("subject", Text),
    Column("content", Text, nullable=False),
)
"""What was changed by hand, in the order in which it was."""

REQUESTS = Table(
    "requests",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("lead_id", Text),
    Index("requests_of_lead", "lead_id"),
    Index("requests_by_time", "at"),
)
"""Answers by `Idempotency-Key`, so that a repeated request changes nothing."""

LEASES = Table(
    "leases",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("until", BigInteger, nullable=False),
)
"""Work that one process at a time does."""

KEYS = Table(
    "keys",
    METADATA,
    Column("key_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("role", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
    Column("used_at", BigInteger),
)
"""Keys of callers; `digest` is the SHA-256 of a key, `scopes` has spaces between them."""

AGREEMENTS = Table(
    "agreements",
    METADATA,
    Column("dataset", Text, primary_key=True),
    Column("hash", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", Text),
    Column("activated_at", BigInteger),
    Column("activated_by", Text),
    Column("why", Text),
)
"""Agreements as they were written, with their signatures; `hash` is of the content."""

ERASED = Table(
    "erased",
    METADATA,
    Column("day", BigInteger, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in STAGES),
)
"""What is left of erased leads: how many came how far, by channel and month of creation.

`day` is the first of the month since 1970-01-01, `created_at` the same as a moment; no channel
is an empty one."""

CRM_OUTBOX = Table(
    "crm_outbox",
    METADATA,
    Column("crm", Text, primary_key=True),
    Column("lead_id", Text, primary_key=True),
    Column("episode", Integer, nullable=False),
    Column("as_of", BigInteger, nullable=False),
    Column("decision_id", Text, nullable=False),
    Column("pushed_id", Text),
    Column("pushed_at", BigInteger),
    Column("attempts", Integer, nullable=False),
    Column("next_at", BigInteger),
    Column("last_error", Text),
    Index("crm_outbox_newest", "crm", "decision_id"),
    Index("crm_outbox_due", "crm", "next_at"),
)
"""The newest decision of each lead, and what of it a CRM was told.

Due at `next_at`; where that is null it was either pushed (`pushed_id` is `decision_id`) or parked:
the CRM will not take it, and `last_error` says why."""

SAMPLE_LEADS = Table("sample_leads", METADATA, Column("lead_id", Text, primary_key=True))
"""Leads that came with the sample, to be marked as such and to leave together."""

SHADOWS = Table(
    "shadows",
    METADATA,
    Column("decision_id", Text, primary_key=True),
    Column("lead_id", Text, nullable=False),
    Column("episode", Integer, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in ("as_of", "decided_at")),
    *(
        Column(f"{model}_{name}", kind, nullable=False)
        for model in ("champion", "challenger")
        for name, kind in (
            ("version", Text),
            ("probability", Double),
            ("score", Integer),
            ("label", Text),
        )
    ),
    Column("champion_us", Integer),
    Column("challenger_us", Integer),
    Index("shadows_of_lead", "lead_id"),
    Index("shadows_by_time", "challenger_version", "decided_at"),
)
"""Decisions by both models; `_us` is what the lead alone cost, measured at some only."""

SHADOWS_DROPPED = Table(
    "shadows_dropped",
    METADATA,
    Column("challenger_version", Text, primary_key=True),
    Column("hour", BigInteger, primary_key=True),
    Column("decisions", BigInteger, nullable=False),
)
"""How many decisions were not compared, since there was too much to do."""

COSTS = Table(
    "costs",
    METADATA,
    Column("month", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("amount", Double, nullable=False),
    Column("is_sample", Boolean, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
)
"""What a channel cost in a month (`2026-03`, in UTC), in the money that wins are valued in."""
