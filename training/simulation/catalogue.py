"""The names that occur in the sample CRM; elsewhere they are positions in these lists."""

from typing import Final

CHANNELS: Final = (
    "LinkedIn",
    "WeChat",
    "Webinar",
    "Referral",
    "Partner",
    "Organic search",
    "Paid search",
    "Trade fair",
    "Purchased list",
    "Newsletter",
    "Direct",
)
SOURCES: Final = (
    "contact-form",
    "demo-form",
    "pricing-form",
    "whitepaper",
    "newsletter-signup",
    "webinar-signup",
    "trial-form",
    "booth-scan",
    "list-import",
    "partner-portal",
    "recommendation",
    "chat-widget",
)
COUNTRIES: Final = ("CN", "US", "DE", "GB", "FR", "NL", "JP", "SG", "IN", "BR")
CHINA: Final = 0
INDUSTRIES: Final = (
    "Manufacturing",
    "Software",
    "Retail",
    "Logistics",
    "Healthcare",
    "Financial services",
    "Education",
    "Construction",
    "Public sector",
)
MANUFACTURING: Final = 0
SOFTWARE: Final = 1
UNKNOWN_INDUSTRY: Final = len(INDUSTRIES)
SIZE_EDGES: Final = (1, 10, 50, 250, 1_000, 20_000)
"""Employees of the five size classes; the next position means "not in the register"."""
UNKNOWN_SIZE: Final = len(SIZE_EDGES) - 1
SENIORITIES: Final = ("specialist", "manager", "director", "chief")
UNKNOWN_SENIORITY: Final = len(SENIORITIES)
DEPARTMENTS: Final = ("general", "it", "marketing", "operations", "finance", "purchasing")
MAIL_CLASSES: Final = ("business", "free", "disposable")
TIMEFRAMES: Final = (None, "just looking", "12 months", "6 months", "3 months", "now")
TOPICS: Final = ("reporting", "integration", "replacement", "mobile", "security")
REPLACEMENT: Final = 2
OWNERS: Final = tuple(f"rep-{number:02d}" for number in range(1, 13))

LEVELS: Final = 4
"""Levels of the hidden interest, from idle to determined."""
WORKINGS: Final = 2
"""How a lead is worked: 0 well, 1 neglected."""
TEAMS: Final = 3
"""Classes of the team that would use the product; hidden while `team_size` is empty."""
TEAM_EDGES: Final = (1, 6, 31, 201)
