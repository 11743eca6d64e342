"""A request that is prepared, changed and sent by hand."""

import sojourn


def send(url: str) -> sojourn.Response:
    with sojourn.Session() as session:
        request = sojourn.Request(
            "POST",
            url,
            headers={"X-One": "1"},
            data={"a": "1"},
            params={"b": "2"},
            auth=("user", "secret"),
            cookies={"sid": "1"},
        )
        prepared = session.prepare_request(request)
        prepared.body = b"changed"
        prepared.headers["Content-Length"] = str(len(b"changed"))
        del prepared.headers["X-One"]
        assert prepared.url is not None
        print(prepared.method, prepared.url.lower(), prepared.path_url)
        settings = session.merge_environment_settings(prepared.url, {}, None, None, None)
        return session.send(prepared, timeout=3, **settings)


def by_itself() -> sojourn.PreparedRequest:
    prepared = sojourn.Request("GET", "http://a.test/").prepare()
    copy: sojourn.PreparedRequest = prepared.copy()
    copy.prepare_url("http://b.test/", {"q": "1"})
    copy.prepare_headers({"Accept": "*/*"})
    return copy
