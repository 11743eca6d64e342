"""A script that looks at a response: nothing has to be asserted before."""

import sojourn


def summary(url: str) -> str:
    response = sojourn.get(url, timeout=3)
    if response.status_code >= 400:
        return f"{response.status_code} {response.reason.lower()}"
    if response.url.startswith("https:") and len(response.content) > 0:
        return response.text.strip()
    return response.headers["Content-Type"].partition(";")[0]


def size(response: sojourn.Response) -> int:
    response.raise_for_status()
    return len(response.content) + sum(len(hop.content) for hop in response.history)


def seconds(response: sojourn.Response) -> float:
    return response.elapsed.total_seconds() if response.ok else 0.0


def sent(response: sojourn.Response) -> str | None:
    return response.request.headers.get("User-Agent")


def links(response: sojourn.Response) -> list[str]:
    return [link["url"] for link in response.links.values() if "url" in link]
