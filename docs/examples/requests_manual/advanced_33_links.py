"""Links of the Link field lead from page to page."""

from urllib.parse import urljoin


def main(requests, server):
    response = requests.get(server.url("/links/2"))
    print(response.headers["Link"])
    for name, link in sorted(response.links.items()):
        print(name, link)

    url, items = server.url("/links/1"), []
    with requests.Session() as session:
        while url:
            response = session.get(url)
            items += response.json()["items"]
            following = response.links.get("next")
            url = following and urljoin(response.url, following["url"])
    print(items, requests.get(server.url("/echo")).links)
