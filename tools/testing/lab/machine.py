# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors
"""Boots a target, runs one command in it and judges what came of it."""

import contextlib
import ctypes
import glob
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import armhf
import kernellog
from kernels import CACHE, LAB, TOP, LabError, locked, output

# What `lab run` ends with when it is not the command's own exit status.
EXIT_REPORT = 120  # the kernel reported something wrong, or a leak
EXIT_DIED = 121  # the kernel ended before the command did
EXIT_TIMEOUT = 124
EXIT_LAB = 125  # the lab could not do what it was asked to

BOOT_TIMEOUT = 180  # seconds, until the modules are loaded
END_TIMEOUT = 120  # seconds, from the command's end to power off
POLL = 0.02  # seconds between looks at what a target has written
REAP_TRIES = 100
VIEWS_KEPT = 6
LOGS_KEPT = 30
LOG_LINES_SHOWN = 60

DEFAULT_LOAD = "libcomposite dummy_hcd kvmcap kvmcap-sim usb_f_kvmhid"
BUILD = os.path.join(TOP, "build/lab")

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LIBC = ctypes.CDLL(None)


def say(text):
    print("lab: " + text, file=sys.stderr, flush=True)


# --- modules -----------------------------------------------------------------


def our_modules(target):
    """Paths of the project's modules that are built for this target."""
    mirror = os.path.join(TOP, "build/modules", target.release() or "none")
    try:
        with open(mirror + "/modules.order", encoding="utf-8") as order:
            names = order.read().split()
    except FileNotFoundError:
        return []
    paths = []
    for name in names:  # Linux 6.1 lists .ko files, 6.12 objects; some absolute
        path = os.path.join(mirror, os.path.splitext(name)[0] + ".ko")
        if os.path.exists(path):
            paths.append(path)
    return paths


def module_name(path):
    return os.path.basename(path)[: -len(".ko")].replace("-", "_")


def modules_view(target):
    """A /lib/modules with the kernel's modules and ours, as they are now.

    It is never changed once it is made, so that a build does not disturb the
    targets that are running. Returns its path.
    """
    ours = our_modules(target)
    key = hashlib.sha256(target.directory().encode())
    for path in ours:
        status = os.stat(path)
        key.update(("%s %d %d;" % (path, status.st_mtime_ns, status.st_size)).encode())
    view = os.path.join(BUILD, "view-%s-%s" % (target.name, key.hexdigest()[:12]))
    with locked(os.path.join(BUILD, "view.lock")):
        if not os.path.isdir(view):
            make_view(target, ours, view)
        os.utime(view)
        # Running targets have theirs open: more than one is kept.
        keep_newest("view-%s-*" % target.name, VIEWS_KEPT)
    return os.path.join(view, "lib/modules")


def make_view(target, ours, view):
    temporary = view + ".new"
    shutil.rmtree(temporary, ignore_errors=True)
    tree = os.path.join(temporary, "lib/modules", target.release())
    os.makedirs(tree + "/kvmcap")
    os.symlink(target.modules() + "/kernel", tree + "/kernel")
    for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
        shutil.copy(os.path.join(target.modules(), name), tree)
    for path in ours:
        shutil.copy2(path, tree + "/kvmcap")
    output(["depmod", "-b", temporary, target.release()])
    os.rename(temporary, view)


def keep_newest(pattern, count):
    """Removes all but the newest few files or directories of a kind."""
    found = {}
    for path in glob.glob(os.path.join(BUILD, pattern)):
        with contextlib.suppress(FileNotFoundError):
            found[path] = os.path.getmtime(path)
    for path in sorted(found, key=found.get, reverse=True)[count:]:
        shutil.rmtree(path, ignore_errors=True)
        with contextlib.suppress(OSError):
            os.unlink(path)


# --- the run directory -------------------------------------------------------


