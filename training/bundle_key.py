"""The key that signs bundles."""

import os


def bundle_key() -> bytes | None:
    """Return the key that signs bundles, None where none is set."""
    key = os.environ.get("LEAD_SCORING_BUNDLE_KEY")
    return key.encode() if key else None
