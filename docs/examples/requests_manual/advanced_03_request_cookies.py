"""What belongs to one request is not kept for the next, cookies included."""


def main(requests, server):
    with requests.Session() as session:
        session.cookies.set("kept", "1", domain="127.0.0.1")
        print(session.get(server.url("/cookies"), cookies={"once": "2"}).json())
        print(session.get(server.url("/cookies")).json())

        # To keep one, give it to the session.
        requests.utils.add_dict_to_cookiejar(session.cookies, {"always": "3"})
        print(session.get(server.url("/cookies")).json())
        print(requests.utils.dict_from_cookiejar(session.cookies))
