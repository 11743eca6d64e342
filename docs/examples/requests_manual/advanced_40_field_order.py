"""Fields are sent in an order: those of the session, then those of the request as given."""


def main(requests, server):
    with requests.Session() as session:
        session.headers.clear()
        for name in ("X-Third", "X-First", "X-Second"):
            session.headers[name] = "session"
        order = session.get(
            server.url("/echo"), headers={"X-Zero": "0", "x-first": "1", "X-Nine": "9"}
        ).json()["order"]
        print([name for name in order if name.lower().startswith("x-")])

        prepared = session.prepare_request(
            requests.Request("POST", server.url("/echo"), data={"a": "1"}, headers={"X-A": "1"})
        )
        print(list(prepared.headers))
