"""For https a proxy only carries octets: it learns where to, and nothing else."""


def main(requests, server):
    with requests.Session() as session:
        session.proxies = {"https": server.proxy_url}
        session.verify = server.ca
        response = session.get(server.https_url("/connection"))
        print(response.status_code, response.json()["requests"], response.headers.get("Via"))
        print(session.get(server.https_url("/connection")).json()["requests"])
        print(server.proxied())

        session.proxies = {"https": server.locked_proxy_url}
        try:
            session.get(server.https_url("/echo"))
        except requests.exceptions.ProxyError as error:
            print(type(error).__name__)
        print(server.proxied())
