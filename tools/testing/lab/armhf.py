# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors
"""The armhf-6.1 target: Debian's kernel for ARM boards on QEMU's ast2600-evb.

Kernel, headers and userspace are Debian's packages for armhf. They are unpacked
into the cache and never installed, by an apt with directories of its own: this
machine's list of architectures stays as it is, and no root is needed.

  armhf-RELEASE/     the kernel, its modules and headers; modpost
  armhf-root-KEY/    the userspace, both what programs are linked with and the
                     root file system; KEY depends on packages-armhf

The machine has no 9p and no virtio. What it runs goes in by the initramfs and
what comes of it comes out by serial lines; see guest-init.
"""

import contextlib
import glob
import hashlib
import os
import re
import shutil
import stat
import subprocess
import tarfile

from kernels import CACHE, LAB, TOP, LabError, Target
from kernels import download, locked, newest_dependency, output, release_of, run, version_key

SERIES = "6.1"
COMPILER = "arm-linux-gnueabihf-"
DEVICE_TREE = "aspeed-ast2600-evb.dtb"
OVERLAY = os.path.join(TOP, "dts/aspeed-ast2600-kvmcap.dtso")
PACKAGES = os.path.join(LAB, "packages-armhf")
KBUILD = "/usr/lib/linux-kbuild-" + SERIES
# Where Debian's linux-kbuild keeps the modpost for kernels like this one.
MODPOST = "usr/lib/linux-kbuild-%s/scripts/mod/modpost.real-lsb-32" % SERIES

# Debian's modules that the project's and the tests need, with what they need.
MODULES = ("configfs", "dummy_hcd", "libcomposite", "usbhid", "hid_generic")
MODULES += ("evdev", "uinput")

# Of the userspace's files, what is only there for programs to be linked with,
# or for people to read.
NOT_IN_ROOT = re.compile(
    r"^usr/(include|share|lib/(python3|gcc|cmake|locale)|lib/[^/]+/(perl|gconv|pkgconfig))"
    r"|\.(a|o|la)$|^(boot|home|var|etc)/|^usr/s?bin/(openssl|perl|localedef)"
)

# The lines to the outside, besides the console at ttyS4: standard output and
# standard error of the command, the results, a terminal. In the device tree
# they are off; QEMU's order is by address, UART5 (the console) first.
LINES = ("783000", "78d000", "78e000", "78f000")
APB = "/ahb/apb/"


def apt_options(state):
    """An apt for armhf alone, which knows of no package that is installed."""
    return "\n".join(
        (
            'APT::Architecture "armhf";',
            'APT::Architectures { "armhf"; };',
            'APT::Install-Recommends "false";',
            'APT::Sandbox::User "";',
            'Acquire::Languages "none";',
            'Dir::State "%s";' % state,
            'Dir::State::status "%s/status";' % state,
            'Dir::Cache "%s";' % state,
            "",
        )
    )


@contextlib.contextmanager
def foreign_apt():
    """The environment for an apt for armhf, for as long as it is needed."""
    state = os.path.join(CACHE, "armhf-apt")
    shutil.rmtree(state, ignore_errors=True)
    for name in ("lists/partial", "archives/partial"):
        os.makedirs(os.path.join(state, name))
    with open(state + "/status", "w", encoding="ascii"):
        pass
    with open(state + "/apt.conf", "w", encoding="utf-8") as file:
        file.write(apt_options(state))
    environment = dict(os.environ, APT_CONFIG=state + "/apt.conf")
    try:
        # One list of several may be out of order on a mirror. Whether the
        # packages are to be had is seen when they are fetched.
        subprocess.run(
            ["apt-get", "update"], env=environment, check=False, capture_output=True
        )
        yield environment
    finally:
        shutil.rmtree(state, ignore_errors=True)


class Cpio:
    """A file system for the kernel to unpack: cpio's "newc" format."""

    TRAILER = "TRAILER!!!"

    def __init__(self, path):
        self.file = open(path, "wb")  # pylint: disable=consider-using-with
        self.names = set()

    def entry(self, name, mode, data):
        number = len(self.names) + 1
        encoded = name.encode("utf-8", "surrogateescape") + b"\0"
        fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(encoded), 0)
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + encoded
        for part in (head, data):
            self.file.write(part + b"\0" * (-len(part) % 4))

    def parents(self, name):
        folder = os.path.dirname(name)
        if folder and folder not in self.names:
            self.parents(folder)
            self.names.add(folder)
            self.entry(folder, stat.S_IFDIR | 0o755, b"")

    def add(self, name, source):
        """One file, link or directory, without what is in it."""
        name = name.lstrip("/")
        if not name or name in self.names:
            return
        self.parents(name)
        self.names.add(name)
        status = os.lstat(source)
        if stat.S_ISLNK(status.st_mode):
            self.entry(name, status.st_mode, os.fsencode(os.readlink(source)))
        elif stat.S_ISDIR(status.st_mode):
            self.entry(name, status.st_mode, b"")
        elif stat.S_ISREG(status.st_mode):
            with open(source, "rb") as file:
                self.entry(name, status.st_mode, file.read())

    def add_tree(self, source, name=None, skip=None):
        """A directory with what is in it; skip matches names below it."""
        name = source if name is None else name
        self.add(name, source)
        for folder, folders, files in os.walk(source):
            for item in folders + files:
                below = os.path.relpath(os.path.join(folder, item), source)
                if not (skip and skip.search(below)):
                    self.add(os.path.join(name, below), os.path.join(folder, item))

    def link(self, name, value):
        self.parents(name.lstrip("/"))
        self.names.add(name.lstrip("/"))
        self.entry(name.lstrip("/"), stat.S_IFLNK | 0o777, value.encode())

    def close(self):
        self.entry(self.TRAILER, 0, b"")
        self.file.write(b"\0" * (-self.file.tell() % 512))
        self.file.close()


