# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors
"""The kernels that the lab boots: where they come from, where they are kept.

Everything is kept in a cache folder outside the tree, because it takes long to
make and does not depend on the tree:

  src/linux-source-6.12/  Debian's source of 6.12, unpacked
  uml-KEY/                the User-Mode kernel built from it; KEY depends on the
                          configuration and on the source's version
  amd64-RELEASE/          Debian's kernel and modules, unpacked, not installed
"""

import contextlib
import fcntl
import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time

LAB = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.realpath(os.path.join(LAB, "../../.."))
CACHE = os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "kvmcap"
)
SOURCE_PACKAGE = "linux-source-6.12"
# What `make` prints for a whole User-Mode kernel, for the percentage only.
UML_BUILD_LINES = 1992
SOURCE_FILES = 87000
JOBS = "-j%d" % (os.cpu_count() or 1)

# What a QEMU target needs to reach the machine's file system.
BOOT_MODULES = ("virtio_pci", "9pnet_virtio", "9p")


class LabError(Exception):
    """Something that the lab cannot do, in a sentence."""


@contextlib.contextmanager
def locked(path, what=None):
    """One at a time, among all labs of this user."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if what:
                print("lab: waiting for another lab that is " + what, file=sys.stderr, flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Progress:
    """Says on stderr how far something long has got, by counting its lines."""

    INTERVAL = 5  # seconds between lines where stderr is not a terminal

    def __init__(self, what, total):
        self.what, self.total, self.count, self.shown = what, total, 0, 0
        self.tty = sys.stderr.isatty()

    def step(self):
        self.count += 1
        now = time.monotonic()
        if now - self.shown >= (0.2 if self.tty else self.INTERVAL):
            self.shown = now
            self.show("%d %%" % min(99, 100 * self.count // self.total))

    def show(self, text):
        end = "\r" if self.tty else "\n"
        print("lab: %s: %s" % (self.what, text), end=end, file=sys.stderr, flush=True)

    def done(self):
        self.show("done ")
        if self.tty:
            print(file=sys.stderr)


def run(command, what, total=0, log=None, **options):
    """Runs a command that prints a line per step; LabError with its end if it fails."""
    progress = Progress(what, total or 1)
    progress.show("...")
    last = []
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        **options,
    ) as process:
        for line in process.stdout:
            last = last[-30:] + [line]
            if log:
                log.write(line)
            if total:
                progress.step()
    if process.returncode:
        raise LabError("%s failed:\n%s" % (what, "".join(last)))
    if total:
        progress.done()


def output(command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def release_of(kdir):
    """The release that modules built in kdir are for."""
    try:
        with open(kdir + "/include/generated/utsrelease.h", encoding="ascii") as file:
            return re.search(r'"(.*)"', file.read()).group(1)
    except FileNotFoundError:
        return None


class Target:
    """A kernel that can be booted. image(), modules() and kdir() are paths."""

    name = ""
    make_flags = ()

    def kdir(self):
        raise NotImplementedError

    def built(self):
        raise NotImplementedError

    def build(self):
        raise NotImplementedError

    def release(self):
        return release_of(self.kdir())

    def modules(self):
        """The kernel's own modules: what is to be /lib/modules/RELEASE."""
        return os.path.join(self.directory(), "lib/modules", self.release())


class Uml(Target):
    """User-Mode Linux with every checker that it has."""

    name = "uml"
    make_flags = ("ARCH=um",)
    config = os.path.join(LAB, "uml.config")

    @staticmethod
    def source():
        return os.path.join(CACHE, "src", SOURCE_PACKAGE)

    @staticmethod
    def source_version():
        shown = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Version}", SOURCE_PACKAGE],
            capture_output=True,
            text=True,
            check=False,
        )
        if shown.returncode:
            raise LabError("the package %s is not installed" % SOURCE_PACKAGE)
        return shown.stdout

    def directory(self):
        with open(self.config, "rb") as config:
            key = hashlib.sha256(config.read() + self.source_version().encode())
        return os.path.join(CACHE, "uml-" + key.hexdigest()[:12])

    kdir = directory

    def image(self):
        return os.path.join(self.directory(), "linux")

    def built(self):
        return os.path.exists(self.directory() + "/complete")

    def build(self):
        with locked(CACHE + "/uml.lock", "building the uml kernel"):
            if self.built():
                return
            self.unpack()
            self.configure()
            self.compile()
            self.prune()

    def unpack(self):
        """The source; a stamp says which version of it is there, completely."""
        source, version = self.source(), self.source_version()
        stamp = source + ".version"
        if os.path.exists(stamp):
            with open(stamp, encoding="ascii") as file:
                if file.read() == version:
                    return
            os.unlink(stamp)
        shutil.rmtree(source, ignore_errors=True)
        os.makedirs(os.path.dirname(source), exist_ok=True)
        tarball = "/usr/src/%s.tar.xz" % SOURCE_PACKAGE
        run(
            ["tar", "-C", os.path.dirname(source), "-xvf", tarball],
            "unpacking the source of Linux 6.12",
            SOURCE_FILES,
        )
        with open(stamp, "w", encoding="ascii") as file:
            file.write(version)

    def make(self, *arguments):
        return ["make", "-C", self.source(), "ARCH=um", "O=" + self.directory(), *arguments]

    def configure(self):
        directory = self.directory()
        os.makedirs(directory, exist_ok=True)
        merge = os.path.join(self.source(), "scripts/kconfig/merge_config.sh")
        run(self.make("defconfig"), "configuring the uml kernel")
        run(
            [merge, "-m", "-O", directory, directory + "/.config", self.config],
            "merging uml.config",
        )
        run(self.make("olddefconfig"), "completing the configuration")
        self.check_config()

    def check_config(self):
        """Every option asked for has to be there: olddefconfig drops silently."""
        with open(self.directory() + "/.config", encoding="ascii") as file:
            have = set(file.read().split("\n"))
        with open(self.config, encoding="ascii") as file:
            asked = [line for line in file.read().split("\n") if "CONFIG_" in line]
        # An option that is off may also be absent, with what it depends on.
        lost = [line for line in asked if line[0] != "#" and line not in have]
        on = {line.split("=")[0] for line in have}
        lost += [line for line in asked if line[0] == "#" and line.split()[1] in on]
        if lost:
            raise LabError("uml.config asks for what cannot be: " + ", ".join(lost))

    def compile(self):
        directory = self.directory()
        with open(directory + "/build.log", "w", encoding="utf-8") as log:
            run(
                self.make(JOBS, "all", "modules"),
                "building the uml kernel (once, some ten minutes)",
                UML_BUILD_LINES,
                log,
            )
        run(
            self.make("INSTALL_MOD_PATH=" + directory, "modules_install"),
            "installing the uml kernel's modules",
        )

    def prune(self):
        """Keeps what boots and what modules are built against."""
        directory = self.directory()
        for folder, _, names in os.walk(directory):
            kept = folder.startswith((directory + "/scripts", directory + "/lib"))
            for name in names:
                if name.endswith((".o", ".a", ".ko", ".cmd", ".mod.c")) and not kept:
                    os.unlink(os.path.join(folder, name))
        with contextlib.suppress(FileNotFoundError):
            os.unlink(directory + "/vmlinux")
        with open(directory + "/complete", "w", encoding="ascii"):
            pass


