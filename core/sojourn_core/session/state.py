"""Settings of a session that can be pickled and copied."""

from __future__ import annotations
