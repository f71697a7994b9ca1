# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors
"""Clients that people use, driven by scripts: TigerVNC's viewer, noVNC in Chromium."""

import base64
import json
import os
import signal
import socket
import subprocess
import tempfile
import urllib.error
import urllib.request

import rfb
from rackcall import TOP, Failed, wait

SCREEN = (1400, 1050)  # pixels of the X server and of the browser's window
START_TIMEOUT = 90  # seconds, on a busy machine
CALL_TIMEOUT = 120
WEBDRIVER_RETURN, WEBDRIVER_SHIFT, WEBDRIVER_ESCAPE = "\ue006", "\ue008", "\ue00c"
CHROMIUM_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync "
    "--hide-scrollbars --force-device-scale-factor=1"
).split()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def output(command, **options):
    done = subprocess.run(
        command, capture_output=True, check=False, timeout=CALL_TIMEOUT, **options
    )
    if done.returncode:
        raise Failed("%s: %s" % (" ".join(command), done.stderr.decode(errors="replace")))
    return done.stdout


def to_picture(data, converter):
    """From what netpbm reads to what is compared."""
    ppm = output(["ppmtoppm"], input=output([converter, "-quiet"], input=data))
    magic, width, height, _ = ppm.split(None, 4)[:4]
    if magic == b"P5":
        raise Failed("a grey picture")
    width, height = int(width), int(height)
    return rfb.Picture(width, height, ppm[-3 * width * height :])


class Processes:
    """All that is started here ends here."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="clients-", dir=TOP + "/build/lab")
        self.started = []

    def start(self, command, **options):
        path = os.path.join(self.directory, os.path.basename(command[0]) + ".log")
        with open(path, "ab") as log:
            process = subprocess.Popen(  # pylint: disable=consider-using-with
                command,
                stdin=subprocess.DEVNULL,
                stdout=options.pop("stdout", log),
                stderr=log,
                start_new_session=True,
                **options,
            )
        self.started.append(process)
        return process

    def end(self):
        for process in reversed(self.started):
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
        self.started = []


class TigerVnc:
    """xtigervncviewer in an X server without a screen."""

    name = "vncviewer"

    def __init__(self, processes, port):
        read, write = os.pipe()
        size = "%dx%dx24" % SCREEN
        processes.start(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", size, "-nolisten", "tcp"],
            pass_fds=(write,),
        )
        os.close(write)
        with os.fdopen(read) as display:
            number = display.readline().strip()
        if not number:
            raise Failed("Xvfb does not start")
        self.environment = dict(os.environ, DISPLAY=":" + number, HOME=processes.directory)
        # Without its menu key it draws no hint about it over the picture.
        self.process = processes.start(
            ["xtigervncviewer", "-MenuKey=", "-RemoteResize=0", "-AutoSelect=0"]
            + ["-PreferredEncoding=Tight", "-QualityLevel=8", "127.0.0.1::%d" % port],
            env=self.environment,
        )
        self.window = wait("window of vncviewer", self.find_window, START_TIMEOUT)

    def tool(self, *arguments):
        return output(["xdotool", *arguments], env=self.environment).decode()

    def find_window(self):
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--name", "TigerVNC"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=CALL_TIMEOUT,
        )
        return found.stdout.split()[-1] if found.stdout else None

    def picture(self):
        data = output(["xwd", "-silent", "-id", self.window], env=self.environment)
        return to_picture(data, "xwdtopnm")

    def type(self, text):
        self.tool("windowfocus", self.window)
        for character in text:
            self.tool("key", {"\n": "Return"}.get(character, character))

    def point(self, x, y):
        self.tool("mousemove", "--window", self.window, str(x), str(y))

    def click(self):
        self.tool("click", "1")


class NoVnc:
    """noVNC in Chromium, driven as WebDriver (W3C) says."""

    name = "noVNC"

    def __init__(self, processes, port, scale=False):
        web, driver = free_port(), free_port()
        processes.start([TOP + "/tools/testing/lab/rack-web", str(web), str(port)])
        processes.start(["chromedriver", "--port=%d" % driver])
        wait("web server", lambda: listening(web), START_TIMEOUT)
        wait("chromedriver", lambda: listening(driver), START_TIMEOUT)
        self.driver = "http://127.0.0.1:%d/session" % driver
        arguments = [
            *CHROMIUM_FLAGS,
            "--window-size=%d,%d" % SCREEN,
            "--user-data-dir=%s/chromium" % processes.directory,
        ]
        options = {"binary": "/usr/bin/chromium", "args": arguments}
        session = self.call(
            "POST", "", {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
        )
        self.driver += "/" + session["sessionId"]
        page = "http://127.0.0.1:%d/%s" % (web, "" if scale else "?scale=no")
        self.call("POST", "/url", {"url": page})
        wait("connection of noVNC", self.connected, START_TIMEOUT)
        self.canvas = self.call("POST", "/element", {"using": "css selector", "value": "canvas"})
        self.canvas = list(self.canvas.values())[0]

    def call(self, method, path, body=None):
        request = urllib.request.Request(
            self.driver + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=CALL_TIMEOUT) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise Failed("chromedriver: " + error.read().decode()[:500]) from error

    def connected(self):
        script = "return document.getElementById('status').textContent"
        return self.call("POST", "/execute/sync", {"script": script, "args": []}) == "connected"

    def picture(self):
        data = self.call("GET", "/element/%s/screenshot" % self.canvas)
        return to_picture(base64.b64decode(data), "pngtopnm")

    def act(self, kind, actions, **parameters):
        source = {"type": kind, "id": kind, "actions": actions, **parameters}
        self.call("POST", "/actions", {"actions": [source]})

    def type(self, text):
        """WebDriver presses keys; which need Shift is up to us."""
        for character in text:
            key = WEBDRIVER_RETURN if character == "\n" else character
            keys = [("keyDown", key), ("keyUp", key)]
            if character in rfb.SHIFTED or character.isupper():
                keys = [("keyDown", WEBDRIVER_SHIFT), *keys, ("keyUp", WEBDRIVER_SHIFT)]
            self.act("key", [{"type": kind, "value": value} for kind, value in keys])

    def point(self, x, y):
        # noVNC rounds down what is left over of a pixel.
        script = (
            "const place = arguments[0].getBoundingClientRect();"
            "return [Math.ceil(place.left), Math.ceil(place.top)]"
        )
        element = {"element-6066-11e4-a52e-4f735466cecf": self.canvas}
        left, top = self.call("POST", "/execute/sync", {"script": script, "args": [element]})
        move = {"type": "pointerMove", "duration": 0, "x": left + x, "y": top + y}
        self.act("pointer", [move], parameters={"pointerType": "mouse"})

    def click(self):
        events = [{"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp")]
        self.act("pointer", events, parameters={"pointerType": "mouse"})
