"""Requests' session, as type checkers know it.

At run time a session is Sojourn's own, which takes more than Requests' does and names its own
requests and responses: an override that names those of this package would not fit. So type
checkers are shown these classes in the place of Sojourn's. At run time nothing loads this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, MutableMapping
    from typing import Any, Self, Unpack

    from sojourn_core.call.call import Call
    from sojourn_core.messages.arguments import JSON, URLInput
    from sojourn_core.messages.settings import SendSettings
    from sojourn_core.rules.policy import Policy
    from sojourn_core.values.limits import Limits
    from sojourn_core.values.timeouts import Timeouts

    from .arguments import (
        Auth,
        Cert,
        Data,
        DataArguments,
        Hook,
        PostArguments,
        Proxies,
        RequestArguments,
        Timeout,
        Verify,
    )
    from .base_adapter import BaseAdapter
    from .cookies import RequestsCookieJar
    from .models import PreparedRequest, Request, Response
    from .structures import CaseInsensitiveDict

    class RedirectTypes:
        """The methods that decide a redirect."""

        max_redirects: int
        trust_env: bool
        cookies: RequestsCookieJar
        policy: Policy

        def send(self, request: PreparedRequest, **kwargs: Any) -> Response: ...
        def get_redirect_target(self, resp: Response) -> str | None: ...
        def should_strip_auth(self, old_url: str, new_url: str) -> bool: ...
        def rebuild_method(self, prepared_request: PreparedRequest, response: Response) -> None: ...
        def rebuild_auth(self, prepared_request: PreparedRequest, response: Response) -> None: ...
        def rebuild_proxies(
            self, prepared_request: PreparedRequest, proxies: Proxies
        ) -> dict[str, str]: ...
        def resolve_redirects(
            self,
            resp: Response,
            req: PreparedRequest,
            stream: bool = False,
            timeout: Timeout = None,
            verify: Verify = True,
            cert: Cert = None,
            proxies: Proxies = None,
            yield_requests: bool = False,
            **adapter_kwargs: Any,
        ) -> Generator[Response, None, None]: ...

    class SessionTypes(RedirectTypes):
        """The rest of a session."""

        headers: CaseInsensitiveDict[str]
        auth: Auth
        proxies: dict[str, str]
        hooks: dict[str, list[Hook]]
        params: MutableMapping[str, Any]
        stream: bool
        verify: Verify
        cert: Cert
        adapters: MutableMapping[str, BaseAdapter]
        limits: Limits
        timeouts: Timeouts

        def prepare_request(self, request: Request) -> PreparedRequest: ...
        def resume_call(self, request: PreparedRequest, **given: Any) -> Call: ...
        @classmethod
        def remember_methods(cls) -> None: ...
        def head(self, url: URLInput, **kwargs: Unpack[RequestArguments]) -> Response: ...
        def post(
            self,
            url: URLInput,
            data: Data = None,
            json: JSON = None,
            **kwargs: Unpack[PostArguments],
        ) -> Response: ...
        def put(
            self, url: URLInput, data: Data = None, **kwargs: Unpack[DataArguments]
        ) -> Response: ...
        def patch(
            self, url: URLInput, data: Data = None, **kwargs: Unpack[DataArguments]
        ) -> Response: ...
        def delete(self, url: URLInput, **kwargs: Unpack[RequestArguments]) -> Response: ...
        def merge_environment_settings(
            self,
            url: str,
            proxies: Proxies,
            stream: bool | None,
            verify: Verify | None,
            cert: Cert,
        ) -> dict[str, Any]: ...
        def settings_for(self, *, timeout: Any = None, **given: Any) -> SendSettings: ...
        def mount(self, prefix: str, adapter: BaseAdapter) -> None: ...
        def get_adapter(self, url: str) -> BaseAdapter: ...
        def close(self) -> None: ...
        def __enter__(self) -> Self: ...
        def __exit__(self, *exception: object) -> None: ...
        def __getstate__(self) -> dict[str, Any]: ...
        def __setstate__(self, state: dict[str, Any]) -> None: ...
