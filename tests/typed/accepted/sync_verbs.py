"""Each verb, with the arguments that it names and those that it hands on."""

import sojourn

URL = "http://127.0.0.1:8000/"


def every_verb() -> list[int]:
    with sojourn.Session() as session:
        responses = [
            session.get(URL, {"q": "tea"}, headers={"Accept": "text/plain"}),
            session.options(URL, timeout=(3.05, 27)),
            session.head(URL, allow_redirects=True),
            session.post(URL, {"a": "1"}, auth=("user", "secret")),
            session.put(URL, b"bytes", headers={"Content-Type": "text/plain"}),
            session.patch(URL, data="text", verify=False),
            session.delete(URL, cookies={"sid": "1"}),
            session.request("PURGE", URL, stream=True),
        ]
    return [response.status_code for response in responses]


def without_a_session() -> list[sojourn.Response]:
    return [
        sojourn.get(URL, params=[("a", "1"), ("a", "2")]),
        sojourn.options(URL),
        sojourn.head(URL),
        sojourn.post(URL, json={"name": "tea", "cups": 2, "tags": ["hot", None]}),
        sojourn.put(URL, data={"a": "1"}),
        sojourn.patch(URL, json=[1, 2.5, True]),
        sojourn.delete(URL, timeout=None),
        sojourn.request("GET", URL, proxies={"http": "http://proxy.test:3128"}),
    ]
