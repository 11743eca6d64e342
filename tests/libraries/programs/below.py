"""What is common to programs whose tools look below the session."""

from __future__ import annotations

import requests


def prepare() -> None:
    """Put urllib3 under the sessions; Requests itself has it there."""
    use_urllib3 = getattr(requests, "use_urllib3", None)
    if use_urllib3 is not None:
        use_urllib3()