def guest_environment(target):
    """The caller's, but for what is about the machine's own /tmp and session."""
    gone = ("TMPDIR", "XDG_RUNTIME_DIR", "DISPLAY", "WAYLAND_DISPLAY", "MAKEFLAGS")
    env = {key: value for key, value in os.environ.items() if key not in gone}
    env.setdefault("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
    env["HOME"] = os.environ.get("HOME", "/root")
    env["KVMCAP_TARGET"] = target.name
    return ["%s=%s" % item for item in env.items()]


class RunDirectory:
    """What guest-init reads and writes; see there."""

    def __init__(self, target, options):
        os.makedirs(BUILD, exist_ok=True)
        self.path = tempfile.mkdtemp(prefix="run-%s-" % target.name, dir=BUILD)
        self.log = self.path + "/kernel.log"
        ours = [module_name(path) for path in our_modules(target)]
        load = DEFAULT_LOAD if options.load is None else options.load
        self.write("top", TOP)
        self.write("cache", CACHE)
        self.write("target", target.name)
        self.write("halt", target.halt)
        self.target = target
        if target.remote:
            self.write("remote", "")
        self.write("modules", modules_view(target))
        self.write("load", load)
        self.write("ours", "".join(name + "\n" for name in ours))
        self.write("cwd", os.getcwd())
        self.write("environ", "".join(v + "\0" for v in guest_environment(target)))
        self.write("command", "".join(word + "\0" for word in options.command))
        for name in ("stdout", "stderr", "unload"):
            self.write(name, "")
        self.write("stdin", "")
        if options.stdin:
            with open(self.path + "/stdin", "wb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file)
        if options.leaks and target.name == "uml":
            self.write("leaks", "")

    def write(self, name, text):
        with open(os.path.join(self.path, name), "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))

    def read(self, name):
        try:
            with open(os.path.join(self.path, name), "rb") as file:
                return file.read().decode("utf-8", "replace").strip()
        except FileNotFoundError:
            return ""

    def has(self, name):
        return os.path.exists(os.path.join(self.path, name))

    def arrived(self, name):
        """Whether the target has got as far as to write this file."""
        if self.target.remote:
            return any(kernellog.MARK + name in line for line in kernellog.lines(self.log))
        return self.has(name) and (name == "started" or bool(self.read(name)))

    def take_results(self):
        if self.target.remote:
            armhf.take_results(self)

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)
        for more in glob.glob(self.path + ".*"):
            if not more.endswith(".log"):
                os.unlink(more)


# --- the machine's process ---------------------------------------------------


def uml_command(target, run, options):
    console = "con0=null,fd:1"
    if options.console:
        run.write("console", "/dev/ttyS0")
        console += " ssl0=fd:0,fd:3"
    command = [
        target.image(),
        "mem=" + options.memory,
        "rootfstype=hostfs",
        "root=/dev/root",
        "rw",
        "init=" + os.path.join(LAB, "guest-init"),
        "kvmcap_run=" + run.path,
        "uml_dir=" + run.path,
        "umid=uml",
        "con=null",
        "ssl=null",
        *console.split(),
    ]
    if options.dtb:
        command.append("dtb=" + os.path.realpath(options.dtb))
    return command


def qemu_command(target, run, options):
    arguments = "console=ttyS0 kvmcap_run=%s kvmcap_top=%s" % (run.path, TOP)
    # A loaded machine may leave an emulated CPU alone for a long time.
    arguments += " rcupdate.rcu_cpu_stall_timeout=150 watchdog_thresh=60"
    arguments += " nokaslr mitigations=off random.trust_cpu=on"
    share = "local,path=%s,mount_tag=%s,security_model=none,multidevs=remap"
    command = [
        "qemu-system-x86_64",
        *("-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "max"),
        # Firmware lists one processor of each socket to kernels without ACPI.
        *("-smp", "%d,sockets=%d" % (options.smp, options.smp), "-m", options.memory),
        *("-nodefaults", "-no-user-config", "-display", "none", "-nic", "none"),
        "-no-reboot",
        *("-kernel", target.image(), "-initrd", target.initramfs()),
        *("-serial", "file:" + run.log),
        *("-virtfs", share % ("/", "root")),
        *("-virtfs", share % (run.path, "run")),
        *("-device", "virtio-rng-pci"),
    ]
    if options.console:
        run.write("console", "/dev/ttyS1")
        command += ["-chardev", "stdio,id=user,signal=off", "-serial", "chardev:user"]
    if options.dtb:
        raise LabError("%s takes no device tree" % target.name)
    return command, arguments


def remote_command(target, run, options):
    command, arguments = target.qemu_command(run, options)
    if options.console:
        run.write("console", "/dev/ttyS3")
        command += ["-chardev", "stdio,id=user,signal=off", "-serial", "chardev:user"]
    return command, arguments


def full_command(target, run, options):
    """The machine's command with the kernel's own arguments."""
    common = (
        "loglevel=8 ignore_loglevel printk.devkmsg=on printk.time=1 "
        "panic=-1 oops=panic " + options.append
    )
    if target.name == "uml":
        return uml_command(target, run, options) + common.split()
    machine_command = remote_command if target.remote else qemu_command
    command, arguments = machine_command(target, run, options)
    return command + ["-append", arguments + " " + common]


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def start(target, run, options):
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    command = full_command(target, run, options)
    keep = ()
    stdin, stdout = subprocess.DEVNULL, run.log
    if options.console:
        stdin = None
        if target.name == "uml":
            os.dup2(1, 3)
            keep = (3,)
    with open(stdout, "ab") as log:
        qemu_stdout = None if options.console and target.name != "uml" else log
        return subprocess.Popen(
            command,
            stdin=stdin,
            stdout=qemu_stdout,
            stderr=log,
            pass_fds=keep,
            start_new_session=not options.console,
            preexec_fn=die_with_parent,
        )


def descendants():
    """Everything below this process: being a subreaper, nothing gets away."""
    parents = {}
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                text = file.read()
        except (FileNotFoundError, ProcessLookupError):
            continue
        state, parent = text[text.rindex(")") + 2 :].split()[:2]
        if state != "Z":
            parents[int(path.split("/")[2])] = int(parent)
    below, grown = {os.getpid()}, True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in below} - below
        below |= more
        grown = bool(more)
    return below - {os.getpid()}


def kill_all(process):
    """Ends the machine and all that it has started."""
    for _ in range(REAP_TRIES):
        left = descendants()
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass
        if not left:
            break
        time.sleep(0.05)
    process.poll()


# --- one run -----------------------------------------------------------------


class Follower:
    """Copies a growing file to a stream, byte for byte."""

    def __init__(self, path, stream):
        self.file = open(path, "rb")  # pylint: disable=consider-using-with
        self.stream = stream

    def copy(self):
        data = self.file.read()
        if data:
            self.stream.write(data)
            self.stream.flush()


class Machine:
    """One boot for one command."""

    def __init__(self, target, options):
        self.options = options
        self.target = target
        self.run = RunDirectory(target, options)
        self.followers = [
            Follower(self.run.path + "/stdout", sys.stdout.buffer),
            Follower(self.run.path + "/stderr", sys.stderr.buffer),
        ]

    def wait_for(self, process, name, seconds):
        """True as soon as guest-init wrote the file; False if it cannot any more."""
        end = time.monotonic() + seconds
        while not self.run.arrived(name):
            for follower in self.followers:
                follower.copy()
            if process.poll() is not None and not self.run.arrived(name):
                return False
            if time.monotonic() > end:
                raise TimeoutError
            time.sleep(POLL)
        return True

    def boot(self):
        """Runs it. Returns (status or None, what went wrong or None)."""
        process = start(self.target, self.run, self.options)
        stage, seconds = "booting", BOOT_TIMEOUT
        try:
            self.wait_for(process, "started", BOOT_TIMEOUT)
            stage, seconds = "running the command", self.options.timeout
            self.wait_for(process, "status", self.options.timeout)
            stage, seconds = "ending", END_TIMEOUT
            self.wait_for(process, "ended", END_TIMEOUT)
            process.wait(END_TIMEOUT)
        except (TimeoutError, subprocess.TimeoutExpired):
            return EXIT_TIMEOUT, "time-out: still %s after %d s" % (stage, seconds)
        finally:
            kill_all(process)
            self.run.take_results()
            for follower in self.followers:
                follower.copy()
        return None, None

    def judge(self):
        """The exit status, and a sentence if it is not the command's own."""
        status = self.run.read("status")
        log = kernellog.lines(self.run.log)
        if self.run.read("leaks"):
            return EXIT_REPORT, "leaked memory:\n" + kernellog.symbolize(
                self.run.read("leaks"), self.run.read("symbols")
            )
        if kernellog.reports(log):
            return EXIT_REPORT, "the kernel reported something wrong" + (
                "; the command ended with %s" % status if status else ""
            )
        if self.run.read("problems"):
            return EXIT_REPORT, "\n".join(
                part for part in (self.run.read("problems"), self.run.read("unload")) if part
            )
        if not status or self.run.read("ended") != "fine":
            return EXIT_DIED, "the kernel ended before the command did"
        return int(status), None

    def execute(self):
        """Boots, judges, explains. Returns the exit status."""
        try:
            status, problem = self.boot()
            if status is None:
                status, problem = self.judge()
            if status:
                self.explain(status, problem)
            return status
        finally:
            if self.options.log:
                shutil.copy(self.run.log, self.options.log)
            self.run.remove()

    def explain(self, status, problem):
        log = kernellog.lines(self.run.log)
        kept = os.path.join(BUILD, os.path.basename(self.run.path) + ".log")
        if os.path.exists(self.run.log):
            shutil.copy(self.run.log, kept)
            keep_newest("run-*.log", LOGS_KEPT)
        if problem or not self.options.quiet:
            for line in kernellog.excerpt(log, LOG_LINES_SHOWN):
                print("# " + line, file=sys.stderr)
        say("%s: %s" % (self.target.name, problem or "the command ended with %d" % status))
        say("kernel log: " + kept)
