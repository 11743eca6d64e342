"""Credentials of one's own kind: whatever is called with the request and gives it back."""

import hashlib


def main(requests, server):
    class SignedBy(requests.auth.AuthBase):
        def __init__(self, key):
            self.key = key

        def __call__(self, request):
            words = f"{request.method} {request.path_url} {request.body or ''} {self.key}"
            request.headers["X-Signature"] = hashlib.sha256(words.encode()).hexdigest()[:12]
            return request

    def bearer(request):
        request.headers["Authorization"] = "Bearer t0ken"
        return request

    url = server.url("/echo")
    print(requests.get(url, auth=SignedBy("k1")).json()["fields"]["x-signature"])
    print(requests.post(url, data="a=1", auth=SignedBy("k1")).json()["fields"]["x-signature"])
    print(requests.get(url, auth=bearer).json()["fields"]["authorization"])
    try:
        requests.get(url, auth=requests.auth.AuthBase())
    except NotImplementedError as error:
        print(type(error).__name__)
