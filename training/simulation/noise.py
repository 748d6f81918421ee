"""Ten columns that mean nothing, one of them with thousands of values."""

from typing import Final

import numpy as np
import pyarrow as pa

from training.simulation.wording import named, numbered

NOISE: Final = (
    "utm_term",
    "utm_content",
    "ab_variant",
    "browser",
    "newsletter_theme",
    "server_node",
    "screen_width",
    "page_load_ms",
    "form_seconds",
    "cookie_consent",
)
BROWSERS: Final = ("Chrome", "Edge", "Firefox", "Safari", "Opera", "other")
THEMES: Final = ("spring", "summer", "autumn", "winter", "launch", "stories", "tips", "events")
WIDTHS: Final = np.array([360, 390, 768, 1280, 1366, 1440, 1536, 1920, 2560])


def draw_noise(n: int, rng: np.random.Generator) -> dict[str, pa.Array]:
    """Draw the columns named in `NOISE`."""
    seconds = np.round(np.exp(3.6 + 0.7 * rng.standard_normal(n)), 1)
    return {
        "utm_term": numbered("term-", (4_000 * rng.random(n) ** 1.5).astype(np.int64), 4),
        "utm_content": numbered("banner-", rng.integers(1, 31, n), 2),
        "ab_variant": named(("A", "B", "C", "D"), rng.integers(0, 4, n)),
        "browser": named(BROWSERS, rng.integers(0, 6, n)),
        "newsletter_theme": named(THEMES, rng.integers(0, 8, n)),
        "server_node": numbered("node-", rng.integers(1, 13, n), 2),
        "screen_width": pa.array(WIDTHS[rng.integers(0, len(WIDTHS), n)]),
        "page_load_ms": pa.array(np.floor(rng.gamma(3.0, 250.0, n)).astype(np.int64)),
        "form_seconds": pa.array(seconds, mask=rng.random(n) < 0.2),
        "cookie_consent": pa.array(rng.random(n) < 0.7),
    }
