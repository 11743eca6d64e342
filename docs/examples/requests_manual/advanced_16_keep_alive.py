"""A connection carries the next request once the content is read; left unread, it does not."""


def main(requests, server):
    url = server.url("/connection")
    with requests.Session() as session:
        print([session.get(url).json()["requests"] for _ in range(3)])

        with session.get(server.url("/bytes/100"), stream=True) as response:
            print(len(response.content))
        print(session.get(url).json()["requests"])

        with session.get(server.url("/bytes/900000"), stream=True) as response:
            print(response.status_code)
        print(session.get(url).json()["requests"])
        print(session.get(url, headers={"Connection": "close"}).json()["requests"])
        print(session.get(url).json()["requests"])

    print([requests.get(url).json()["requests"] for _ in range(2)])
