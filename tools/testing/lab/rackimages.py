# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors
"""The disks of the rack's host PC, made from Debian's packages.

  rack-KEY/linux.img   a GRUB, for BIOS and for UEFI, and a small Linux
  rack-KEY/uefi.img    a boot sector that asks for the other firmware

They are kept in the cache folder; KEY depends on everything that goes in.
"""

import hashlib
import lzma
import os
import shutil
import tempfile

from kernels import CACHE, LAB, TOP, LabError, locked, output, prune_cache, run
from targets import target

# The host PC runs the kernel of this target: it is in the cache already.
KERNEL = "amd64-6.12"
# What a keyboard and a pointer behind an xHCI controller need.
MODULES = ("xhci_pci", "usbhid", "hid_generic", "evdev")
CONSOLE = os.path.join(TOP, "build/userspace/tools/rack-console")
SOURCES = ("rack-host-init", "rack-grub.cfg", "rack-boot.S", "rackimages.py")

# What is written to port 0x501 (isa-debug-exit) for which firmware; QEMU ends
# with twice that and one.
RESTART = {"ovmf": 0x10, "seabios": 0x11}

# A disk of one sector has no geometry that a BIOS likes.
DISK_SIZE = 1 << 20


def read(path):
    with open(path, "rb") as file:
        return file.read()


def key():
    if not os.path.exists(CONSOLE):
        raise LabError("rack-console is not built: make userspace")
    kernel = target(KERNEL)
    if not kernel.built():
        kernel.build()
    digest = hashlib.sha256(kernel.release().encode())
    for name in SOURCES:
        digest.update(read(os.path.join(LAB, name)))
    digest.update(read(CONSOLE))
    return digest.hexdigest()[:12]


def directory():
    """The folder with the disks; makes them if need be."""
    path = os.path.join(CACHE, "rack-" + key())
    with locked(CACHE + "/rack.lock"):
        if not os.path.isdir(path):
            make(path)
            prune_cache("rack-*", path)
        os.utime(path)
    return path


def make(path):
    work = tempfile.mkdtemp(prefix="rack-new-", dir=CACHE)
    try:
        make_boot_sector(work)
        make_linux(work)
        result = work + "/result"
        os.mkdir(result)
        for name in ("linux.img", "uefi.img"):
            os.rename(os.path.join(work, name), os.path.join(result, name))
        os.rename(result, path)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def make_boot_sector(work):
    object_file, disk = work + "/boot.o", work + "/uefi.img"
    run(
        ["as", "--32", "--defsym", "RESTART_WITH_OVMF=%d" % RESTART["ovmf"]]
        + ["-o", object_file, LAB + "/rack-boot.S"],
        "assembling the boot sector",
    )
    run(
        ["ld", "-m", "elf_i386", "-Ttext", "0x7c00", "--oformat", "binary"]
        + ["-o", disk, object_file],
        "linking the boot sector",
    )
    os.truncate(disk, DISK_SIZE)


def copy_module(source, destination):
    """Uncompressed: insmod of busybox complains before it takes another one."""
    if not source.endswith(".xz"):
        shutil.copy(source, destination)
        return
    with lzma.open(source) as packed, open(destination[: -len(".xz")], "wb") as plain:
        shutil.copyfileobj(packed, plain)


def make_initramfs(work):
    kernel = target(KERNEL)
    root = work + "/initramfs"
    for name in ("bin", "modules"):
        os.makedirs(os.path.join(root, name))
    shutil.copy("/bin/busybox", root + "/bin")
    shutil.copy(CONSOLE, root + "/bin")
    shutil.copy(LAB + "/rack-host-init", root + "/init")
    paths = []
    for line in output(
        ["modprobe", "-d", kernel.directory(), "-S", kernel.release(), "-a", "-D", *MODULES]
    ).split("\n"):
        words = line.split()
        if words[:1] == ["insmod"] and words[1] not in paths:
            paths.append(words[1])
    for number, path in enumerate(paths):
        copy_module(path, "%s/modules/%02d-%s" % (root, number, os.path.basename(path)))
    run(
        ["sh", "-c", "find . | busybox cpio -o -H newc | gzip -1 >../initrd"],
        "making the host PC's initramfs",
        cwd=root,
    )


def make_linux(work):
    make_initramfs(work)
    tree = work + "/disk"
    os.makedirs(tree + "/boot/grub")
    shutil.copy(LAB + "/rack-grub.cfg", tree + "/boot/grub/grub.cfg")
    shutil.copy(target(KERNEL).image(), tree + "/linux")
    shutil.copy(work + "/initrd", tree + "/initrd")
    run(
        ["grub-mkrescue", "-o", work + "/linux.img", "--fonts=", "--locales=", "--themes="]
        + [tree],
        "making the host PC's disk",
    )
