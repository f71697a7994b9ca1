# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors
"""The rack's host PC: QEMU with a firmware, two disks and one USB device.

It has no network, no PS/2 controller and no other keyboard or pointer than the
BMC's USB device, so what arrives has come the whole way. Its display is QEMU's
own VNC server on a Unix socket, which nobody but rack-screen and tests look at.
"""

import json
import os
import shutil
import socket
import subprocess
import time

import rackimages
from kernels import LabError

FIRMWARES = ("seabios", "ovmf")
OVMF = "/usr/share/OVMF/OVMF_%s_4M.fd"

# How long the firmware offers its boot menu, for people and for scripts.
MENU_SECONDS = 10
MENU_SECONDS_MAX = 65  # 16 bits of milliseconds
MEMORY = "512M"
DEBUG_EXIT = 0x501

QMP_TIMEOUT = 60  # seconds for an answer: everything is slow on a busy machine
START_TIMEOUT = 60  # until QEMU's socket is there
USB_TIMEOUT = 120  # until the BMC's USB device is attached
POLL = 0.1


class Qmp:
    """QEMU's own control channel."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(QMP_TIMEOUT)
        self.socket.connect(path)
        self.file = self.socket.makefile("rw", encoding="utf-8")
        self.file.readline()
        self("qmp_capabilities")

    def __call__(self, command, **arguments):
        self.file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.file.flush()
        while True:
            line = self.file.readline()
            if not line:
                raise LabError("the host PC ended during " + command)
            answer = json.loads(line)
            if "error" in answer:
                raise LabError("the host PC: %s: %s" % (command, answer["error"]["desc"]))
            if "return" in answer:
                return answer["return"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()


class Host:
    """One power-on of the host PC, from a directory that it may write to."""

    def __init__(self, run, usb_address, menu_seconds=MENU_SECONDS):
        self.run = run
        self.usb_address = usb_address
        self.menu_seconds = menu_seconds
        self.process = None
        self.disks = rackimages.directory()

    def path(self, name):
        return os.path.join(self.run, name)

    def firmware_arguments(self, firmware):
        if firmware == "seabios":
            return []
        if not os.path.exists(self.path("ovmf-vars.fd")):
            shutil.copy(OVMF % "VARS", self.path("ovmf-vars.fd"))
        drive = "if=pflash,format=raw,file="
        return [
            *("-drive", drive + OVMF % "CODE" + ",readonly=on"),
            *("-drive", drive + self.path("ovmf-vars.fd")),
        ]

    def disk_arguments(self, number, name, label):
        drive = "if=none,id=disk%d,format=raw,snapshot=on,file=%s" % (
            number,
            os.path.join(self.disks, name),
        )
        device = "ide-hd,drive=disk%d,bus=ide.%d,model=%s" % (number, number, label)
        return ["-drive", drive, "-device", device]

    def file_port(self, name, file):
        """A character device that only writes to a file, behind what is there."""
        return ["-chardev", "file,id=%s,append=on,path=%s" % (name, self.path(file))]

    def command(self, firmware):
        address, port = self.usb_address
        return [
            "qemu-system-x86_64",
            *("-name", "kvmcap-host", "-machine", "q35,i8042=off,smm=off,vmport=off"),
            *("-global", "apic-common.vapic=off"),
            *("-accel", "tcg", "-cpu", "qemu64", "-m", MEMORY),
            *("-nodefaults", "-no-user-config", "-nic", "none"),
            *("-display", "none", "-device", "VGA", "-vnc", "unix:host.vnc"),
            *("-qmp", "unix:host.qmp,server=on,wait=off"),
            *("-boot", "menu=on,splash-time=%d" % (1000 * self.menu_seconds)),
            *self.firmware_arguments(firmware),
            *self.file_port("firmware", "firmware.log"),
            *("-device", "isa-debugcon,iobase=0x402,chardev=firmware"),
            *self.file_port("console", "console.log"),
            *("-serial", "chardev:console"),
            *self.file_port("events", "events.log"),
            *("-serial", "chardev:events"),
            *("-device", "isa-debug-exit,iobase=%#x,iosize=1" % DEBUG_EXIT),
            *("-device", "qemu-xhci"),
            *("-chardev", "socket,id=usb,host=%s,port=%d,reconnect=1" % (address, port)),
            *("-device", "usb-redir,id=kvm,chardev=usb"),
            *self.disk_arguments(0, "linux.img", "kvmcap Linux"),
            *self.disk_arguments(1, "uefi.img", "UEFI firmware (OVMF)"),
        ]

    def qmp(self):
        # A path of its own may be too long for a socket's name.
        return Qmp(os.path.relpath(self.path("host.qmp")))

    def start(self, firmware, popen):
        """popen starts a process where the BMC can be reached."""
        for name in ("host.vnc", "host.qmp"):
            if os.path.exists(self.path(name)):
                os.unlink(self.path(name))
        with open(self.path("host.log"), "ab") as log:
            self.process = popen(
                self.command(firmware),
                cwd=self.run,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def first_qmp(self):
        """The control channel, as soon as QEMU listens."""
        end = time.monotonic() + START_TIMEOUT
        while True:
            try:
                return self.qmp()
            except (FileNotFoundError, ConnectionError):
                pass
            if self.process.poll() is not None:
                with open(self.path("host.log"), encoding="utf-8") as log:
                    raise LabError("the host PC does not start: " + log.read().strip())
            if time.monotonic() > end:
                raise LabError("the host PC did not start in %d s" % START_TIMEOUT)
            time.sleep(POLL)

    def power_on(self, check):
        """Firmware looks for a keyboard once, so it starts anew when there is one.

        QEMU attaches what is redirected only to a machine that is running. check()
        raises if there is no use in waiting.
        """
        end = time.monotonic() + USB_TIMEOUT
        with self.first_qmp() as qmp:
            while not qmp("qom-get", path="/machine/peripheral/kvm", property="attached"):
                check()
                if time.monotonic() > end:
                    raise LabError("no USB device from the BMC in %d s" % USB_TIMEOUT)
                time.sleep(POLL)
            qmp("stop")
            os.truncate(self.path("firmware.log"), 0)
            qmp("system_reset")
            qmp("cont")

    def next_firmware(self):
        """What to start again with after it has ended, None to leave it off."""
        for firmware, byte in rackimages.RESTART.items():
            if self.process.returncode == 2 * byte + 1:
                return firmware
        return None
