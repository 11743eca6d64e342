"""A session prepares a request with what it has: fields, cookies, credentials."""


def main(requests, server):
    with requests.Session() as session:
        session.headers["X-Session"] = "1"
        session.cookies.set("flavour", "oat", domain="127.0.0.1")
        session.auth = (server.user, server.password)
        request = requests.Request("GET", server.url("/echo"), params={"a": "1"})

        prepared = session.prepare_request(request)
        print(prepared.headers["X-Session"], prepared.headers["Cookie"], prepared.path_url)
        print(prepared.headers["Authorization"])
        copied = prepared.copy()
        del copied.headers["Authorization"]
        print("authorization" in session.send(prepared).json()["fields"])
        print("authorization" in session.send(copied).json()["fields"])
