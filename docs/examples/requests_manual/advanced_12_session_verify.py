"""A session can trust an authority for all its requests."""


def main(requests, server):
    with requests.Session() as session:
        session.verify = server.ca
        print(session.get(server.https_url("/connection")).json()["requests"])
        print(session.get(server.https_url("/connection")).json()["requests"])
        print(session.get(server.https_url("/redirect/2"), params={"a": "1"}).status_code)

    with server.environment(REQUESTS_CA_BUNDLE=server.ca):
        print(requests.get(server.https_url("/echo")).status_code)
