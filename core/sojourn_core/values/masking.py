"""Field values as people may see them: what may be a secret is masked."""

from __future__ import annotations

import re
from typing import Final

# Names that hint at a secret: Authorization, Cookie, X-Api-Key, X-Auth-Token, ...
SECRET_NAMES: Final = re.compile("auth|cookie|credential|key|passw|secret|session|signature|token")


def hints_at_secret(name: str) -> bool:
    """Tell whether a field's name hints at a secret."""
    return SECRET_NAMES.search(name.lower()) is not None


def shown(name: str, value: str) -> str:
    """Return a field value for people; it is masked if the field's name hints at a secret."""
    return "***" if hints_at_secret(name) else value