class Amd64(Target):
    """Debian's own kernel in QEMU."""

    def __init__(self, series):
        self.name = "amd64-" + series
        self.series = series

    def kdir(self):
        found = glob.glob("/usr/src/linux-headers-%s.[0-9]*-amd64" % self.series)
        if not found:
            raise LabError("no headers of Linux %s are installed" % self.series)
        return max(found, key=lambda path: [int(n) for n in re.findall(r"\d+", path)])

    def directory(self):
        return os.path.join(CACHE, "amd64-" + self.release())

    def image(self):
        return os.path.join(self.directory(), "boot/vmlinuz-" + self.release())

    def initramfs(self):
        return os.path.join(self.directory(), "initramfs-" + self.initramfs_key())

    @staticmethod
    def initramfs_key():
        with open(os.path.join(LAB, "initramfs-init"), "rb") as init:
            return hashlib.sha256(init.read()).hexdigest()[:12]

    def built(self):
        return os.path.exists(self.initramfs())

    def build(self):
        with locked(CACHE + "/%s.lock" % self.name, "fetching a kernel"):
            if not os.path.exists(self.directory() + "/complete"):
                self.download()
            if not self.built():
                self.make_initramfs()

    def download(self):
        directory, release = self.directory(), self.release()
        shutil.rmtree(directory, ignore_errors=True)
        os.makedirs(directory)
        run(
            ["apt-get", "download", "linux-image-" + release],
            "downloading linux-image-" + release,
            cwd=directory,
        )
        (package,) = glob.glob(directory + "/*.deb")
        run(["dpkg-deb", "-x", package, directory], "unpacking " + package)
        os.unlink(package)
        # Usually done when the package is installed.
        run(["depmod", "-b", directory, release], "depmod")
        with open(directory + "/complete", "w", encoding="ascii"):
            pass

    def boot_modules(self):
        """BOOT_MODULES and what they need, in the order of loading."""
        names = output(
            ["modprobe", "-d", self.directory(), "-S", self.release(), "-a", "-D"]
            + list(BOOT_MODULES)
        )
        paths = []
        for line in names.split("\n"):
            words = line.split()
            if words[:1] == ["insmod"] and words[1] not in paths:
                paths.append(words[1])
        return paths

    def make_initramfs(self):
        root = self.initramfs() + ".root"
        shutil.rmtree(root, ignore_errors=True)
        for name in ("bin", "dev", "proc", "sys", "root", "modules"):
            os.makedirs(os.path.join(root, name))
        shutil.copy("/bin/busybox", root + "/bin/busybox")
        os.symlink("busybox", root + "/bin/sh")
        shutil.copy(os.path.join(LAB, "initramfs-init"), root + "/init")
        for number, path in enumerate(self.boot_modules()):
            name = "%02d-%s" % (number, os.path.basename(path))
            shutil.copy(path, os.path.join(root, "modules", name))
        temporary = self.initramfs() + ".new"
        run(
            ["sh", "-c", "find . | busybox cpio -o -H newc >" + temporary],
            "making the initramfs",
            cwd=root,
        )
        os.rename(temporary, self.initramfs())
        shutil.rmtree(root)


TARGETS = {target.name: target for target in (Uml(), Amd64("6.1"), Amd64("6.12"))}


def target(name):
    if name not in TARGETS:
        raise LabError("no target %s; there are %s" % (name, ", ".join(TARGETS)))
    return TARGETS[name]
