#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""site_bench.py [--small] [--json FILE]: the whole site measured in one run, as ratios where it can be.

  import    messages per second until their pages are written and they can be searched, beside a bare loop of Xapian
            over the same texts (index_bench)
  way       from the 250 to the page, and to the search hit, with 1,000 and with 20,000 messages in the archive
  memory    proportional resident memory (PSS) of all processes, at rest and under load

Wants a plain build: top_builddir names its folder. --small: a tenth of the messages, to see that it runs.
"""
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "e2e"))
from plenary_site import BUILD, DOMAIN, Client, Site, key_of, message  # noqa: E402

SMALL = "--small" in sys.argv
SIZES = (100, 2000) if SMALL else (1000, 20000)
POSTS = 20          # measured one by one
LOAD_POSTS = 60 if SMALL else 600
LOAD_LANES = 8
MEMBERS = 50
ANN = "ann@example.org"
LIST = f"dc-test@{DOMAIN}"
POLL = 0.002


def make_archive(n, folder):
    path = os.path.join(folder, f"{n}.mbox")
    with open(path, "wb") as f:
        subprocess.run([sys.executable, os.path.join(TOP, "tests/tools/gen_archive"), str(n)], stdout=f, check=True)
    return path


def index_rates(path, n):
    """Messages per second of index_bench's three ways over the same texts; {} without that program."""
    program = os.path.join(BUILD, "tests/bench/index_bench")
    if not os.path.exists(program):
        return {}
    out = subprocess.run([program, "-n", str(n), "-r", "1", path], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^(\S.*?) {2,}(\d+) +\d+\.\.\d+ ", out, re.M)
    assert len(found) == 3, out
    return {name: int(rate) for name, rate in found}


def importing(site, path, n):
    t = time.monotonic()
    out = site.cli("import", "dc-test", path)
    took = time.monotonic() - t
    assert f"read {n}, stored {n}," in out, out
    return n / took


def until(what, limit=60):
    end = time.monotonic() + limit
    while not what():
        assert time.monotonic() < end, "never came"
        time.sleep(POLL)


def ways(site):
    """Seconds from 250 to page, and to search hit, of single posts on a quiet site."""
    pages, hits = [], []
    for i in range(POSTS + 1):
        word = f"quokka{os.getpid()}x{i}x{'abcdefghij'[i % 10]}"
        data = message(ANN, LIST, f"Measure {i}", f"{word} is the word to be found.\n")
        key = key_of(re.search(rb"Message-ID: (\S+)", data)[1].decode())
        assert site.lmtp(ANN, LIST, data)[-1][0] == 250
        t = time.monotonic()
        until(lambda: site.get(f"/dc-test/m/{key}/")[0] == 200)
        page = time.monotonic() - t
        until(lambda: key in site.get(f"/search?q={word}&format=json")[2].decode())
        if i:  # the first finds everything cold
            pages.append(page)
            hits.append(time.monotonic() - t)
    return pages, hits


def memory(site):
    """PSS in KB of each process of the site."""
    found = {}
    for pid, name in [(site.daemon.pid, "plenaryd"), *site.roles().items()]:
        with contextlib.suppress(OSError), open(f"/proc/{pid}/smaps_rollup") as f:
            kb = re.search(r"^Pss:\s+(\d+) kB", f.read(), re.M)
            found[name] = found.get(name, 0) + int(kb[1])
    return found


def under_load(site):
    """The most that all processes had together while posts came in over many connections."""
    for i in range(MEMBERS):
        site.cli("subscribe", "dc-test", f"m{i}@example.org")
    todo = iter(range(LOAD_POSTS))
    failed = []

    def lane():
        c = Client(("127.0.0.1", site.lmtp_port))
        try:
            for i in todo:
                data = message("m0@example.org", LIST, f"Load {i}", "words and more words\n" * 100)
                replies = c.deliver("m0@example.org", [LIST], data)
                assert replies[-1][0] == 250, replies
        except Exception as e:  # noqa: BLE001
            failed.append(e)
        finally:
            c.close()
    before = len(site.sink.mails)
    t = time.monotonic()
    lanes = [threading.Thread(target=lane) for _ in range(LOAD_LANES)]
    for lane_ in lanes:
        lane_.start()
    most, copies = {}, LOAD_POSTS * (MEMBERS + 1)
    while (len(site.sink.mails) - before < copies or site.residue()) and not failed and time.monotonic() - t < 600:
        now = memory(site)
        if sum(now.values()) > sum(most.values()):
            most = now
        time.sleep(0.2)
    took = time.monotonic() - t
    for lane_ in lanes:
        lane_.join()
    assert not failed, failed
    return most, copies / took


def measure():
    result = {}
    for n in SIZES:
        site = Site(start=False, build=BUILD)
        try:
            path = make_archive(n, site.root)
            r = {"import_per_s": importing(site, path, n)}
            if n == SIZES[-1]:
                r["index_per_s"] = index_rates(path, n)
            site.start()
            site.cli("subscribe", "dc-test", ANN)
            pages, hits = ways(site)
            r.update(page_ms=1000 * statistics.median(pages), page_worst_ms=1000 * max(pages),
                     hit_ms=1000 * statistics.median(hits), hit_worst_ms=1000 * max(hits))
            if n == SIZES[-1]:
                site.stop()
                site.start()
                time.sleep(3)
                r["rest_kb"] = memory(site)
                r["load_kb"], r["copies_per_s"] = under_load(site)
            assert site.stop() == 0
            result[n] = r
        finally:
            site.remove()
    return result


def table(result):
    few, many = (result[n] for n in SIZES)

    def row(name, *values):
        print(f"{name:62}" + "".join(f"{v:>16}" for v in values))
    row("", *(f"{n} messages" for n in SIZES), "ratio")
    for name, key in (("import, messages/s until paged and indexed", "import_per_s"), ("250 to page, ms (median)", "page_ms"),
                      ("250 to page, ms (worst)", "page_worst_ms"), ("250 to search hit, ms (median)", "hit_ms"),
                      ("250 to search hit, ms (worst)", "hit_worst_ms")):
        row(name, f"{few[key]:.1f}", f"{many[key]:.1f}", f"{many[key] / few[key]:.2f}")
    for name, rate in many["index_per_s"].items():
        row(f"  {name}, messages/s; import against it", "", rate, f"{many['import_per_s'] / rate:.2f}")
    row("copies handed to a sink in Python, per s", "", f"{many['copies_per_s']:.0f}", "")
    for name, key in (("at rest", "rest_kb"), ("under load", "load_kb")):
        row(f"memory {name}, all processes, MB", "", f"{sum(many[key].values()) / 1024:.1f}", "")
        print("    " + ", ".join(f"{role} {kb / 1024:.1f}" for role, kb in sorted(many[key].items())))


def main():
    result = measure()
    table(result)
    if "--json" in sys.argv:
        with open(sys.argv[sys.argv.index("--json") + 1], "w") as f:
            json.dump({str(n): r for n, r in result.items()}, f, indent=1)


if __name__ == "__main__":
    main()
