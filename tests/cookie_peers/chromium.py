"""A headless Chromium, led by its own tools' protocol over two pipes.

Messages are JSON, each with a NUL after it; no port is open, and no library is needed. The browser
resolves the names it is told, to loopback addresses, and no others, so that it can reach nothing
else. See https://chromedevtools.github.io/devtools-protocol/.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
SECONDS_MAX: Final = 120.0  # For any one step: a browser that hangs fails the test.
READ_SIZE: Final = 1 << 16

# The browser reads commands from descriptor 3 and writes to 4. They are put there by a program of
# their own, since a process with threads should run nothing between fork and exec.
_TRAMPOLINE: Final = """
import fcntl, os, sys
commands, answers = (fcntl.fcntl(int(each), fcntl.F_DUPFD, 10) for each in sys.argv[1:3])
os.dup2(commands, 3)
os.dup2(answers, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
_SWITCHES: Final = (
    "--headless",
    "--no-sandbox",  # It needs what a container has not, and does not run for root.
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-extensions",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--ignore-certificate-errors",
    # Else http URLs are tried with https first.
    "--disable-features=HttpsUpgrades,HttpsFirstBalancedMode",
    "--remote-debugging-pipe",
)


def program() -> str | None:
    """Where Chromium is, or None."""
    for name in PROGRAMS:
        found = shutil.which(name)
        if found is not None:
            return found
    return None


class Chromium:
    """A browser with a profile of its own, which goes with it.

    Attributes:
        product: Name and version, for messages.
    """

    def __init__(self, addresses: Mapping[str, str]) -> None:
        """Start it.

        Args:
            addresses: Where names are, as ``host:port`` for both. Others do not exist.
        """
        path = program()
        assert path is not None
        rules = [f"MAP {name} {address}" for name, address in addresses.items()]
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        theirs, self._commands = os.pipe()
        self._answers, theirs_too = os.pipe()
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-c", _TRAMPOLINE, str(theirs), str(theirs_too), path),
                *_SWITCHES,
                f"--user-data-dir={self._profile.name}",
                f"--host-resolver-rules={','.join([*rules, 'MAP * ~NOTFOUND'])}",
                "about:blank",
            ],
            pass_fds=(theirs, theirs_too),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs)
        os.close(theirs_too)
        self._received = bytearray()
        self._number = 0
        self._events: list[dict[str, Any]] = []
        try:
            self.product: Final[str] = self.call("Browser.getVersion")["product"]
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the browser and remove its profile."""
        os.close(self._commands)  # To which it ends.
        try:
            self._process.wait(SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._answers)
        self._profile.cleanup()

    def call(self, method: str, session: str | None = None, /, **parameters: Any) -> dict[str, Any]:
        """Give a command and return its result; events meanwhile are kept."""
        self._number += 1
        command: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if session is not None:
            command["sessionId"] = session
        os.write(self._commands, json.dumps(command).encode() + b"\0")
        number = self._number
        answer = self._await(lambda message: message.get("id") == number, method)
        assert "error" not in answer, f"{method}: {answer['error']}"
        result: dict[str, Any] = answer["result"]
        return result

    def forget_events(self) -> None:
        """Have the next event be one that has not come yet."""
        self._events.clear()

    def event(self, method: str, session: str) -> dict[str, Any]:
        """Wait for an event, unless it was kept, and return its parameters."""

        def wanted(message: dict[str, Any]) -> bool:
            return message.get("method") == method and message.get("sessionId") == session

        for index, message in enumerate(self._events):
            if wanted(message):
                found: dict[str, Any] = self._events.pop(index)["params"]
                return found
        parameters: dict[str, Any] = self._await(wanted, method)["params"]
        return parameters

    def _await(self, wanted: Callable[[dict[str, Any]], bool], doing: str) -> dict[str, Any]:
        until = time.monotonic() + SECONDS_MAX
        while True:
            message = self._message(until, doing)
            if wanted(message):
                return message
            if "method" in message:
                self._events.append(message)

    def _message(self, until: float, doing: str) -> dict[str, Any]:
        with selectors.DefaultSelector() as selector:
            selector.register(self._answers, selectors.EVENT_READ)
            while (end := self._received.find(b"\0")) < 0:
                if not selector.select(until - time.monotonic()):
                    raise TimeoutError(f"Chromium says nothing to {doing}")
                data = os.read(self._answers, READ_SIZE)
                if not data:
                    raise EOFError(f"Chromium has ended, at {doing}")
                self._received += data
        message: dict[str, Any] = json.loads(self._received[:end])
        del self._received[: end + 1]
        return message


class Window:
    """A page of a browser, with cookies of its own that begin empty and go with it."""

    def __init__(self, browser: Chromium) -> None:
        """Open it."""
        self._browser = browser
        self._context = browser.call("Target.createBrowserContext")["browserContextId"]
        target = browser.call(
            "Target.createTarget", url="about:blank", browserContextId=self._context
        )["targetId"]
        self._session: str = browser.call("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        browser.call("Page.enable", self._session)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._browser.call("Target.disposeBrowserContext", browserContextId=self._context)

    def go_to(self, url: str) -> None:
        """Go to a URL as if it was typed in, and return when its page is loaded."""
        self._browser.forget_events()
        answer = self._browser.call("Page.navigate", self._session, url=url)
        assert "errorText" not in answer, f"{url}: {answer['errorText']}"
        self._browser.event("Page.loadEventFired", self._session)

    def click(self, url: str, *, post: bool = False) -> None:
        """Follow a link of the page to a URL, or send a form there."""
        kind = "form" if post else "a"
        script = (
            f"const made = document.body.appendChild(document.createElement({kind!r}));"
            f"if ({json.dumps(post)}) {{ made.method = 'post'; made.action = {json.dumps(url)};"
            f" made.submit(); }} else {{ made.href = {json.dumps(url)}; made.click(); }}"
        )
        self._browser.forget_events()
        self.run(script)
        self._browser.event("Page.loadEventFired", self._session)

    def run(self, script: str) -> Any:
        """Run a script of the page and return its value."""
        answer = self._browser.call("Runtime.evaluate", self._session, expression=script)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def cookies(self) -> list[dict[str, Any]]:
        """List all that is kept, in the terms of the protocol."""
        kept: list[dict[str, Any]] = self._browser.call(
            "Storage.getCookies", browserContextId=self._context
        )["cookies"]
        return kept
