"""A state machine of Hypothesis that leads one call through redirects, step by step.

It needs the extra ``testing``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from hypothesis import note as tell_user
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from sojourn_core import Policy, Session
from sojourn_core.commands import Deliver, Fail, Send

from .play import carry_out, end, note, tell
from .shown import as_text
from .small_scope import usual_situations
from .strategies import STATUSES, locations, set_cookies
from .trail import Sent, Trail
from .web import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sojourn_core import Call
    from sojourn_core.commands import CallCommand

    from .situation import Situation

__all__ = ["RedirectMachine"]

_PLACES: Final = ("https://{}/", "http://{}/", "https://{}:8443/", "http://{}:8080/", "//{}/", "/x")


class RedirectMachine(RuleBasedStateMachine):
    """A call that is led through redirects. Subclass it, and say in ``check`` what must hold.

    ``Machine.TestCase`` is then a test for unittest and pytest. What fails is shrunk to the fewest
    steps, and its trail is printed.

    Attributes:
        policy: The policy of the session.
        hosts: The hosts that requests begin at and redirects lead to; the first is the plainest.
        situations: The requests that a call begins with; None for ``usual_situations`` on each
            scheme of the first host.
        make_session: The class of the session, or a function that makes one: it is called with
            ``policy`` and ``entropy``.
        trail: All that happened in the call that is under way.
    """

    policy: ClassVar[Policy] = Policy()
    hosts: ClassVar[Sequence[str]] = ("a.test", "b.test")
    situations: ClassVar[Sequence[Situation] | None] = None
    make_session: ClassVar[Callable[..., Session]] = Session

    def __init__(self) -> None:
        super().__init__()
        self.trail = Trail()
        self._name = ""
        self._call: Call | None = None
        self._command: CallCommand | None = None

    def check(self, send: Sent) -> None:
        """Assert what must hold for a request that goes out. The default asserts nothing.

        Args:
            send: The request; ``trail.sent`` has those before it too.
        """

    # --- the rules ----------------------------------------------------------------------------

    @initialize(number=st.integers(0, 63))
    def begin(self, number: int) -> None:
        """Begin with one of the situations."""
        self._begin(number)

    @precondition(lambda self: not self.waits)
    @rule(number=st.integers(0, 63))
    def begin_anew(self, number: int) -> None:
        """Begin another call, in a session of its own, when one has ended."""
        self._begin(number)

    def _begin(self, number: int) -> None:
        found = self.situations
        if found is None:
            found = [
                each
                for scheme in ("https", "http")
                for each in usual_situations(f"{scheme}://{self.hosts[0]}/", self.hosts)
            ]
        situation = found[number % len(found)]
        self._name, self.trail = situation.name, Trail()
        owner = situation.session(self.policy, type(self).make_session)
        self._call = owner.call(situation.request())
        self._go_on(self._call.start(0.0))

    @precondition(lambda self: self.waits)
    @rule(
        status=st.sampled_from(STATUSES),
        place=st.sampled_from(_PLACES),
        host=st.integers(0, 7),
        cookies=st.lists(set_cookies(), max_size=1),
    )
    def redirect(self, status: int, place: str, host: int, cookies: list[str]) -> None:
        """Answer with a redirect to one of the hosts."""
        location = place.format(self.hosts[host % len(self.hosts)])
        self._answer(Answer.to(location, status, *(("Set-Cookie", each) for each in cookies)))

    @precondition(lambda self: self.waits)
    @rule(status=st.sampled_from(STATUSES), location=locations())
    def mislead(self, status: int, location: str) -> None:
        """Answer with a Location as servers send them, hostile ones included."""
        self._answer(Answer.to(location, status))

    @precondition(lambda self: self.waits)
    @rule(status=st.sampled_from((200, 401, 404, 500)))
    def answer(self, status: int) -> None:
        """Answer with something that leads nowhere."""
        self._answer(Answer(status))

    def teardown(self) -> None:
        """Print the trail; Hypothesis does so for the example that it reports."""
        tell_user(f"{self._name}\n{as_text(self.trail)}")

    # --- the call -----------------------------------------------------------------------------

    @property
    def waits(self) -> bool:
        """The call waits for an answer."""
        return isinstance(self._command, Send)

    def _answer(self, answer: Answer) -> None:
        assert self._call is not None
        self._go_on(tell(self._call, self.trail, answer, 0.0))

    def _go_on(self, command: CallCommand) -> None:
        call = self._call
        assert call is not None
        while not isinstance(command, Send | Deliver | Fail):
            command = carry_out(call, command, 0.0)
        self._command = command
        if isinstance(command, Send):
            self.check(note(self.trail, command))
        else:
            end(call, self.trail, command)
