#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors
"""terminal.py KVMCAPCTL q|SIGNAL: kvmcapctl top on a terminal of its own.

It must draw, draw again with another size, and when it ends by the key q or by
the signal, leave the terminal as it was.
"""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

TIMEOUT = 60  # seconds
ENTER, LEAVE, HOME = b"\x1b[?1049h", b"\x1b[?1049l", b"\x1b[H"


class Terminal:
    """The program's terminal, and what it has written there."""

    def __init__(self, arguments):
        self.pid, self.file = pty.fork()
        if not self.pid:
            # Not before the terminal's attributes are known.
            sys.stdin.readline()
            os.execv(arguments[0], arguments)
        self.output = b""
        self.resize(24, 80)
        self.before = termios.tcgetattr(self.file)
        os.write(self.file, b"\n")

    def resize(self, rows, columns):
        fcntl.ioctl(self.file, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self):
        """Whether there is more to come."""
        if not select.select([self.file], [], [], 0.2)[0]:
            return True
        try:
            data = os.read(self.file, 65536)
        except OSError:
            return False
        self.output += data
        return bool(data)

    def wait(self, what, come):
        end = time.monotonic() + TIMEOUT
        while not come():
            if not self.read() and not come():
                sys.exit("it ended before %s: %r" % (what, self.output[-2000:]))
            if time.monotonic() > end:
                sys.exit("no %s: %r" % (what, self.output[-2000:]))

    def drawings(self):
        """The lines of each drawing that is complete."""
        return [drawing.split(b"\r\n") for drawing in self.output.split(HOME)[1:-1]]


def main():
    program, end = sys.argv[1:]
    terminal = Terminal([program, "top", "--interval", "200ms"])
    terminal.wait("drawing", lambda: len(terminal.drawings()) >= 2)
    if ENTER not in terminal.output:
        sys.exit("it does not enter the alternate screen")
    wide = max(len(line) for line in terminal.drawings()[-1][4:])
    terminal.resize(12, 30)
    terminal.wait(
        "smaller drawing",
        lambda: len(terminal.drawings()[-1]) <= 12
        and max(len(line) for line in terminal.drawings()[-1][5:]) < wide,
    )
    if termios.tcgetattr(terminal.file)[3] & termios.ICANON:
        sys.exit("it has not taken the terminal over")
    keeper = os.dup(terminal.file)
    if end == "q":
        os.write(terminal.file, b"q")
    else:
        os.kill(terminal.pid, getattr(signal, "SIG" + end))
    terminal.wait("end", lambda: LEAVE in terminal.output)
    status = os.waitpid(terminal.pid, 0)[1]
    if status:
        sys.exit("it ended with %#x" % status)
    if termios.tcgetattr(keeper) != terminal.before:
        sys.exit("the terminal is not as it was")


if __name__ == "__main__":
    main()
