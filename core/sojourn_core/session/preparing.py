"""The preparation of requests by a session: fields merged, credentials and cookies chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sojourn_core.messages.preparation import (
    DEFAULT_PREPARATION,
    NOTHING_CHECKED,
    Preparation,
)
from sojourn_core.messages.request import PreparedRequest
from sojourn_core.rules.auth.credentials import AuthFlow
from sojourn_core.rules.merge import add_hooks, merge_hooks, merge_setting, replace_hooks
from sojourn_core.rules.request_fields import check_fields
from sojourn_core.values.decision import Decision
from sojourn_core.values.environment import EMPTY_ENVIRONMENT
from sojourn_core.values.errors import RequestException, not_taken, pairs_in, unsent
from sojourn_core.values.fields import COMMON_METHODS, Fields, as_text, check_field
from sojourn_core.values.hooks import NO_HOOKS
from sojourn_core.values.record import replace
from sojourn_core.values.url.url import parse_url

from .credential_sources import COME_FROM, CREDENTIAL_SOURCES
from .defaults import checked_defaults

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Unpack

    from sojourn_core.messages.arguments import RequestArguments, URLInput
    from sojourn_core.messages.request import Request
    from sojourn_core.rules.policy import Policy
    from sojourn_core.values.environment import Environment
    from sojourn_core.values.fields import FieldLine
    from sojourn_core.values.netrc import Netrc

    from .defaults import Checked
    from .explanation import Explanation


class PreparingRules:
    """The part of a session that prepares requests."""

    request_class: type[PreparedRequest] = PreparedRequest
    policy: Policy
    entropy: Callable[[int], bytes] | None
    headers: Any
    auth: Any
    hooks: Any
    params: Any
    trust_env: bool
    cookies: Any
    _checked: Checked | None = None
    _preparation: Preparation = DEFAULT_PREPARATION

    def read_environment(self) -> Environment:
        """Return the environment as it is now."""
        raise NotImplementedError

    def prepare_cookies(self, prepared: PreparedRequest, given: Any) -> None:
        """Set the Cookie field of a new request."""
        raise NotImplementedError

    def prepare_request(self, request: Request) -> PreparedRequest:  # noqa: C901 - one step after the other
        """Merge the session's settings into a request.

        Headers and params are merged by ``merge_setting``, hooks by ``replace_hooks`` or
        ``add_hooks``; credentials and cookies are chosen as the policy says. The environment is
        read once, here, for all that a call asks of it.

        Raises:
            RequestException: If it cannot be sent as it is; the error's ``request`` is ``request``.
        """
        prepared = self.request_class()
        policy = self.policy
        environment = self.read_environment() if self.trust_env else EMPTY_ENVIRONMENT
        known = self._preparation
        if (
            known.environment is not environment
            or known.policy is not policy
            or known.entropy is not self.entropy
        ):
            known = self._preparation = Preparation(policy, self.entropy, environment)
        prepared.preparation = known
        try:
            if request.method in COMMON_METHODS:
                prepared.method = request.method
            else:
                prepared.prepare_method(request.method)
            params = request.params
            if self.params:
                params = merge_setting(params, self.params)
            prepared.prepare_url(request.url, params or None)
            found, headers = self._checked, self.headers
            if found is None or headers.__class__ is not Fields or found[0] != headers.lines:
                found = self._check_headers()
            prepared.headers = found[1].copy()
            checked = found[2]
            if known.checked is not checked:
                known = self._preparation = replace(known, checked=checked)
                prepared.preparation = replace(prepared.preparation, checked=checked)
            if request.headers:
                self._merge_headers(prepared.headers, request.headers)
            if request.cookies or self.cookies:
                self.prepare_cookies(prepared, request.cookies)
            content = request.data or request.files or request.json is not None
            if content or prepared.method not in ("GET", "HEAD"):
                _prepare_content(prepared, request)
            if (
                environment.netrc is not None
                or request.auth is not None
                or self.auth is not None
                or "@" in (prepared.url or "")  # Maybe for its user info.
            ):
                self._prepare_auth(prepared, request, environment)
            if request.hooks != NO_HOOKS or self.hooks != NO_HOOKS:
                informs = "informational" in prepared.hook_events
                kept = merge_hooks if not informs else replace_hooks
                merge = add_hooks if policy.hooks_add_up else kept
                prepared.prepare_hooks(merge(request.hooks, self.hooks))
        except RequestException as error:
            unsent(error, request)
            raise
        return prepared

    def explain(
        self,
        method: str,
        url: URLInput,
        **arguments: Unpack[RequestArguments[Any, PreparedRequest]],
    ) -> Explanation:
        """Tell where each part of a request would come from, and send nothing.

        The request is prepared, so credentials of one's own are applied, and the jar is asked.

        Args:
            method: As in ``request``, as all that follow.
            url: Likewise.
            arguments: Likewise.

        Raises:
            RequestException: If the request cannot be sent as it is.
        """
        from .explanation import explain_request  # Few programs ask.

        whole: Any = self
        return explain_request(whole, method, url, {**arguments})

    def _merge_headers(self, merged: Fields, given: Any) -> None:
        """Merge the request's own lines into those of the session."""
        removed: set[str] = set()
        replaced: set[str] = set()
        pairs: Any = given.lines if isinstance(given, Fields) else None
        if pairs is None:
            pairs = pairs_in("headers", given)
        for name, value in pairs:
            if value is None:
                removed.add(
                    name.lower() if isinstance(name, str) else name.decode("latin-1").lower()
                )
                continue
            field_name, field_value = check_field(name, value)
            lowered = field_name.lower()
            if lowered in replaced:  # A second line of the request's own.
                merged.add(field_name, field_value)
            else:
                merged[field_name] = field_value
                replaced.add(lowered)
        for name in removed:
            merged.discard(name)

    def _check_headers(self) -> Checked:
        """Check the session's own lines, if they have changed, and are not those of every session.

        Returns:
            The lines that were checked, what is sent of them, and that by name.
        """
        headers, fields_class = self.headers, self.request_class.fields_class
        if not isinstance(headers, Fields):
            pairs = pairs_in("session.headers", headers)
            headers = fields_class(
                [(as_text(name), value) for name, value in pairs if value is not None]
            )
        lines = headers.lines
        known = self._checked
        if known is None and fields_class is Fields:
            known = self._checked = checked_defaults()
        if known is not None and known[0] == lines:
            return known
        said: list[tuple[str, Any]] = [*lines]  # A subclass may keep None, which removes a line.
        checked = fields_class.from_lines(
            [self._checked_line(name, value) for name, value in said if value is not None]
        )
        check_fields(checked, NOTHING_CHECKED)
        found = self._checked = (lines.copy(), checked, checked.by_name())
        return found  # Copies of the second take the third along.

    def _checked_line(self, name: str, value: Any) -> FieldLine:
        """Return one of the session's own lines, if it can be sent."""
        return check_field(name, value)

    def _prepare_auth(
        self, prepared: PreparedRequest, request: Request, environment: Environment
    ) -> None:
        if request.auth is None and self.auth is None and prepared.userinfo is None:
            if not self._asks_netrc_for(prepared):
                return
            auth, source = self._look_up(environment.netrc, prepared), "netrc"
            if auth is None:
                return
        else:
            auth, source = self._choose_credentials(prepared, request, environment)
        if auth:  # Empty credentials are said to have none.
            self.apply_auth(prepared, auth, CREDENTIAL_SOURCES[source])

    def _asks_netrc_for(self, prepared: PreparedRequest) -> bool:
        order = self.policy.credentials_order
        if "netrc" not in order:
            return False
        by_hand = "field" in order and order.index("field") < order.index("netrc")
        return not (by_hand and "authorization" in prepared.headers)

    def _choose_credentials(
        self, prepared: PreparedRequest, request: Request, environment: Environment
    ) -> tuple[Any, str]:
        """Return credentials by the policy's order, and where they come from."""
        for source in self.policy.credentials_order:
            auth: Any = None
            found_in: str = source
            if source == "field":
                if "authorization" in prepared.headers:
                    return None, source
            elif source == "request":
                auth = request.auth
            elif source == "session":
                auth = self.auth
            elif source == "url":
                auth, found_in = self._url_credentials(prepared, environment)
            elif source == "netrc":
                auth = self._look_up(environment.netrc, prepared)
            if auth.__class__ is dict:
                auth = _of_origin(auth, prepared)
            if auth is not None:
                return auth, found_in
        return None, ""

    def _url_credentials(
        self, prepared: PreparedRequest, environment: Environment
    ) -> tuple[Any, str]:
        """Return the credentials of the URL; where it has a login alone, netrc's for that login."""
        userinfo = prepared.userinfo
        if userinfo is None or not any(userinfo):
            return None, "url"
        order = self.policy.credentials_order
        if not userinfo[1] and "netrc" in order[order.index("url") :]:
            found = self._look_up(environment.netrc, prepared, userinfo[0])
            if found is not None:
                return found, "netrc"
        return userinfo, "url"

    def netrc_credentials(self, prepared: PreparedRequest) -> tuple[str, str] | None:
        """Return login and password that netrc, as it is now, has for the host of a request."""
        netrc = self.read_environment().netrc if self.trust_env else None
        return self._look_up(netrc, prepared)

    def _look_up(
        self, netrc: Netrc | None, prepared: PreparedRequest, login: str | None = None
    ) -> tuple[str, str] | None:
        """Return login and password that netrc has for the host of a request.

        What could not be read of the file is noted among the request's decisions.

        Args:
            netrc: The file as it was read; None if there is none.
            prepared: The request.
            login: The login that the password is wanted of; None for the first entry.
        """
        if netrc is None:
            return None
        for report in netrc.reports:
            prepared.decided(report)
        return netrc.lookup(prepared.parsed_url.host, login)

    def apply_auth_of_origin(self, prepared: PreparedRequest) -> None:
        """Set the session's credentials for the origin that a redirect leads to, if it has some.

        Challenges are answered at the first origin of a call alone, so credentials that answer
        them are left out.
        """
        auth = _of_origin(self.auth, prepared)
        if auth and not isinstance(auth, AuthFlow) and "authorization" not in prepared.headers:
            of_the_call = prepared.auth
            self.apply_auth(prepared, auth, "the session, which has them for this origin")
            prepared.auth = of_the_call

    def apply_auth(self, prepared: PreparedRequest, auth: Any, source: str) -> None:
        """Set credentials on a request, and note where they come from.

        Those that answer challenges are set when the request is sent: see ``Call``.

        Raises:
            InvalidArgument: For what is neither a pair nor callable.
        """
        applied: Any = auth
        if isinstance(auth, tuple):
            pair = cast("Sequence[Any]", auth)
            if len(pair) == 2:
                applied = prepared.basic_auth(*pair)
        if not callable(applied):
            raise not_taken("auth", "(user, password) or a callable", applied)
        prepared.apply_auth(applied)
        if "authorization" in prepared.headers and not isinstance(applied, AuthFlow):
            prepared.decided(
                Decision(
                    code="auth.added",
                    subject="Authorization",
                    reason=f"{COME_FROM}{source}",
                    section="RFC 9110 11.6.2",
                    after=str(prepared.parsed_url.origin),
                )
            )


def _of_origin(auth: dict[Any, Any], prepared: PreparedRequest) -> Any:
    """Return the credentials for the origin of a request, of those that are given by origin.

    Raises:
        InvalidURL: A key is no origin; or a sibling of that error.
    """
    origin = prepared.parsed_url.origin
    for key, found in auth.items():
        if (parse_url(key).origin if isinstance(key, str) else key) == origin:
            return found
    return None


def _prepare_content(prepared: PreparedRequest, request: Request) -> None:
    if request.data or request.files or request.json is not None:
        prepared.prepare_body(request.data, request.files, request.json)
    else:
        prepared.prepare_content_length(None)
