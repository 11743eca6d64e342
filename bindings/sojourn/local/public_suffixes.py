"""Public suffixes: by the list, where the extra ``psl`` is installed, else by the core's rule.

The list is loaded when a Domain attribute first asks for it, and never by an import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.rules.cookies.domain import is_likely_public_suffix

from .locks import new_lock

if TYPE_CHECKING:
    from collections.abc import Callable

_loading = new_lock()
_rule: Callable[[str], bool] | None = None


def is_public_suffix(domain: str) -> bool:
    """Say whether others register names under a domain, so that it may have no cookies.

    The rule of the jars of sessions. It may be called from any thread; the first call takes some
    30 ms if there is a list to be loaded.

    Args:
        domain: In lower case, with A-labels.
    """
    return (_rule or _load())(domain)


def _load() -> Callable[[str], bool]:
    global _rule  # noqa: PLW0603 - one list for the process, loaded once
    with _loading:
        if _rule is None:
            try:
                from publicsuffixlist import PublicSuffixList
            except ImportError:
                _rule = is_likely_public_suffix
            else:
                # Unknown top-level domains are public suffixes too (the list's rule "*").
                _rule = PublicSuffixList().is_public
        return _rule
