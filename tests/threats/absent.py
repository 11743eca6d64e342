"""Threats that cannot concern us, each with its reason."""

from __future__ import annotations

from typing import Final

NO_HSTS: Final = "No HSTS is built: a URL is asked for by the scheme that it has."

ABSENT: Final[dict[str, str]] = {
    "CVE-2022-30115": NO_HSTS,
    "CVE-2022-42916": NO_HSTS,
    "CVE-2023-23914": NO_HSTS,
    "CVE-2024-9681": NO_HSTS,
    "GHSA-8xcm-r25x-g524": "No download is resumed: nothing joins the bytes of two responses.",
}
