"""A session keeps the cookies that it gets, from the steps of a redirect too."""


def main(requests, server):
    with requests.Session() as session:
        response = session.get(server.url("/cookies/set?number=123456789"))
        print(response.json(), len(response.cookies))  # It was the redirect that set it.
        print(session.cookies.get_dict())

        session.cookies.set("mine", "1", domain="127.0.0.1")
        print(session.get(server.url("/cookies")).json())
        session.get(server.url("/cookies/delete?number"))
        print(session.get(server.url("/cookies")).json())

    print(requests.get(server.url("/cookies")).json())  # And this is another session.
