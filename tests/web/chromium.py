# SPDX-License-Identifier: GPL-2.0-or-later
"""Chromium, driven by its DevTools protocol over a pair of pipes: no driver, no port, no library.

    with Chromium("http://127.0.0.1:8080/") as browser:
        page = browser.page()
        page.look(width=320, dark=True)
        page.open("http://127.0.0.1:8080/")
        page.evaluate("document.title")

Nothing but what begins with one of `allowed` (and data: and about:) is let through; what else a page asked for is in
page.refused. https://chromedevtools.github.io/devtools-protocol/
"""
import base64
import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

PATIENCE = float(os.environ.get("PLENARY_TEST_PATIENCE", "60"))
# Scripts of pages stay allowed, so that one that should run would be seen; names are not looked up at all.
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
         "--no-first-run", "--no-default-browser-check", "--disable-background-networking", "--disable-sync",
         "--disable-component-update", "--disable-default-apps", "--disable-extensions", "--mute-audio",
         "--force-device-scale-factor=1", "--disable-features=Translate,MediaRouter,OptimizationHints",
         "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--remote-debugging-pipe"]
KEYS = {"Tab": (9, ""), "Enter": (13, "\r"), "Escape": (27, "")}


def program():
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Chromium:
    def __init__(self, *allowed):
        self.allowed = allowed
        self.profile = tempfile.mkdtemp(prefix="plenary-chromium-")
        ours_in, its_out = os.pipe()
        its_in, ours_out = os.pipe()
        # It reads commands on 3 and answers on 4; bash, since a plain sh knows descriptors of one digit only.
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{its_in} 4>&{its_out}', "bash", program(), *FLAGS,
             f"--user-data-dir={self.profile}", "about:blank"],
            pass_fds=(its_in, its_out), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(its_in)
        os.close(its_out)
        self.ours_in, self.ours_out, self.unread = ours_in, ours_out, b""
        self.number, self.answers, self.listeners = 0, {}, {}

    def page(self):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        return Page(self, self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])

    def send(self, command, session=None, /, **params):
        self.number += 1
        message = {"id": self.number, "method": command, "params": params}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.ours_out, data):]
        return self.number

    def call(self, command, session=None, /, **params):
        number = self.send(command, session, **params)
        self.wait(lambda: number in self.answers, command)
        answer = self.answers.pop(number)
        if "error" in answer:
            raise AssertionError(f"{command}: {answer['error'].get('message')}")
        return answer["result"]

    def wait(self, done, what):
        end = time.time() + PATIENCE
        while not done():
            ready, _, _ = select.select([self.ours_in], [], [], max(0, end - time.time()))
            if not ready:
                raise AssertionError(f"Chromium: waited {PATIENCE:.0f} s for {what}")
            data = os.read(self.ours_in, 1 << 20)
            if not data:
                raise AssertionError(f"Chromium ended during {what}")
            *whole, self.unread = (self.unread + data).split(b"\0")
            for message in map(json.loads, whole):
                if "id" in message:
                    self.answers[message["id"]] = message
                elif message.get("sessionId") in self.listeners:
                    self.listeners[message["sessionId"]](message["method"], message["params"])

    def close(self):
        with contextlib.suppress(AssertionError, OSError):
            self.call("Browser.close")
        os.close(self.ours_in)
        os.close(self.ours_out)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Page:
    def __init__(self, browser, session):
        self.browser, self.session = browser, session
        self.method, self.loaded, self.status = "GET", False, None
        self.requests, self.refused, self.complaints, self.cookies = [], [], [], []
        browser.listeners[session] = self.hear
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.call(domain + ".enable")
        self.call("Network.setCacheDisabled", cacheDisabled=True)
        self.call("Fetch.enable", patterns=[{"urlPattern": "*"}])

    def call(self, command, /, **params):
        return self.browser.call(command, self.session, **params)

    def hear(self, event, params):
        if event == "Fetch.requestPaused":
            self.let_through(params)
        elif event == "Page.loadEventFired":
            self.loaded = True
        elif event == "Network.responseReceived" and params["type"] == "Document":
            self.status = params["response"]["status"]
        elif event == "Network.responseReceivedExtraInfo":
            self.cookies += [v for k, v in params["headers"].items() if k.lower() == "set-cookie"]
        elif event == "Log.entryAdded" and params["entry"].get("source") != "network":  # that: a status of 404, said twice
            self.complaints.append(params["entry"]["text"])
        elif event in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Page.javascriptDialogOpening"):
            self.complaints.append(f"{event}: {json.dumps(params)[:300]}")

    def let_through(self, params):
        url, request = params["request"]["url"], params["requestId"]
        if not url.startswith((*self.browser.allowed, "data:", "about:")):
            self.refused.append(url)
            self.browser.send("Fetch.failRequest", self.session, requestId=request, errorReason="BlockedByClient")
            return
        self.requests.append((params["resourceType"], url))
        change = {}
        if self.method != "GET" and params["resourceType"] == "Document":
            change = {"method": self.method, "postData": ""}
        self.browser.send("Fetch.continueRequest", self.session, requestId=request, **change)

    def open(self, url, method="GET"):
        """Loads the page with all that it asks for. POST: as a form without fields does."""
        self.method, self.loaded, self.status = method, False, None
        self.requests, self.refused, self.complaints, self.cookies = [], [], [], []
        error = self.call("Page.navigate", url=url).get("errorText")
        if error:
            raise AssertionError(f"{url}: {error}")
        self.browser.wait(lambda: self.loaded, url)

    def look(self, width=1100, height=900, dark=False, scale=1):
        """How wide the window is, and which colours the reader prefers."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def evaluate(self, script):
        """The value of an expression in the page (or of its promise); the page's own policy does not bind it."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{script[:80]}: {answer['exceptionDetails']}"[:2000])
        return answer["result"].get("value")

    def press(self, key, shift=False):
        code, text = KEYS[key]
        common = {"key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": 8 if shift else 0}
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, **common)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def picture(self, path, whole=False):
        """A PNG of the window, or of the whole page."""
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        with open(path, "wb") as f:
            f.write(base64.b64decode(data))
