#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The house's own rules, checked on the source: floors, owners of libraries and tables, licence lines, sizes."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from plenary_site import TOP, run  # noqa: E402

FLOORS = {"base": {"base"}, "mail": {"mail", "base"}, "conf": {"conf", "mail", "base"},
          "archive": {"archive", "conf", "mail", "base"}, "web": {"web", "archive", "conf", "mail", "base"},
          "daemon": {"daemon", "conf", "mail", "base"}}
SHIM = r"^(archive/(shim|index_\w+)|tests/bench/\w+)\.(cc|hh)$"
# A header or word that only these files may name.
OWNERS = {
    r"#include <libetpan/": r"^mail/",
    r"#include <libxml/": r"^(mail/html|archive/|tests/)",
    r"#include <xapian": r"^(archive/shim\.hh|tests/bench/)",
    r'#include "archive/(shim|index_\w+)\.hh"': SHIM,
    r"#include <sqlite3\.h>": r"^(base/(db|statement)\.c|tests/)",
    r"#include <microhttpd\.h>": r"^web/",
    r"#include <gnutls/": r"^(daemon|tests)/",
    r"#include <iconv\.h>": r"^mail/charset\.c",
    r"\b(strcpy|sprintf|strtok|strcat|gets)\s*\(": r"^tests/",
}


def sources(*endings):
    out = subprocess.run(["git", "ls-files"], cwd=TOP, capture_output=True, text=True).stdout.split("\n")
    if not any(out):
        out = [os.path.relpath(os.path.join(d, f), TOP) for d, _, fs in os.walk(TOP) for f in fs if "/build" not in d]
    return [f for f in out if f.endswith(endings)]


def read(name):
    with open(os.path.join(TOP, name), encoding="utf-8", errors="replace") as f:
        return f.read()


def floors():
    """no include runs up a floor"""
    bad = []
    for f in sources(".c", ".h", ".cc", ".hh"):
        me = f.split("/")[0]
        for to in re.findall(r'^\s*#\s*include\s+"([a-z]+)/', read(f), re.M) if me in FLOORS else []:
            if to in FLOORS and to not in FLOORS[me]:
                bad.append(f"{f} includes {to}/")
    assert not bad, bad


def owners():
    """each library and each dangerous word stays with its owner"""
    bad = []
    for f in sources(".c", ".h", ".cc", ".hh"):
        text = read(f)
        for pattern, allowed in OWNERS.items():
            if re.search(pattern, text) and not re.match(allowed, f):
                bad.append(f"{f}: {pattern}")
    bad += [f"{f}: C++ outside the shim over Xapian" for f in sources(".cc", ".hh") if not re.match(SHIM, f)]
    assert not bad, bad


def tables():
    """a table is written by the module that owns it, and read by few others"""
    owners = {"subscription": "member", "member_event": "member_event", "ticket": "ticket", "held": "held", "delivery": "queue",
              "out": "queue", "seen": "seen", "duplicate": "seen", "list_seq": "seen", "flood": "flood",
              "bounce": "bounce", "quota": "quota", "moderator": "moderator", "refused": "refused", "refused_post": "refused", "refused_news": "refused",
              "conduct_case": "conduct", "conduct_event": "conduct", "conduct_seal": "seal", "fate": "fate",
              "speaking": "speaking", "term_told": "speaking",
              "digest_item": "digest", "digest_issue": "digest"}
    # Who gets a mail is one statement, and that statement is the queue's.
    readers = {"subscription": {"queue"}, "member_event": {"queue"}}
    bad = []
    for f in sources(".c"):
        if not f.startswith("daemon/") or f == "daemon/listdb.c":
            continue
        module = os.path.basename(f)[:-2]
        sql = " ".join(re.findall(r'"((?:[^"\\]|\\.)*)"', read(f)))
        for table, owner in owners.items():
            writes = re.search(rf"\b(INTO|UPDATE|DELETE FROM) {table}\b", sql)
            reads = re.search(rf"\b(FROM|JOIN) {table}\b", sql)
            if module != owner and (writes or (reads and module not in readers.get(table, ()))):
                bad.append(f"{f}: {table}")
    assert not bad, bad


def licences():
    """every source file says its licence in its first three lines"""
    bad = [f for f in sources(".c", ".h", ".cc", ".hh", ".py", ".sh", ".mk", ".am", ".css")
           if "SPDX-License-Identifier: GPL-2.0-or-later" not in "\n".join(read(f).split("\n")[:3])]
    assert not bad, bad


def sizes():
    """no function is longer than 120 lines"""
    try:
        out = subprocess.run(["ctags", "--output-format=json", "--fields=+ne", "--kinds-C=f", "--kinds-C++=f", "-f", "-",
                              *sources(".c", ".cc")], cwd=TOP, capture_output=True, text=True).stdout
    except FileNotFoundError:
        return "universal-ctags is not installed"
    import json
    long = []
    for line in out.splitlines():
        t = json.loads(line)
        if "end" in t and t["end"] - t["line"] + 1 > 120:
            long.append(f"{t['path']}:{t['name']} {t['end'] - t['line'] + 1}")
    assert not long, long


if __name__ == "__main__":
    run([floors, owners, tables, licences, sizes])
