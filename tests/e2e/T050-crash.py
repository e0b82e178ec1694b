#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""T050-crash.py [--all]: every scenario is killed at every durable step, and must come to the same end (crash.py).
--all: each point also at its second, third and fifth passage, and a table.
"""
import concurrent.futures
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from crash import LIST, short, whole  # noqa: E402
from plenary_site import PATIENCE, key_of, message, run, wait_for  # noqa: E402

ANN, BOB, EVE, MOD = "ann@example.org", "bob@example.net", "eve@example.com", "mod@example.org"


def main_job(s):
    """join, post, hold, accept, reject, leave"""
    site = s.site
    s.start()
    s.join(ANN)
    s.join(BOB)
    copy = s.copy(s.post(ANN, "First", {ANN, BOB}), BOB)
    held = s.post(EVE, "Outside", {ANN, BOB})
    site.reply(s.notice(MOD, "Outside"), MOD, "accept\n")
    s.copy(held, ANN)
    s.post(EVE, "Unwanted", ())
    site.reply(s.notice(MOD, "Unwanted"), MOD, "reject not here\n")
    s.notice(EVE, "not accepted")
    leave = re.search(r"<mailto:([^>]+)>", copy.message["List-Unsubscribe"])[1]
    site.send(BOB, leave, "leave")
    s.notice(BOB, "left")
    s.members.discard(BOB)
    s.copy(s.post(ANN, "Last", {ANN}), ANN)


def burst(s):
    """thirty posts at once, and a relay that says 451 to some"""
    site = s.site
    s.start()
    people = [f"m{i}@example.org" for i in range(5)]
    s.members.update(people)
    for p in people:
        s.cli("subscribe", "dc-test", p, done="member")
    refusals = iter(["451 4.2.0 not now"] * 8)
    site.sink.replies[people[0]] = lambda: next(refusals, None)
    with concurrent.futures.ThreadPoolExecutor(5) as pool:
        for done in [pool.submit(s.post, people[i % 5], f"Burst {i}", people) for i in range(30)]:
            done.result()
    wait_for(lambda: not any(True for _ in site.rows("SELECT 1 FROM delivery WHERE attempts = 0"))
             and not any(os.listdir(os.path.join(site.state, d)) for d in ("spool/new", "spool/cur")),
             "every post to be tried")
    end = time.time() + PATIENCE
    while site.rows("SELECT 1 FROM delivery") and time.time() < end:
        s.cli("queue", "flush")
        time.sleep(0.3)


def by_command(s):
    """held posts decided by the command"""
    s.start()
    s.cli("subscribe", "dc-test", ANN, done="member")
    s.members.add(ANN)
    one = s.post(EVE, "One", {ANN})
    s.post(EVE, "Two", ())
    held = wait_for(lambda: (lambda h: h if len(h) == 2 else None)(s.site.cli("held", json=True)), "two held posts")
    numbers = {h["subject"]: str(h["id"]) for h in held}
    s.cli("accept", numbers["One"], done="decided before")
    s.cli("discard", numbers["Two"], done="decided before")
    s.copy(one, ANN)


def importing(s):
    """an import"""
    box = os.path.join(s.site.root, "old.mbox")
    texts, last = [], None
    for i in range(40):
        data = message(f"m{i}@example.org", LIST, f"Old {i // 4}", f"Hello, number {i}.\n",
                       Date=f"Mon, 03 Jun 2019 10:{i:02d}:00 +0000", In_Reply_To=last if i % 4 else None)
        last = re.search(rb"Message-ID: (\S+)", data)[1].decode()
        s.imported[key_of(last)] = data
        texts.append(b"From x@example.org Mon Jun  3 10:00:00 2019\n" + data + b"\n")
    with open(box, "wb") as f:
        f.writelines(texts)
    out = s.cli("import", "dc-test", box)
    n = {k: int(v) for k, v in re.findall(r"(read|stored|already there|refused) (\d+)", out)}
    assert n["read"] == n["stored"] + n["already there"] == 40 and n["refused"] == 0, out


SCENARIOS = [main_job, burst, by_command, importing]

if __name__ == "__main__":
    sys.exit(whole(SCENARIOS)) if "--all" in sys.argv else run([short(s) for s in SCENARIOS])
