# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors
"""A VNC client for scripts: RFB 3.8, Raw only, so that what it shows are pixels."""

import select
import socket
import struct
import time

KEY_ESCAPE, KEY_RETURN, KEY_TAB, KEY_BACKSPACE = 0xFF1B, 0xFF0D, 0xFF09, 0xFF08
KEY_LEFT, KEY_UP, KEY_RIGHT, KEY_DOWN = 0xFF51, 0xFF52, 0xFF53, 0xFF54
KEY_F2, KEY_F10 = 0xFFBF, 0xFFC7
KEY_SHIFT, KEY_CONTROL, KEY_CAPS_LOCK = 0xFFE1, 0xFFE3, 0xFFE5

# Characters that a US keyboard has behind Shift, letters apart.
SHIFTED = '~!@#$%^&*()_+{}|:"<>?'

RAW, DESKTOP_SIZE = 0, -223
TIMEOUT = 60  # seconds, for any single answer


class Ended(Exception):
    """The server closed the connection, or sent what it must not."""


class Picture:
    """Pixels as in a binary PPM."""

    def __init__(self, width, height, rgb):
        self.width, self.height, self.rgb = width, height, rgb

    @classmethod
    def read(cls, path):
        with open(path, "rb") as file:
            data = file.read()
        magic, width, height, depth = data.split(None, 4)[:4]
        if (magic, depth) != (b"P6", b"255"):
            raise ValueError("%s is no binary PPM" % path)
        width, height = int(width), int(height)
        return cls(width, height, data[-3 * width * height :])

    def write(self, path):
        with open(path, "wb") as file:
            file.write(b"P6\n%d %d\n255\n" % (self.width, self.height) + bytes(self.rgb))

    def means(self, side):
        """Of each square block, the mean of each colour."""
        result = []
        for top in range(0, self.height, side):
            rows = range(top, min(top + side, self.height))
            for left in range(0, self.width, side):
                right = min(left + side, self.width)
                block = b"".join(
                    self.rgb[3 * (row * self.width + left) : 3 * (row * self.width + right)]
                    for row in rows
                )
                count = len(block) // 3
                result.append(tuple(sum(block[c::3]) / count for c in range(3)))
        return result

    def distance(self, other, side=16):
        """The largest difference of block means, 0 to 255; 256 for another size.

        JPEG keeps means well, and one character that is another, or missing, or
        elsewhere changes the means of its block by far more than JPEG does.
        """
        if (self.width, self.height) != (other.width, other.height):
            return 256
        return max(
            abs(a - b)
            for mine, others in zip(self.means(side), other.means(side))
            for a, b in zip(mine, others)
        )


class Client:
    """One connection. `pixels` are blue, green, red and a byte of nothing."""

    def __init__(self, port, host="127.0.0.1"):
        self.socket = socket.create_connection((host, port), TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.width = self.height = 0
        self.pixels = bytearray()
        self.buttons = 0
        self.updates = 0
        self.greet()

    def close(self):
        self.socket.close()

    def read(self, count):
        data = bytearray(count)
        view, got = memoryview(data), 0
        while got < count:
            part = self.socket.recv_into(view[got:])
            if part == 0:
                raise Ended("the server closed the connection")
            got += part
        return data

    def unpack(self, form):
        return struct.unpack(form, self.read(struct.calcsize(form)))

    def greet(self):
        if self.read(12) != b"RFB 003.008\n":
            raise Ended("not RFB 3.8")
        self.socket.sendall(b"RFB 003.008\n")
        (count,) = self.unpack(">B")
        if count == 0 or 1 not in self.read(count):
            raise Ended("no security type None")
        self.socket.sendall(b"\x01")
        if self.unpack(">I") != (0,):
            raise Ended("refused")
        self.socket.sendall(b"\x01")
        width, height, _, length = self.unpack(">HH16sI")
        self.read(length)
        self.resize(width, height)
        form = struct.pack(">BBBBHHHBBB3x", 32, 24, 0, 1, 255, 255, 255, 16, 8, 0)
        self.socket.sendall(b"\0\0\0\0" + form)
        self.socket.sendall(struct.pack(">BxHii", 2, 2, RAW, DESKTOP_SIZE))
        self.request(False)

    def resize(self, width, height):
        self.width, self.height = width, height
        self.pixels = bytearray(4 * width * height)

    def request(self, incremental=True):
        message = struct.pack(">BBHHHH", 3, incremental, 0, 0, self.width, self.height)
        self.socket.sendall(message)

    def rectangle(self):
        x, y, width, height, encoding = self.unpack(">HHHHi")
        if encoding == DESKTOP_SIZE:
            self.resize(width, height)
            return True
        if encoding != RAW or x + width > self.width or y + height > self.height:
            raise Ended("a rectangle that was not asked for: encoding %d" % encoding)
        data = self.read(4 * width * height)
        for row in range(height):
            at = 4 * ((y + row) * self.width + x)
            self.pixels[at : at + 4 * width] = data[4 * width * row : 4 * width * (row + 1)]
        return False

    def message(self):
        (kind,) = self.unpack(">B")
        if kind == 0:
            (count,) = self.unpack(">xH")
            resized = False
            for _ in range(count):
                resized |= self.rectangle()
            self.updates += 1
            self.request(not resized)
        elif kind == 1:
            _, count = self.unpack(">xHH")
            self.read(6 * count)
        elif kind == 3:
            (length,) = self.unpack(">3xI")
            self.read(length)
        elif kind != 2:
            raise Ended("message %d from the server" % kind)

    def pump(self, seconds):
        """Takes what arrives, for that long."""
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.socket], [], [], left)[0]:
                return
            self.message()

    def picture(self):
        rgb = bytearray(3 * self.width * self.height)
        for colour in range(3):
            rgb[colour::3] = self.pixels[2 - colour :: 4]
        return Picture(self.width, self.height, rgb)

    # What a person does

    def key_events(self, *events):
        """(keysym, down) pairs in one piece."""
        self.socket.sendall(
            b"".join(struct.pack(">BBxxI", 4, down, keysym) for keysym, down in events)
        )

    def press(self, keysym):
        self.key_events((keysym, True), (keysym, False))

    def type(self, text, caps=False):
        """As fast as the socket takes it, with Shift as a US keyboard needs it."""
        events = []
        for character in text:
            keysym = KEY_RETURN if character == "\n" else ord(character)
            shift = character in SHIFTED
            if character.isalpha():
                shift = character.isupper() != caps
            if shift:
                events.append((KEY_SHIFT, True))
            events += [(keysym, True), (keysym, False)]
            if shift:
                events.append((KEY_SHIFT, False))
        self.key_events(*events)

    def point(self, x, y, buttons=0):
        self.socket.sendall(struct.pack(">BBHH", 5, buttons, x, y))
