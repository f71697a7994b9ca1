# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors
"""What the suites that use a rack share: the rack, waiting, TAP."""

import os
import subprocess
import sys
import time

import rfb

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../.."))
RACK = [os.path.join(TOP, "tools/testing/lab/lab"), "rack"]
POLL = 0.2

# Of VGA's text mode: a character's height; more bytes than its cursor lights.
TEXT_HEIGHT = 16
CURSOR_BYTES = 300
# What rack-host-init says before the prompt, and that.
LOGIN_ROWS = 2
LOGIN_TIMEOUT = 120  # seconds


class Failed(Exception):
    """A test did not get what it wants; in a sentence."""


def wait(what, condition, seconds, meanwhile=time.sleep):
    """Until condition() is true, which is what comes back; Failed if it never is."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise Failed("no %s within %d s" % (what, seconds))
        meanwhile(POLL)


class Rack:
    """One of its own for this process."""

    def __init__(self, what):
        self.name = "%s-%d" % (what, os.getpid())
        self.run = os.path.join(TOP, "build/lab/rack-" + self.name)

    def call(self, *arguments):
        command = RACK + [arguments[0], "--name", self.name, *arguments[1:]]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def must(self, *arguments):
        done = self.call(*arguments)
        if done.returncode:
            raise Failed("rack %s: %s" % (" ".join(arguments), done.stdout + done.stderr))
        return done.stdout

    def path(self, name):
        return os.path.join(self.run, name)

    def log(self, name):
        with open(self.path(name), encoding="latin-1") as file:
            return file.read().replace("\r", "")

    def vnc_port(self):
        return int(self.log("vnc"))

    def picture(self):
        """What the host PC displays."""
        path = self.path("picture.ppm")
        self.must("picture", path)
        return rfb.Picture.read(path)

    def text_rows(self):
        """How many lines of its text console have more than a cursor in them."""
        picture = self.picture()
        size = 3 * picture.width * TEXT_HEIGHT
        rows = [picture.rgb[at : at + size] for at in range(0, len(picture.rgb), size)]
        return sum(len(row) - row.count(0) > CURSOR_BYTES for row in rows)

    def log_in(self, type_text, meanwhile=time.sleep):
        """What is typed before a prompt is there may be lost, hence the waiting."""
        for text, rows in (("root\n", LOGIN_ROWS), ("kvmcap\n", LOGIN_ROWS + 1)):
            wait(
                "%d lines on the console" % rows,
                lambda rows=rows: self.text_rows() == rows,
                LOGIN_TIMEOUT,
                meanwhile,
            )
            type_text(text)
        wait(
            "shell",
            lambda: "rack: shell\n" in self.log("console.log"),
            LOGIN_TIMEOUT,
            meanwhile,
        )

    def down(self):
        done = self.call("down")
        if done.returncode:
            raise Failed("rack down: %d: %s" % (done.returncode, done.stderr))


def say(number, what, problem):
    print("%s %d - %s" % ("not ok" if problem else "ok", number, what))
    for line in problem.split("\n") if problem else ():
        print("# " + line)
    sys.stdout.flush()


def run_tests(tests, state, always=()):
    """(what, function of state) each. After a failure only those in `always`."""
    print("1..%d" % len(tests), flush=True)
    broken = False
    for number, (what, test) in enumerate(tests, 1):
        problem = None
        try:
            if broken and test not in always:
                raise Failed("not reached")
            test(state)
        except Exception as failure:  # pylint: disable=broad-except
            problem = "%s: %s" % (type(failure).__name__, failure)
            broken = True
        say(number, what, problem)
    return 1 if broken else 0
