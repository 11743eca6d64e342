"""Fields and parameters of a session are defaults; what a request says is merged with them."""


def main(requests, server):
    with requests.Session() as session:
        session.auth = (server.user, server.password)
        session.headers.update({"X-Session": "1", "X-Both": "session"})
        session.params = {"version": "2"}
        response = session.get(
            server.url("/echo"), headers={"x-both": "request", "X-Own": "3"}, params={"page": "4"}
        )
        got = response.json()["fields"]
        print({name: value for name, value in got.items() if name.startswith("x-")})
        print(sorted(response.json()["query"]))
        print(session.get(server.url("/basic")).json())

        other = session.get(server.url("/echo")).json()["fields"]
        print(other["x-both"], other.get("x-own"))
