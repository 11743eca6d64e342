"""A jar keeps cookies by domain and path, and each request gets those that concern it."""


def main(requests, server):
    jar = requests.cookies.RequestsCookieJar()
    jar.set("everywhere", "1", domain="127.0.0.1", path="/")
    jar.set("shelf", "2", domain="127.0.0.1", path="/cookies/shelf")
    jar.set("elsewhere", "3", domain="other.test", path="/")
    for path in ("/cookies", "/cookies/shelf"):
        print(requests.get(server.url(path), cookies=jar).json())

    print(sorted(jar.list_domains()), sorted(jar.list_paths()))
    print(jar.get_dict(domain="other.test"))
    jar.set("shelf", "4", domain="127.0.0.1", path="/other")
    try:
        print(jar["shelf"])
    except requests.cookies.CookieConflictError as error:
        print(type(error).__name__)
    print(jar.get("shelf", path="/other"))
