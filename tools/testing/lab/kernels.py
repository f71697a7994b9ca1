# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors
"""The kernels that the lab boots: where they come from, where they are kept.

Everything is kept in a cache folder outside the tree, because it takes long to
make and does not depend on the tree:

  src/linux-source-6.12/  Debian's source of 6.12, unpacked
  uml-KEY/                the User-Mode kernel built from it; KEY depends on the
                          configuration and on the source's version
  amd64-kcsan-KEY/        a kernel built from it that looks for data races
  amd64-RELEASE/          Debian's kernel and modules, unpacked, not installed
  armhf-...               see armhf.py
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
SOURCE_FILES = 87000
JOBS = "-j%d" % (os.cpu_count() or 1)

# Kernels and disks of the past that are kept, for those who go back and forth.
CACHE_KEPT = 3


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


def prune_cache(pattern, keep=None):
    """Removes what is out of date of a kind: all but the newest few, and keep."""
    found = [
        path
        for path in glob.glob(os.path.join(CACHE, pattern))
        if os.path.isdir(path) and not os.path.islink(path) and path != keep
    ]
    for path in sorted(found, key=os.path.getmtime, reverse=True)[CACHE_KEPT:]:
        shutil.rmtree(path, ignore_errors=True)


class Target:
    """A kernel that can be booted. image(), modules() and kdir() are paths."""

    name = ""
    make_flags = ()
    # What its init is to say to the kernel at the end.
    halt = "poweroff"
    # Whether the machine's own file system is out of its reach.
    remote = False

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


class BuiltKernel(Target):
    """A kernel built from Debian's source, with every checker that it has."""

    arch = ""
    # make's goal for a configuration to start from; further words for a build
    base_config = "defconfig"
    goals = ()
    # What `make` prints for a whole kernel, for the percentage only.
    build_lines = 1

    def config(self):
        return os.path.join(LAB, self.name.split("-")[-1] + ".config")

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
        with open(self.config(), "rb") as config:
            key = hashlib.sha256(config.read() + self.source_version().encode())
        return os.path.join(CACHE, "%s-%s" % (self.name, key.hexdigest()[:12]))

    kdir = directory

    def compiled(self):
        return os.path.exists(self.directory() + "/complete")

    def built(self):
        return self.compiled()

    def build(self):
        with locked(CACHE + "/%s.lock" % self.name, "building a kernel"):
            if self.compiled():
                return
            with locked(CACHE + "/src.lock", "unpacking a source"):
                self.unpack()
            self.configure()
            self.compile()
            self.strip()
            prune_cache(self.name + "-[0-9a-f]*", self.directory())

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
        where = ["ARCH=" + self.arch, "O=" + self.directory()]
        return ["make", "-C", self.source(), *where, *arguments]

    def configure(self):
        directory = self.directory()
        os.makedirs(directory, exist_ok=True)
        merge = os.path.join(self.source(), "scripts/kconfig/merge_config.sh")
        run(self.make(self.base_config), "configuring the kernel for " + self.name)
        run(
            [merge, "-m", "-O", directory, directory + "/.config", self.config()],
            "merging its configuration",
        )
        run(self.make("olddefconfig"), "completing the configuration")
        self.check_config()

    def check_config(self):
        """Every option asked for has to be there: olddefconfig drops silently."""
        with open(self.directory() + "/.config", encoding="ascii") as file:
            have = set(file.read().split("\n"))
        with open(self.config(), encoding="ascii") as file:
            asked = [line for line in file.read().split("\n") if "CONFIG_" in line]
        # An option that is off may also be absent, with what it depends on.
        lost = [line for line in asked if line[0] != "#" and line not in have]
        on = {line.split("=")[0] for line in have}
        lost += [line for line in asked if line[0] == "#" and line.split()[1] in on]
        if lost:
            raise LabError("%s asks for what cannot be: %s" % (self.config(), ", ".join(lost)))

    def compile(self):
        directory = self.directory()
        with open(directory + "/build.log", "w", encoding="utf-8") as log:
            run(
                self.make(JOBS, *self.goals),
                "building the kernel for %s (once, some minutes)" % self.name,
                self.build_lines,
                log,
            )
        run(
            self.make("INSTALL_MOD_PATH=" + directory, "modules_install"),
            "installing its modules",
        )

    def strip(self):
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


class Uml(BuiltKernel):
    """User-Mode Linux, the everyday target."""

    name = "uml"
    arch = "um"
    make_flags = ("ARCH=um",)
    goals = ("all", "modules")
    build_lines = 1992

    def image(self):
        return os.path.join(self.directory(), "linux")


