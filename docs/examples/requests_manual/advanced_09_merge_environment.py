"""What the environment says of proxies and certificates is asked for when one sends by hand."""


def main(requests, server):
    with (
        server.environment(HTTP_PROXY=server.proxy_url, REQUESTS_CA_BUNDLE=server.ca),
        requests.Session() as session,
    ):
        prepared = session.prepare_request(requests.Request("GET", server.https_url("/connection")))
        settings = session.merge_environment_settings(prepared.url, {}, None, None, None)
        print(sorted(settings), settings["verify"] == server.ca)
        print({name: server.named(url) for name, url in settings["proxies"].items()})
        print(session.send(prepared, **settings).status_code)
        try:
            session.send(prepared)
        except requests.exceptions.SSLError as error:
            print(type(error).__name__)

        session.trust_env = False
        settings = session.merge_environment_settings(prepared.url, {}, None, None, None)
        print(settings["verify"], dict(settings["proxies"]))
