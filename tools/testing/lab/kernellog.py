# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors
"""Judges a kernel log: which lines are reports of something that is wrong."""

import re

# One pattern for each kind of report that a kernel makes of its own accord.
REPORTS = re.compile(
    "|".join(
        (
            r"------------\[ cut here \]------------",
            r"\bWARNING: ",
            r"\bBUG: ",
            r"\bBUG [\w-]+ \(",
            r"\bOops\b",
            r"general protection fault",
            r"Kernel panic",
            r"Kernel mode fault",
            r"\bKASAN: ",
            r"\bKCSAN: ",
            r"\bUBSAN: ",
            r"INFO: task .* blocked for more than",
            r"INFO: possible ",
            r"INFO: trying to register non-static key",
            r"suspicious RCU usage",
            r"detected stalls? on",
            r"self-detected stall",
            r"soft lockup",
            r"hard LOCKUP",
            r"\bODEBUG: ",
            r"refcount_t: ",
            r"list_(add|del) corruption",
            r"page allocation failure",
            r"sysfs: cannot create duplicate filename",
            r"kobject_add_internal failed",
            r"invoked oom-killer",
            r"kmemleak: .* new suspected memory leaks",
            r"trying to free (already-free|invalid)",
            r"bad unlock balance",
            r"\bCall Trace:",
        )
    )
)

# Said by the lab's own init, so that what a command caused can be told from
# what its boot said.
MARK = "kvmcap-lab: "
START_MARK = MARK + "started"

# Lines before a report that are shown with it.
REPORT_LEAD = 5
# Bytes behind a function's start that may still be taken for a part of it.
MODULE_SPAN = 0x4000


def lines(path):
    """The log as text lines, without a terminal's carriage returns."""
    try:
        with open(path, "rb") as log:
            text = log.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return []
    return [line.rstrip("\r") for line in text.split("\n")]


def reports(log_lines):
    """Numbers of the lines that start a report, a report's own lines once."""
    found = []
    for number, line in enumerate(log_lines):
        if REPORTS.search(line):
            found.append(number)
    return found


def excerpt(log_lines, wanted):
    """What to show of a log: its first report, else what it says of the command."""
    found = reports(log_lines)
    if found:
        first = max(0, found[0] - REPORT_LEAD)
        return log_lines[first : first + wanted]
    shown = [line for line in log_lines if line]
    for number, line in enumerate(shown):
        if START_MARK in line:
            shown = shown[number:]
            break
    return shown[-wanted:]


def symbolize(leaks, symbols):
    """kmemleak's text, with names for addresses in modules that are gone."""
    table = []
    for line in symbols.split("\n"):
        words = line.split()
        if len(words) == 4 and words[1] in "tT":
            table.append((int(words[0], 16), words[2] + " " + words[3]))
    table.sort()

    def name(match):
        address = int(match.group(1), 16)
        below = [entry for entry in table if entry[0] <= address]
        if not below or address - below[-1][0] > MODULE_SPAN:
            return match.group(0)
        return "%s %s+0x%x" % (match.group(0), below[-1][1], address - below[-1][0])

    return re.sub(r"\[<([0-9a-f]{8,})>\](?= 0x)", name, leaks)