class Qemu:
    """What targets have in common that QEMU boots from an initramfs."""

    halt = "reboot"
    boot_module_names = ()

    def initramfs(self):
        return os.path.join(self.directory(), "initramfs-" + self.initramfs_key())

    @staticmethod
    def initramfs_key():
        with open(os.path.join(LAB, "initramfs-init"), "rb") as init:
            return hashlib.sha256(init.read()).hexdigest()[:12]

    def boot_modules(self):
        """What is needed to reach the machine's files, in the order of loading."""
        if not self.boot_module_names:
            return []
        names = output(
            ["modprobe", "-d", self.directory(), "-S", self.release(), "-a", "-D"]
            + list(self.boot_module_names)
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


class Kcsan(Qemu, BuiltKernel):
    """A small kernel in QEMU that looks for data races in the project's modules.

    KCSAN_SANITIZE=n: the rest of the kernel is not instrumented. What it races
    with itself is not our matter, and both build and run take a fraction.
    """

    name = "amd64-kcsan"
    arch = "x86_64"
    base_config = "tinyconfig"
    goals = ("KCSAN_SANITIZE=n", "bzImage", "modules")
    build_lines = 1700

    def image(self):
        return os.path.join(self.directory(), "arch/x86/boot/bzImage")

    def build(self):
        super().build()
        with locked(CACHE + "/%s.lock" % self.name, "making an initramfs"):
            if not os.path.exists(self.initramfs()):
                self.make_initramfs()

    def built(self):
        return self.compiled() and os.path.exists(self.initramfs())


def packaged(series):
    """Kernels of Debian's in the cache, with headers; the newest last."""
    found = glob.glob("%s/amd64-%s.[0-9]*/headers" % (CACHE, series))
    return [os.path.dirname(path) for path in sorted(found, key=version_key)]


def version_key(text):
    return [int(number) for number in re.findall(r"\d+", text)]


def download(packages, directory, **options):
    """Debian's packages, unpacked there instead of installed."""
    os.makedirs(directory, exist_ok=True)
    run(["apt-get", "download", *packages], "downloading " + packages[0], cwd=directory, **options)
    for package in glob.glob(directory + "/*.deb"):
        run(["dpkg-deb", "-x", package, directory], "unpacking " + os.path.basename(package))
        os.unlink(package)
    # Headers find their other half by an absolute path.
    for makefile in glob.glob(directory + "/usr/src/linux-headers-*/Makefile"):
        with open(makefile, encoding="utf-8") as file:
            text = file.read()
        if text.startswith("include /usr/src/"):
            with open(makefile, "w", encoding="utf-8") as file:
                file.write(text.replace("/usr/src/", directory + "/usr/src/"))


def newest_dependency(package, prefix, **options):
    """What a package that only names the newest of a kind names."""
    shown = subprocess.run(
        ["apt-cache", "depends", package],
        capture_output=True,
        text=True,
        check=False,
        **options,
    ).stdout
    found = re.search(r"Depends: %s(\S+)" % re.escape(prefix), shown)
    if not found:
        raise LabError("Debian has no %s here (apt-get update?)" % package)
    return found.group(1)


class Amd64(Qemu, Target):
    """Debian's own kernel in QEMU.

    For 6.1 the headers are those that are installed: what DKMS builds against,
    too. For others all comes into the cache, because headers that are installed
    bring a kernel along that this machine would boot next time.
    """

    boot_module_names = ("virtio_pci", "9pnet_virtio", "9p")

    def __init__(self, series, installed):
        self.name = "amd64-" + series
        self.series = series
        self.installed = installed

    def headers(self):
        """Where usr/src is, and which kernel's headers are in it."""
        if not self.installed:
            found = packaged(self.series)
            if not found:
                raise LabError("%s is not fetched: lab build %s" % (self.name, self.name))
            return found[-1] + "/usr/src", os.path.basename(found[-1])[len("amd64-") :]
        found = glob.glob("/usr/src/linux-headers-%s.[0-9]*-amd64" % self.series)
        if not found:
            raise LabError("no headers of Linux %s are installed" % self.series)
        path = max(found, key=version_key)
        return "/usr/src", os.path.basename(path)[len("linux-headers-") :]

    def kdir(self):
        folder, release = self.headers()
        return "%s/linux-headers-%s" % (folder, release)

    def directory(self):
        return os.path.join(CACHE, "amd64-" + self.headers()[1])

    def image(self):
        return os.path.join(self.directory(), "boot/vmlinuz-" + self.release())

    def built(self):
        return (self.installed or packaged(self.series)) and os.path.exists(self.initramfs())

    def build(self):
        with locked(CACHE + "/%s.lock" % self.name, "fetching a kernel"):
            if not self.installed and not packaged(self.series):
                self.fetch_headers()
            if not os.path.exists(self.directory() + "/complete"):
                self.fetch_image()
            if not self.built():
                self.make_initramfs()

    def fetch_headers(self):
        meta = "linux-headers-%s-amd64" % self.series
        release = newest_dependency(meta, "linux-headers-")
        directory = os.path.join(CACHE, "amd64-" + release)
        shutil.rmtree(directory, ignore_errors=True)
        kbuild = newest_dependency("linux-headers-" + release, "linux-kbuild-")
        common = newest_dependency("linux-headers-" + release, "linux-headers-")
        download(
            ["linux-headers-" + release, "linux-headers-" + common, "linux-kbuild-" + kbuild],
            directory,
        )
        with open(directory + "/headers", "w", encoding="ascii"):
            pass

    def fetch_image(self):
        directory, release = self.directory(), self.release()
        download(["linux-image-" + release], directory)
        # Usually done when the package is installed.
        run(["depmod", "-b", directory, release], "depmod")
        with open(directory + "/complete", "w", encoding="ascii"):
            pass
