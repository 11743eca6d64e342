"""Hooks of a session are for all its requests; those of a request take their place."""


def main(requests, server):
    def saying(word):
        return lambda response, *_, **__: print(word, response.status_code)

    def check(response, *_, **__):
        response.raise_for_status()

    with requests.Session() as session:
        session.hooks["response"] += [saying("first"), saying("second")]
        session.get(server.url("/echo"))
        session.get(server.url("/echo"), hooks={"response": saying("its own")})

        session.hooks["response"].append(check)
        try:
            session.get(server.url("/status/500"))
        except requests.exceptions.HTTPError as error:
            print(server.named(error))

        request = requests.Request("GET", server.url("/echo"))
        hook = saying("removed")
        request.register_hook("response", hook)
        print(request.deregister_hook("response", hook), request.deregister_hook("response", hook))
    try:
        requests.Request("GET", server.url("/echo"), hooks={"sent": check})
    except ValueError as error:
        print(error)
