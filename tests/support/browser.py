"""A real Chromium without a screen, driven over its DevTools protocol through two pipes.

    with Browser(folder) as browser:
        page = browser.open("http://127.0.0.1:1234/", scheme="dark")
        assert page.evaluate("document.title") == "…"
        assert page.console == []

https://chromedevtools.github.io/devtools-protocol/ describes the methods and events that are named here.
"""

import base64
import fcntl
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self

from browser import find_browser

PATIENCE: Final = 60.0
"""Seconds for what takes one on an idle machine."""
_FLAGS: Final = (
    "--headless",
    "--no-sandbox",  # containers and root have none; it opens nothing but our own page
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--remote-debugging-pipe",
)
_LAUNCH: Final = (
    "import os, sys; a, b = map(int, sys.argv[1:3]); os.dup2(a, 3); os.dup2(b, 4); os.execv(sys.argv[3], sys.argv[3:])"
)
"""Chromium takes commands from descriptor 3 and answers on 4."""
_FIRST_FREE: Final = 10
Scheme = Literal["light", "dark"]


class Browser:
    """One Chromium with a profile of its own; leaving ends it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._answers: dict[int, queue.Queue[Mapping[str, Any]]] = {}
        self._pages: dict[str, Page] = {}
        self._number = 0

    def __enter__(self) -> Self:
        program = find_browser()
        theirs_in, ours_out = os.pipe()
        self._out = os.fdopen(ours_out, "wb")
        self._in, theirs_out = os.pipe()
        handed = [fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, _FIRST_FREE) for one in (theirs_in, theirs_out)]
        self._said = (self._folder / "chromium.log").open("wb")
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-c", _LAUNCH, *map(str, handed), str(program)),
                *(*_FLAGS, f"--user-data-dir={self._folder / 'profile'}", "about:blank"),
            ],
            pass_fds=handed,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
        )
        for one in (theirs_in, theirs_out, *handed):
            os.close(one)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.command("Browser.close")
            self._process.wait(PATIENCE)
        finally:
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait(PATIENCE)
            self._out.close()
            self._reader.join(PATIENCE)
            os.close(self._in)
            self._said.close()

    def open(
        self, url: str, *, scheme: Scheme = "light", width: int = 1280, height: int = 900, scripts: bool = True
    ) -> "Page":
        """Open a page in a new tab of this size (CSS pixels) and return it once it has loaded."""
        target = self.command("Target.createTarget", url="about:blank")["targetId"]
        session = self.command("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self._pages[session] = Page(self, session, target)
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.command(f"{domain}.enable")
        page.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        page.resize(width, height)
        page.command("Emulation.setScriptExecutionDisabled", value=not scripts)
        page.navigate(url)
        return page

    def command(self, method: str, session: str | None = None, **parameters: object) -> Mapping[str, Any]:
        """Send a command and return its result. AssertionError when it fails."""
        self._number = number = self._number + 1
        answer = self._answers[number] = queue.Queue()
        message = {"id": number, "method": method, "params": parameters}
        self._out.write(json.dumps(message if session is None else {**message, "sessionId": session}).encode() + b"\0")
        self._out.flush()
        got = answer.get(timeout=PATIENCE)
        assert "error" not in got, f"{method}: {got['error']}"
        return dict(got["result"])

    def _read(self) -> None:
        waiting = b""
        while chunk := os.read(self._in, 1 << 16):
            *whole, waiting = (waiting + chunk).split(b"\0")
            for one in whole:
                message = json.loads(one)
                if "id" in message:
                    self._answers.pop(message["id"]).put(message)
                elif (page := self._pages.get(message.get("sessionId", ""))) is not None:
                    page.take(message["method"], message["params"])


class Page:
    """One tab."""

    def __init__(self, browser: Browser, session: str, target: str) -> None:
        self._browser = browser
        self._session = session
        self._target = target
        self._loaded = threading.Event()
        self.console: list[str] = []
        """Everything that the console shows: messages, errors, what a policy forbade."""
        self.requests: list[str] = []
        """The URLs that were asked for."""

    def take(self, event: str, parameters: Mapping[str, Any]) -> None:
        """Take an event, in the thread that reads."""
        match event:
            case "Page.loadEventFired":
                self._loaded.set()
            case "Network.requestWillBeSent":
                self.requests.append(parameters["request"]["url"])
            case "Log.entryAdded":
                self.console.append(parameters["entry"]["text"])
            case "Runtime.consoleAPICalled" | "Runtime.exceptionThrown":
                self.console.append(json.dumps(parameters))

    def command(self, method: str, **parameters: object) -> Mapping[str, Any]:
        """See ``Browser.command``."""
        return self._browser.command(method, self._session, **parameters)

    def navigate(self, url: str) -> None:
        """Load a URL, and return when it has loaded."""
        self._loaded.clear()
        failed = self.command("Page.navigate", url=url).get("errorText")
        assert failed is None, f"{url}: {failed}"
        assert self._loaded.wait(PATIENCE), f"{url} does not load"

    def resize(self, width: int, height: int, *, zoom: float = 1.0) -> None:
        """Give the tab another size. With a zoom of 2 everything is twice as large, as in a window of half the size."""
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=int(width / zoom),
            height=int(height / zoom),
            deviceScaleFactor=zoom,
            mobile=False,
        )

    def evaluate(self, expression: str) -> Any:  # noqa: ANN401  (what the expression gives)
        """Return the value of an expression of JavaScript; a promise is awaited."""
        got = self.command("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in got, got["exceptionDetails"]
        return got["result"].get("value")

    def html(self) -> str:
        """Return the document as it stands, without the help of scripts."""
        root = self.command("DOM.getDocument")["root"]["nodeId"]
        return str(self.command("DOM.getOuterHTML", nodeId=root)["outerHTML"])

    def press(self, *keys: str) -> None:
        """Press keys one after the other: ``Tab``, ``Enter``."""
        codes = {"Tab": 9, "Enter": 13}
        for key in keys:
            more = {"text": "\r"} if key == "Enter" else {}
            for kind in ("keyDown", "keyUp"):
                self.command(
                    "Input.dispatchKeyEvent",
                    type=kind,
                    key=key,
                    windowsVirtualKeyCode=codes[key],
                    **(more if kind == "keyDown" else {}),
                )

    def screenshot(self) -> bytes:
        """Return a PNG of the tab."""
        return base64.b64decode(self.command("Page.captureScreenshot", format="png")["data"])

    def close(self) -> None:
        """Close the tab."""
        self._browser.command("Target.closeTarget", targetId=self._target)


def axe_violations(page: Page, script: Path, tags: Sequence[str]) -> list[str]:
    """Return what axe-core finds wrong on a page, a line for each element, of rules with any of these tags."""
    page.evaluate(script.read_text(encoding="utf-8"))
    options = json.dumps({"runOnly": {"type": "tag", "values": list(tags)}, "resultTypes": ["violations"]})
    found = page.evaluate(f"axe.run(document, {options}).then(one => one.violations)")
    return [f"{rule['id']}: {node['html']}: {node['failureSummary']}" for rule in found for node in rule["nodes"]]
