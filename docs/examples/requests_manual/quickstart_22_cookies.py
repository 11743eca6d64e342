"""Cookies that a response sets can be read, and others sent."""


def main(requests, server):
    response = requests.get(server.url("/cookies?flavour=oat&size=2"))
    print(response.cookies["flavour"], response.cookies.get("size"), response.cookies.get("no"))
    print(sorted(response.cookies.get_dict().items()))

    response = requests.get(server.url("/cookies"), cookies={"mine": "1", "yours": "2"})
    print(response.json())
    print(len(response.cookies))
