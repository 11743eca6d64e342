"""Proxies are named by the scheme of the URL, for a request or for a session."""


def main(requests, server):
    proxies = {"http": server.proxy_url}
    response = requests.get(server.url("/echo"), proxies=proxies, params={"a": "1"})
    print(response.headers["Via"], response.json()["target"], response.json()["fields"]["via"])
    print(server.proxied())
    print(requests.get(server.https_url("/echo"), proxies=proxies, verify=server.ca).status_code)
    print(server.proxied())

    with requests.Session() as session:
        session.proxies.update(proxies)
        print(session.post(server.other_url("/redirect/1"), data="x").json()["method"])
        print(server.proxied())
        session.proxies = {"all": server.proxy_url}
        print(session.get(server.url("/echo")).status_code, server.proxied())
