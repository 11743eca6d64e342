"""What this library adds: policies, limits, decisions, the rule of one's own."""

import sojourn
from sojourn import Policy, RedirectHop, RedirectVerdict


def at_home(hop: RedirectHop) -> RedirectVerdict:
    return RedirectVerdict.FOLLOW if hop.same_origin else RedirectVerdict.REFUSE


def codes(url: str) -> list[str]:
    policy = Policy(on_redirect=at_home, refused_networks=sojourn.PRIVATE_NETWORKS)
    with sojourn.Session(policy=policy, limits=sojourn.Limits(content_size_max=1024)) as session:
        response = session.get(url)
        print(response.explain())
        following: sojourn.PreparedRequest | None = response.next
        if following is not None:
            print(following.url)
        return [decision.code for decision in response.decisions]


def lines(response: sojourn.Response) -> list[tuple[str, str]]:
    fields: sojourn.Fields = response.headers
    return [*fields.lines, *(("Set-Cookie", value) for value in fields.get_all("Set-Cookie"))]
