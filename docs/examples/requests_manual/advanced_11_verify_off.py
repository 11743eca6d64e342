"""Verification can be switched off, for a request or for a session: for trials, and at a risk."""


def main(requests, server):
    requests.packages.urllib3.disable_warnings()
    url = server.https_url("/connection")
    print(requests.get(url, verify=False).status_code)

    with requests.Session() as session:
        session.verify = False
        print(session.get(url).status_code)
        try:
            session.get(server.https_url("/echo"), verify=True)
        except requests.exceptions.SSLError as error:
            print(type(error).__name__)