class Armhf(Target):
    """Debian's kernel for ARM boards, two Cortex-A7."""

    name = "armhf-" + SERIES
    # Nothing of the machine's file system is there; see RunDirectory.
    remote = True
    halt = "reboot"

    @staticmethod
    def kernels():
        """Directories with a kernel, the newest last."""
        found = glob.glob("%s/armhf-%s.[0-9]*/complete" % (CACHE, SERIES))
        return [
            os.path.dirname(path)
            for path in sorted(found, key=version_key)
        ]

    def directory(self):
        found = self.kernels()
        if not found:
            raise LabError("%s is not fetched: lab build %s" % (self.name, self.name))
        return found[-1]

    def kdir(self):
        release = os.path.basename(self.directory())[len("armhf-") :]
        return os.path.join(self.directory(), "usr/src/linux-headers-" + release)

    def release(self):
        return release_of(self.kdir())

    def image(self):
        return os.path.join(self.directory(), "boot/vmlinuz-" + self.release())

    def device_tree(self):
        return os.path.join(
            self.directory(), "usr/lib/linux-image-" + self.release(), DEVICE_TREE
        )

    @property
    def make_flags(self):
        return (
            "ARCH=arm",
            "CROSS_COMPILE=" + COMPILER,
            "MODPOST=" + self.directory() + "/modpost",
        )

    @staticmethod
    def root():
        with open(PACKAGES, "rb") as packages:
            key = hashlib.sha256(packages.read() + NOT_IN_ROOT.pattern.encode())
        return os.path.join(CACHE, "armhf-root-" + key.hexdigest()[:12])

    def built(self):
        return bool(self.kernels()) and os.path.exists(self.root() + "/initramfs")

    def build(self):
        with locked(CACHE + "/%s.lock" % self.name, "fetching a kernel"):
            if self.built():
                return
            with foreign_apt() as environment:
                if not os.path.exists(self.root() + "/complete"):
                    self.fetch_root(environment)
                if not self.kernels():
                    self.fetch_kernel(environment)
            self.make_modpost()
            self.make_initramfs()

    def make_modpost(self):
        """That of a 64-bit machine takes this kernel's device tables for its own.

        The one built for armhf does not, and runs in QEMU.
        """
        path = self.directory() + "/modpost"
        with open(path, "w", encoding="ascii") as file:
            file.write("#!/bin/sh\nexec qemu-arm -L %s %s.armhf \"$@\"\n" % (self.root(), path))
        os.chmod(path, 0o755)

    def fetch_root(self, environment):
        shutil.rmtree(self.root(), ignore_errors=True)
        # Debian's links, which packages do not bring.
        for name in ("bin", "lib", "sbin"):
            os.makedirs(os.path.join(self.root(), "usr", name))
            os.symlink("usr/" + name, os.path.join(self.root(), name))
        with open(PACKAGES, encoding="ascii") as file:
            names = re.sub(r"#.*", "", file.read()).split()
        run(
            ["apt-get", "install", "-y", "--download-only", *names],
            "downloading the userspace of " + self.name,
            env=environment,
        )
        for package in glob.glob(CACHE + "/armhf-apt/archives/*.deb"):
            run(
                ["dpkg-deb", "-x", package, self.root()],
                "unpacking " + os.path.basename(package),
            )
        with open(self.root() + "/complete", "w", encoding="ascii"):
            pass

    def fetch_kernel(self, environment):
        version = newest_dependency("linux-image-armmp", "linux-image-", env=environment)
        version = version[: -len("-armmp")]
        directory = os.path.join(CACHE, "armhf-%s-armmp" % version)
        shutil.rmtree(directory, ignore_errors=True)
        names = ["linux-image-%s-armmp", "linux-headers-%s-armmp", "linux-headers-%s-common"]
        download(
            [name % version for name in names] + ["linux-kbuild-" + SERIES],
            directory,
            env=environment,
        )
        self.arrange(directory, version)

    def arrange(self, directory, version):
        """What would be otherwise if the packages were installed on a board."""
        shutil.copy(os.path.join(directory, MODPOST), directory + "/modpost.armhf")
        shutil.rmtree(directory + KBUILD)
        os.symlink(KBUILD, directory + KBUILD)
        run(["depmod", "-b", directory, version + "-armmp"], "depmod")
        with open(directory + "/complete", "w", encoding="ascii"):
            pass

    def kernel_modules(self):
        names = output(
            ["modprobe", "-d", self.directory(), "-S", self.release(), "-a", "-D"]
            + list(MODULES)
        )
        return sorted({line.split()[1] for line in names.split("\n") if "insmod" in line})

    def make_initramfs(self):
        """What is the same in all runs."""
        cpio = Cpio(self.root() + "/initramfs.new")
        for name in ("dev", "etc", "proc", "root", "run", "sys", "tmp", "lib/modules"):
            os.makedirs(os.path.join(self.root(), name), exist_ok=True)
        for item in ("complete", "initramfs", "initramfs.new"):
            cpio.names.add(item)
        cpio.add_tree(self.root(), "", NOT_IN_ROOT)
        cpio.link("bin/sh", "bash")
        cpio.close()
        os.rename(self.root() + "/initramfs.new", self.root() + "/initramfs")

    # --- one run -----------------------------------------------------------------

    def make_run(self, directory, view, command):
        """This run's initramfs and device tree, in its directory."""
        initramfs = directory + ".cpio"
        with open(initramfs, "wb") as file, open(self.root() + "/initramfs", "rb") as base:
            shutil.copyfileobj(base, file)
        own = Cpio(initramfs + ".own")
        own.add_tree(os.path.join(TOP, "tools/testing"), skip=re.compile(r"\.[cho]$"))
        own.add_tree(directory)
        own.add_tree(os.path.dirname(os.path.dirname(view)))
        for path in self.kernel_modules():
            own.add(path, path)
        for name in ("bin", "selftests", "tools"):
            path = os.path.join(TOP, "build/armhf", name)
            if os.path.isdir(path):
                own.add_tree(path)
        userspace = os.path.join(TOP, "build/userspace")
        own.link(userspace, "armhf")
        own.add(os.getcwd(), os.getcwd())
        for word in command:
            path = os.path.realpath(word)
            if not path.startswith(TOP + "/") or path.startswith(userspace):
                continue
            if os.path.isdir(path):
                own.add_tree(path)
            elif os.path.exists(path):
                own.add(path, path)
        own.close()
        with open(initramfs, "ab") as file, open(initramfs + ".own", "rb") as own_file:
            shutil.copyfileobj(own_file, file)
        os.unlink(initramfs + ".own")
        return initramfs

    def make_device_tree(self, directory, given):
        """The board's own tree with our overlay, or what was @given instead."""
        tree = directory + ".dtb"
        if given:
            shutil.copy(given, tree)
        else:
            compiled = directory + ".dtbo"
            output(["dtc", "-q", "-@", "-I", "dts", "-O", "dtb", "-o", compiled, OVERLAY])
            output(["fdtoverlay", "-i", self.device_tree(), "-o", tree, compiled])
            os.unlink(compiled)
            # QEMU's AST2600 has no video engine: its place reads as zeroes.
            output(["fdtput", "-t", "s", tree, APB + "video@1e700000", "status", "disabled"])
        for line in LINES:
            output(["fdtput", "-t", "s", tree, "%sserial@1e%s" % (APB, line), "status", "okay"])
        return tree

    def qemu_command(self, run_directory, options):
        path = run_directory.path
        initramfs = self.make_run(path, run_directory.read("modules"), options.command)
        command = [
            "qemu-system-arm",
            *("-machine", "ast2600-evb", "-accel", "tcg,thread=multi"),
            *("-smp", str(options.smp), "-m", "1G"),
            *("-no-user-config", "-display", "none", "-monitor", "none"),
            *("-nic", "none", "-no-reboot"),
            *("-kernel", self.image(), "-initrd", initramfs),
            *("-dtb", self.make_device_tree(path, options.dtb)),
            *("-serial", "file:" + run_directory.log),
            *("-serial", "file:%s/stdout" % path),
            *("-serial", "file:%s/stderr" % path),
            *("-serial", "file:%s/results" % path),
        ]
        arguments = "console=ttyS4 rdinit=%s/guest-init kvmcap_run=%s" % (LAB, path)
        return command, arguments + " rcupdate.rcu_cpu_stall_timeout=150"


def take_results(run_directory):
    """What guest-init sent at its end: files of the tree, at their paths."""
    try:
        with tarfile.open(run_directory.path + "/results", "r:") as archive:
            for member in archive:
                path = os.path.normpath("/" + member.name.lstrip("/"))
                if member.isfile() and path.startswith(TOP + "/build/"):
                    os.makedirs(os.path.dirname(path), exist_ok=True)
                    with open(path, "wb") as file:
                        shutil.copyfileobj(archive.extractfile(member), file)
    except (tarfile.TarError, EOFError, OSError):
        pass
