"""Redirects, played without a network: for tests of one's own policies and sessions.

``simulate`` plays a request over a web made of values and returns the trail of all that was sent.
Invariants judge trails, and ``check_small_scope`` looks at all chains up to a size. The modules
``strategies`` and ``machine`` need Hypothesis, which the extra ``testing`` brings; the rest needs
nothing. ``docs/property-testing.md`` tells the story.
"""

from .invariants import (
    BOUNDED_HOPS,
    COOKIES_BY_STANDARD,
    DETERMINISM,
    FIELDS_WITHIN_LIST,
    HISTORY_TRUTHFUL,
    INVARIANTS,
    NO_CONTENT_LOST,
    NO_CREDENTIAL_ELSEWHERE,
    NO_DOWNGRADE,
    NO_PRIVATE_ADDRESS,
    SECRETS_FLOW_NOWHERE,
    Invariant,
    Violation,
    bounded_hops,
    fields_within,
)
from .play import play, simulate
from .shown import as_mermaid, as_text
from .situation import Situation
from .small_scope import Counterexample, check_small_scope, usual_situations
from .trail import Replay, Secret, Sent, Trail
from .web import Answer, Web

__all__ = [
    "BOUNDED_HOPS",
    "COOKIES_BY_STANDARD",
    "DETERMINISM",
    "FIELDS_WITHIN_LIST",
    "HISTORY_TRUTHFUL",
    "INVARIANTS",
    "NO_CONTENT_LOST",
    "NO_CREDENTIAL_ELSEWHERE",
    "NO_DOWNGRADE",
    "NO_PRIVATE_ADDRESS",
    "SECRETS_FLOW_NOWHERE",
    "Answer",
    "Counterexample",
    "Invariant",
    "Replay",
    "Secret",
    "Sent",
    "Situation",
    "Trail",
    "Violation",
    "Web",
    "as_mermaid",
    "as_text",
    "bounded_hops",
    "check_small_scope",
    "fields_within",
    "play",
    "simulate",
    "usual_situations",
]
