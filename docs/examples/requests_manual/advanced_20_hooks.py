"""A hook is called with each response, and may put another in its place."""


def main(requests, server):
    def note(response, *_, **settings):
        print("hook:", response.status_code, server.named(response.url), sorted(settings)[-3:])

    def swap(response, *_, **__):
        if response.status_code == requests.codes.not_found:
            return requests.get(server.url("/text/utf-8"))
        return None

    requests.get(server.url("/redirect/1"), hooks={"response": note})
    print(requests.get(server.url("/notes/missing"), hooks={"response": swap}).text)
    response = requests.get(server.url("/notes/missing"), hooks={"response": [swap, note]})
    print(response.status_code)
