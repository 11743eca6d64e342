"""Credentials of one's own: a token that is fetched when it is asked for, and renewed.

    python docs/examples/token_flow.py URL TOKEN_URL

A flow is shown each response and says what to send next. It sends nothing itself, so the same
object serves blocking code and asyncio, and all their calls share its token.
"""

import asyncio
import sys

import sojourn


class TokenFlow(sojourn.AuthFlow):
    """A bearer token, fetched with client credentials (RFC 6749 section 4.4).

    Args:
        url: Where tokens are given out.
        client: The client's id.
        secret: Its password.
    """

    def __init__(self, url, client, secret):
        self.url = url
        self.client = client
        self.secret = secret
        self.token = None

    def begin(self):
        """A machine for one call: calls that run at the same time must not meet in it."""
        return TokenCall(self)


class TokenCall(sojourn.AuthFlow):
    """The flow of one call."""

    reads_content = True  # The token is in the content of a response.

    def __init__(self, flow):
        self.flow = flow
        self.waiting = None  # The request that waits for a token.
        self.renewed = False

    def __call__(self, request):
        """Before the first sending of each hop."""
        self.renewed = False
        return self.with_token(request)

    def respond(self, request, response):
        """What to send next; None if the response is for the caller."""
        if self.waiting is not None:
            return self.take_token(response)
        if response.status_code != 401 or self.renewed:
            return None
        used = request.headers.get("Authorization")
        if self.flow.token is not None and used != f"Bearer {self.flow.token}":
            return self.with_token(request)  # Another call has renewed it meanwhile.
        self.waiting = request
        grant = {"grant_type": "client_credentials"}
        pair = (self.flow.client, self.flow.secret)
        return sojourn.Request("POST", self.flow.url, data=grant, auth=pair).prepare()

    def take_token(self, response):
        """Keep the token, and send what waited for it."""
        request, self.waiting, self.renewed = self.waiting, None, True
        if response.status_code != 200:
            raise sojourn.RequestException(f"no token: status {response.status_code}")
        self.flow.token = response.json()["access_token"]
        return self.with_token(request)

    def with_token(self, request):
        """The request with the token, if there is one."""
        if self.flow.token is not None:
            request.headers["Authorization"] = f"Bearer {self.flow.token}"
        return request


def tell(name, response):
    """What became of a call, and what was sent before."""
    before = [f"{each.request.method} {each.status_code}" for each in response.history]
    print(f"{name}: {response.status_code} {response.text!r} after {before}")


async def main_async(url, flow):
    """The same, with asyncio."""
    async with sojourn.AsyncSession() as session:
        tell("asyncio", await session.get(url, auth=flow))


def main(url, token_url):
    """Ask twice, with one flow."""
    flow = TokenFlow(token_url, "the-client", "its-secret")
    with sojourn.Session() as session:
        tell("sync", session.get(url, auth=flow))
    asyncio.run(main_async(url, flow))


if __name__ == "__main__":
    main(*sys.argv[1:])
