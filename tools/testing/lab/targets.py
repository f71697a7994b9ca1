# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors
"""All targets of the lab, by their names."""

import armhf
import kernels
from kernels import LabError

TARGETS = {
    target.name: target
    for target in (
        kernels.Uml(),
        kernels.Amd64("6.1", True),
        kernels.Amd64("6.12", False),
        armhf.Armhf(),
        kernels.Kcsan(),
    )
}


def target(name):
    if name not in TARGETS:
        raise LabError("no target %s; there are %s" % (name, ", ".join(TARGETS)))
    return TARGETS[name]
