"""A team's policy for redirects, property-tested and model-checked.

    python docs/examples/corp_policy.py

Only within .corp.test, never to private addresses, and X-Api-Key only to api.corp.test.
"""

from hypothesis import given, settings

from sojourn.testing import NO_PRIVATE_ADDRESS, Situation, check_small_scope, simulate
from sojourn.testing.strategies import graphs
from sojourn_core import PRIVATE_NETWORKS, Policy

API = "https://api.corp.test"
POLICY = Policy(
    allowed_hosts=frozenset({".corp.test"}),
    refused_networks=PRIVATE_NETWORKS,
    field_origins={"x-api-key": {API}},
)
KEY = ("X-Api-Key", "s3cretKey0")
ASKED = [Situation(url=f"{place}/", fields=(KEY,)) for place in (API, "https://www.corp.test")]
HOSTS = ("api.corp.test", "www.corp.test", "api.corp.test.evil.test", "10.0.0.1")


def keeps_to_itself(trail):
    """Requests stay within the company, and the key within the API."""
    NO_PRIVATE_ADDRESS(trail)
    for sent in trail.sent:
        assert sent.url.host.endswith(".corp.test"), f"{sent.origin} is not ours"
        assert ("x-api-key" in sent.fields) == (str(sent.origin) == API), f"key at {sent.origin}"


@settings(max_examples=200, deadline=None)
@given(graphs(("api.corp.test", "www.corp.test", "evil.test")))
def test_any_graph(graph):
    for situation in ASKED:
        keeps_to_itself(
            simulate({**graph, situation.url: next(iter(graph.values()))}, situation, POLICY)
        )


def main():
    test_any_graph()
    print("any graph of redirects: holds")
    for name, policy in (
        ("the policy", POLICY),
        ("without field_origins", POLICY.replace(field_origins={})),
    ):
        found = check_small_scope(policy, keeps_to_itself, HOSTS, hops=3, situations=ASKED)
        print(f"{name}: {'holds in all small chains' if found is None else found}")


if __name__ == "__main__":
    main()
