"""A real browser, by plain WebDriver requests: Debian's chromium and chromium-driver.

Where there is none, tests that need one are skipped, and say so.
"""

import base64
import json
import re
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

KEYS = {"Escape": "\ue00c", "Enter": "\ue007", "Tab": "\ue004", "Space": " "}
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


def missing():
    """What keeps tests from having a browser; None: nothing."""
    for program in ("chromium", "chromedriver"):
        if shutil.which(program) is None:
            return f"SKIPPED: there is no {program} here (./bootstrap test --all installs it)"
    return None


class Browser:
    """One window. Use it as a context."""

    def __init__(self, width=1200, height=900):
        self.size = (width, height)

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="agentstore-browser."))
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True)
        try:
            self.port = self.read_port()
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *error):
        try:
            self.ask("DELETE", "")
        finally:
            self.stop()

    def read_port(self):
        for line in self.driver.stdout:
            found = re.search(r"started successfully on port (\d+)", line)
            if found:
                return int(found.group(1))
        raise RuntimeError("chromedriver did not start")

    def start(self):
        self.session = None
        options = {"args": ["--headless=new", "--no-sandbox", "--disable-gpu",
                            "--disable-dev-shm-usage", "--hide-scrollbars",
                            "--disable-background-networking", "--disable-component-update",
                            f"--user-data-dir={self.folder}"]}
        made = self.ask("POST", "", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}}})
        self.session = made["sessionId"]
        self.resize(*self.size)

    def stop(self):
        self.driver.terminate()
        self.driver.wait()
        self.driver.stdout.close()
        shutil.rmtree(self.folder, True)

    def ask(self, method, path, body=None):
        at = f"http://127.0.0.1:{self.port}/session"
        if self.session is not None:
            at += f"/{self.session}{path}"
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(at, data, {"Content-Type": "application/json"},
                                         method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(error.read().decode()[:2000]) from None

    def command(self, name, **parameters):
        """Of the DevTools protocol."""
        return self.ask("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def resize(self, width, height=900):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height,
                     deviceScaleFactor=1, mobile=False)

    def scheme(self, name):
        """dark or light, as the system's setting."""
        self.command("Emulation.setEmulatedMedia",
                     features=[{"name": "prefers-color-scheme", "value": name}])

    def open(self, path, part=""):
        url = Path(path).resolve().as_uri() + (f"#{part}" if part else "")
        # Of the same file, a new part alone would be no loading.
        self.ask("POST", "/url", {"url": "about:blank"})
        self.ask("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        return self.ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, script, *arguments):
        """Until the script gives something true; that."""
        self.ask("POST", "/timeouts", {"script": 60000})
        return self.ask("POST", "/execute/async", {"script": """
            const done = arguments[arguments.length - 1];
            const given = Array.from(arguments).slice(0, -1);
            const look = new Function(...given.map((_, i) => "_" + i), `%s`);
            const again = () => {
              const found = look.apply(null, given);
              if (found) done(found); else requestAnimationFrame(again);
            };
            again();""" % script, "args": list(arguments)})

    def find(self, selector):
        return self.ask("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self.ask("POST", f"/element/{self.find(selector)}/click")

    def type_into(self, selector, text):
        self.ask("POST", f"/element/{self.find(selector)}/value",
                 {"text": KEYS.get(text, text)})

    def press(self, *keys):
        """Keys, for whatever has the focus."""
        actions = []
        for key in keys:
            value = KEYS.get(key, key)
            actions += [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        self.ask("POST", "/actions", {"actions": [
            {"type": "key", "id": "keys", "actions": actions}]})

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0]).textContent", selector)

    def screenshot(self, path, whole=False):
        parameters = {"captureBeyondViewport": whole}
        if whole:
            height = self.run("return document.documentElement.scrollHeight")
            width = self.run("return innerWidth")
            parameters["clip"] = {"x": 0, "y": 0, "width": width, "height": min(height, 16000),
                                  "scale": 1}
        shot = self.command("Page.captureScreenshot", **parameters)["data"]
        Path(path).write_bytes(base64.b64decode(shot))

    def complaints(self):
        """What the page wrote on the console, and the browser about it."""
        return [entry["message"] for entry in self.ask("POST", "/se/log", {"type": "browser"})]

    def requests(self):
        """The addresses that were asked for, other than files of this machine."""
        asked = set()
        for entry in self.ask("POST", "/se/log", {"type": "performance"}):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                asked.add(message["params"]["request"]["url"])
        return sorted(url for url in asked
                      if not url.startswith(("file:", "blob:", "about:", "data:", "chrome:")))
