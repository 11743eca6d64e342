"""Credentials that nobody gives are looked for in a netrc file, by the host."""


def main(requests, server):
    words = f"machine 127.0.0.1 login {server.user} password {server.password}\n"
    with server.environment(NETRC=str(server.file("netrc", words))):
        print(requests.get(server.url("/basic")).json())
        print(requests.get(server.url("/basic"), auth=("ada", "wrong")).status_code)
        print("authorization" in requests.get(server.other_url("/echo")).json()["fields"])
        print(requests.utils.get_netrc_auth(server.url("/")))

        with requests.Session() as session:
            session.trust_env = False
            print(session.get(server.url("/basic")).status_code)
