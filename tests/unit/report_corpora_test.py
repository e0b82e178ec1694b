#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads every report of the bounce corpora with report_parse (by report_dump) and compares it with what
Sisimai, flufl.bounce and Mail::DeliveryStatus::BounceParser expect of theirs: whom it names, hard or soft,
and above all what is no failure. The rates are printed, the thresholds asserted. Posts to lists, the replies
of people and a few real vacation notes must not count as failures either.

Without PLENARY_CORPORA this is skipped: tests/data/bounces has our own samples of what matters.
"""
import collections
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

DUMP = os.path.join(os.environ.get("top_builddir", "."), "tests/tools/report_dump")
CORPORA = os.environ.get("PLENARY_CORPORA", "")
BOUNCES = os.path.join(CORPORA, "bounces")

RECIPIENTS_MIN = 0.98
KIND_MIN = 0.95
COUNTED = {"gone", "full", "moved", "expired"}  # reasons that cost a member points
FAILURE = COUNTED | {"policy", "content", "auth", "too-big", "temporary", "other"}
# A challenge that came as a refusal (550 "confirm this server"): a failure, but nobody's fault.
REFUSED_CHALLENGE = "bounceparser/whitelist.msg"
# What flufl's detectors find in a plain mail or an auto-reply, which they report without an address.
NO_BOUNCES = ("groupwise_03.txt", "qmail_08.txt")
POSTS_OF_A_LIST = 1500

failures = []


def dump(files):
    """{file: [(recipient, status, reason, hard or soft)]}; dies if the program does."""
    seen = collections.defaultdict(list)
    for i in range(0, len(files), 200):
        p = subprocess.run([DUMP, *files[i:i + 200]], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if p.returncode != 0:
            sys.exit(f"report_dump: {p.returncode}: {p.stderr.decode(errors='replace')[-2000:]}")
        for line in p.stdout.decode(errors="replace").split("\n"):
            if line:
                name, *rest = line.split("\t")
                seen[name].append(tuple(rest[:4]))
    return seen


def table(name):
    with open(os.path.join(BOUNCES, name), encoding="utf-8") as f:
        head = f.readline().rstrip("\n").split("\t")
        return [dict(zip(head, line.rstrip("\n").split("\t"))) for line in f if line.strip()]


class Rate:
    """How many of what is expected are seen."""

    def __init__(self, what, least):
        self.what, self.least, self.good, self.bad = what, least, 0, []

    def take(self, name, good, seen):
        if good:
            self.good += 1
        else:
            self.bad.append(f"{name}: {seen}")

    def report(self):
        n = self.good + len(self.bad)
        rate = self.good / n if n else 0
        print(f"{self.what}: {self.good} of {n}, {100 * rate:.1f} %")
        if rate < self.least:
            failures.append(f"{self.what}: {100 * rate:.1f} % is under {100 * self.least:.0f} %:\n  "
                            + "\n  ".join(self.bad))


def addresses(rows):
    return sorted(r[0].lower() for r in rows if r[0])


def no_failure(name, rows, allowed=()):
    wrong = [r for r in rows if r[2] in FAILURE and r[2] not in allowed]
    if wrong:
        failures.append(f"{name} is no bounce, but: {wrong}")


def flufl(seen, named):
    rate = Rate("flufl: failed against only late", KIND_MIN)
    for row in table("EXPECTED.flufl.tsv"):
        rows = seen[row["path"]]
        if row["path"].endswith(NO_BOUNCES):
            no_failure(row["path"], rows)
            continue
        if row["addresses"]:
            named.take(row["path"], addresses(rows) == sorted(row["addresses"].lower().split(",")), rows)
            late = any(r[2] == "delayed" for r in rows)
            rate.take(row["path"], late == (row["severity"] == "temporary"), rows)
    rate.report()


def bounceparser(seen, named):
    hard = {"user_unknown": "hard", "spam": "soft", "over_quota": "soft", "message_too_large": "soft"}
    rate = Rate("bounceparser: hard against soft", KIND_MIN)
    with open(os.path.join(BOUNCES, "EXPECTED.bounceparser.jsonl"), encoding="utf-8") as f:
        for row in map(json.loads, f):
            rows = seen[row["path"]]
            if not row["is_bounce"] or row.get("reports") == 0:  # the latter are spam
                refused = row["path"].endswith(REFUSED_CHALLENGE)
                no_failure(row["path"], rows, {"policy"} if refused else ())
                continue
            if row.get("addresses"):
                named.take(row["path"], addresses(rows) == sorted(a.lower() for a in row["addresses"]), rows)
            why = row.get("std_reason", row.get("std_reaons"))
            if why in hard:
                rate.take(row["path"], {r[3] for r in rows} == {hard[why]}, rows)
    rate.report()


def sisimai(seen, named):
    rate = Rate("sisimai: hard against soft", KIND_MIN)
    expected = collections.defaultdict(list)
    for row in table("EXPECTED.sisimai.tsv"):
        expected[row["path"]].append(row)
    for path, want in expected.items():
        rows = seen[path]
        # It tells how many, not whom. Some feedback is on hashed addresses.
        if want[0]["reason"] != "feedback":
            named.take(path, len(addresses(rows)) == len(want), rows)
        if want[0]["reason"] in ("feedback", "vacation", "delivered"):
            no_failure(path, rows, {"auth"} if want[0]["feedback_type"] == "auth-failure" else ())
        # Neither is the order of recipients told: as many hard ones must be there as are expected.
        hard = sum(r["hard_bounce"] == "true" for r in want)
        got = sum(r[3] == "hard" for r in rows)
        for i in range(len(want)):
            rate.take(path, i >= abs(hard - got), rows)
    rate.report()


def folder_is_none(pattern):
    files = [f for f in glob.glob(pattern, recursive=True) if os.path.isfile(f)]
    for name, rows in dump(files).items():
        no_failure(name, rows)
    return len(files)


def posts_are_none():
    n = 0
    with tempfile.TemporaryDirectory() as folder:
        for box in glob.glob(os.path.join(CORPORA, "lists/*.mbox")):
            with open(box, "rb") as f:
                posts = re.split(rb"\n\n(?=From )", f.read(40_000_000))
            for i, post in enumerate(posts[:POSTS_OF_A_LIST]):
                with open(os.path.join(folder, f"{os.path.basename(box)}-{i}"), "wb") as out:
                    out.write(post)
        n = folder_is_none(os.path.join(folder, "*"))
    return n


def main():
    if not CORPORA:
        print("SKIP: PLENARY_CORPORA is not set: the corpora of bounces are not compared")
        sys.exit(77)
    files = [f for f in glob.glob(os.path.join(BOUNCES, "**/*"), recursive=True)
             if os.path.isfile(f) and "/EXPECTED." not in f]
    seen = {os.path.relpath(f, CORPORA): rows for f, rows in dump(files).items()}
    named = Rate("recipients exact", RECIPIENTS_MIN)
    flufl(seen, named)
    bounceparser(seen, named)
    sisimai(seen, named)
    named.report()
    for end in ("not/is-not-bounce-01.eml", "not/is-not-bounce-02.eml"):
        path = f"bounces/permissive/sisimai/maildir/{end}"
        no_failure(path, seen[path])
    for path, rows in seen.items():
        if "/rfc3834-" in path:
            no_failure(path, rows)
    people = folder_is_none(os.path.join(CORPORA, "replies/**/*"))
    posts = posts_are_none()
    print(f"no failure seen in {people} replies of people and {posts} posts to lists")
    if len(seen) < 500 or posts < 1000:
        failures.append(f"only {len(seen)} reports and {posts} posts were read")
    for f in failures:
        print("FAIL:", f)
    sys.exit(1 if failures else 0)


main()
