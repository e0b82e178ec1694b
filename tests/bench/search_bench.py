#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""search_bench.py [--sizes 20000,200000] [--json FILE] [--work DIR]: search over HTTP, beside public-inbox on the
same messages.

  queries   200 of ten kinds with words of the archive itself: a word, two, a phrase, a subject, an author, a span of
            time, a beginning of a word, either of two, one without another, newest first. Each is asked once to warm
            up, then ROUNDS times of each server in turn, over one connection each; p50 and p95 are over all of them.
  pages     the page of hits as a reader gets it, with facets and snippets; of public-inbox its page of hits
  size      bytes of the index for each byte of mail

Wants a plain build: top_builddir names its folder. What is not installed is skipped, loudly. With --work the
archives are kept in DIR and taken from there the next time.
"""
import contextlib
import http.client
import json
import mailbox
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from urllib.parse import quote

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "e2e"))
from plenary_site import BUILD, Site, free_ports  # noqa: E402

QUERIES, ROUNDS, LIST = 200, 3, "dc-test"
# public-inbox's own writer and reader of mailboxes, as its programs use them.
PI_IMPORT = """
use PublicInbox::Config; use PublicInbox::V2Writable; use PublicInbox::MboxReader;
my $ibx = PublicInbox::Config->new->lookup_name('bench') or die;
my $w = PublicInbox::V2Writable->new($ibx, { nproc => 2 });
PublicInbox::MboxReader->mboxrd(*STDIN, sub { $w->add($_[0]) });
$w->done;
"""


def make_archive(n, folder):
    path = os.path.join(folder, "mbox")
    if not os.path.exists(path):
        with open(path + ".new", "wb") as f:
            subprocess.run([sys.executable, os.path.join(TOP, "tests/tools/gen_archive"), str(n)], stdout=f, check=True)
        os.rename(path + ".new", path)
    return path


def once(folder, name, work):
    """What work() returned the first time."""
    path = os.path.join(folder, name + ".json")
    if not os.path.exists(path):
        t = time.monotonic()
        work()
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"import_s": time.monotonic() - t}, f)
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def sample(path, dice, n=300):
    """Some messages of an mbox: (subject's words, name, own words in lines)."""
    out, size = [], os.path.getsize(path)
    with open(path, "rb") as f:
        while len(out) < n:
            f.seek(dice.randrange(size))
            chunk = f.read(60000)
            start = chunk.find(b"\nFrom ")
            end = chunk.find(b"\nFrom ", start + 6)
            if start < 0 or end < 0:
                continue
            m = mailbox.mboxMessage(chunk[start + 1:end + 1].split(b"\n", 1)[1])
            if m.is_multipart() or str(m.get("Content-Transfer-Encoding", "7bit")).lower() not in ("7bit", "8bit"):
                continue
            lines = [line for line in m.get_payload().splitlines() if line and line[0] not in ">-"]
            words = [re.findall(r"[A-Za-z]{3,}", line) for line in lines]
            words = [w for w in words if len(w) > 3]
            subject = re.findall(r"[a-z]{4,}", str(m["Subject"]))
            name = re.match(r'"?([A-Za-z]+ [A-Za-z]+)', str(m["From"]))
            if words and subject and name:
                out.append((subject, name[1], words))
    return out


def make_queries(path):
    """[(kind, words, newest first)], the same for the same archive."""
    dice = random.Random(11)
    mails = sample(path, dice)
    kinds = ["word", "two words", "phrase", "subject", "author", "word, span of time", "beginning", "either", "without", "newest"]
    out = []
    for i in range(QUERIES):
        subject, name, lines = dice.choice(mails)
        line = dice.choice(lines)
        at = dice.randrange(len(line) - 2)
        w, v = line[at].lower(), dice.choice(dice.choice(lines)).lower()
        kind = kinds[i % len(kinds)]
        year = dice.randrange(2015, 2024)
        text = {"word": w, "two words": f"{w} {v}", "phrase": f'"{" ".join(line[at:at + 3])}"', "subject": f"s:{dice.choice(subject)}",
                "author": f'f:"{name}"', "word, span of time": f"{w} d:{year}0101..{year}1231", "beginning": f"{w[:4]}*",
                "either": f"{w} OR {v}", "without": f"{w} NOT {v}", "newest": w}[kind]
        out.append((kind, text, kind == "newest"))
    return out


class Asked:
    """A server on loopback that is asked over one connection."""

    def __init__(self, port, target):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.target = target
        self.took = {}

    def ask(self, kind, text, newest, count):
        t = time.perf_counter()
        self.connection.request("GET", self.target(text, newest), headers={"Connection": "keep-alive"})
        r = self.connection.getresponse()
        r.read()
        t = time.perf_counter() - t
        assert r.status in (200, 404), (text, r.status)  # public-inbox answers 404 where nothing is found
        if count:
            self.took.setdefault(kind, []).append(1000 * t)


def ask_all(servers, queries):
    for n in range(ROUNDS + 1):
        for query in queries:
            for s in servers:
                s.ask(*query, n > 0)
    for s in servers:
        s.connection.close()


def du(path):
    return sum(os.stat(os.path.join(d, f)).st_blocks * 512 for d, _, fs in os.walk(path) for f in fs)


@contextlib.contextmanager
def plenary(folder, path):
    """(what was measured so far, its port)"""
    root = os.path.join(folder, "plenary")
    os.makedirs(root, exist_ok=True)
    site = Site(start=False, build=BUILD, root=root, lists={LIST: {}})

    def work():
        subprocess.run([os.path.join(BUILD, "plenary"), "-f", site.conf, "import", LIST, path], env=site.env, check=True,
                       capture_output=True)
    try:
        r = once(folder, "plenary", work)
        r["index"] = du(os.path.join(site.state, "archive/xapian"))
        site.start()
        yield r, site.http_port
    finally:
        if site.daemon:
            site.stop()
        site.sink.close()


@contextlib.contextmanager
def public_inbox(folder, path):
    """The same of a public-inbox-httpd; (None, None) if it is not installed."""
    missing = [p for p in ("perl", "public-inbox-init", "public-inbox-httpd", "git") if not shutil.which(p)]
    if missing:
        print(f"SKIP: public-inbox is not measured: {', '.join(missing)} not installed", flush=True)
        yield None, None
        return
    root, port, server = os.path.join(folder, "public-inbox"), free_ports(1)[0], None
    env = dict(os.environ, HOME=root, PI_CONFIG=f"{root}/config", PERL_INLINE_DIRECTORY=f"{root}/inline")

    def work():
        os.makedirs(f"{root}/inline", exist_ok=True)
        subprocess.run(["public-inbox-init", "-V2", "-L", "full", "bench", f"{root}/inbox", f"http://127.0.0.1:{port}/bench",
                        "bench@example.org"], env=env, check=True, capture_output=True)
        with open(path, "rb") as f:
            subprocess.run(["perl", "-e", PI_IMPORT], env=env, stdin=f, check=True, capture_output=True)
    try:
        r = once(folder, "public-inbox", work)
        r["index"] = du(f"{root}/inbox/xap15")
        with open(f"{root}/log", "wb") as log:
            server = subprocess.Popen(["public-inbox-httpd", "-l", f"http://127.0.0.1:{port}", "-W0"], env=env, stdout=log, stderr=log)
        for _ in range(600):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            time.sleep(0.05)
        yield r, port
    finally:
        if server:
            server.terminate()
            server.wait()


def measure(folder, path):
    def page(text, newest):
        return f"/{LIST}/search?q={quote(text)}" + ("&sort=date" if newest else "")
    with plenary(folder, path) as (ours, port), public_inbox(folder, path) as (theirs, other):
        servers = [Asked(port, page), Asked(port, lambda text, newest: page(text, newest) + "&format=json")]
        if theirs:
            servers.append(Asked(other, lambda text, newest: f"/bench/?q={quote(text)}" + ("" if newest else "&r")))
        ask_all(servers, make_queries(path))
    ours["took"], ours["took_json"] = servers[0].took, servers[1].took
    if theirs:
        theirs["took"] = servers[2].took
    return ours, theirs


def p(took, part):
    values = sorted(took)
    return values[min(len(values) - 1, int(len(values) * part))]


def table(n, mail, ours, theirs):
    def row(name, mine, other, form):
        ratio = f"{other / mine:8.1f}" if other and mine else " " * 8
        print(f"  {name:36}{form.format(mine):>12}{form.format(other) if other else '-':>14}{ratio}")
    print(f"\n{n} messages, {mail / 1e6:.0f} MB{'':18}{'plenary':>12}{'public-inbox':>14}{'ratio':>8}")
    mine = [t for ts in ours["took"].values() for t in ts]
    other = [t for ts in theirs["took"].values() for t in ts] if theirs else []
    for name, part in (("p50", .5), ("p95", .95), ("p99", .99)):
        row(f"a page of hits, ms, {name}", p(mine, part), p(other, part) if other else None, "{:.2f}")
    data = [t for ts in ours["took_json"].values() for t in ts]
    for name, part in (("p50", .5), ("p95", .95)):
        row(f"hits as JSON, ms, {name}", p(data, part), None, "{:.2f}")
    for kind in ours["took"]:
        row(f"  {kind}, ms, median", statistics.median(ours["took"][kind]),
            statistics.median(theirs["took"][kind]) if theirs else None, "{:.2f}")
    row("import until all can be searched, s", ours["import_s"], theirs and theirs["import_s"], "{:.0f}")
    row("index, bytes a byte of mail", ours["index"] / mail, theirs and theirs["index"] / mail, "{:.2f}")
    sys.stdout.flush()


def main():
    argv = sys.argv[1:]
    sizes = [int(x) for x in (argv[argv.index("--sizes") + 1] if "--sizes" in argv else "20000,200000").split(",")]
    result = {}
    for n in sizes:
        work = argv[argv.index("--work") + 1] if "--work" in argv else None
        folder = os.path.join(work, str(n)) if work else tempfile.mkdtemp(prefix="plenary-bench-")
        os.makedirs(folder, exist_ok=True)
        try:
            path = make_archive(n, folder)
            ours, theirs = measure(folder, path)
            table(n, os.path.getsize(path), ours, theirs)
            result[n] = {"plenary": ours, "public-inbox": theirs}
        finally:
            if not work:
                shutil.rmtree(folder, ignore_errors=True)
    if "--json" in argv:
        with open(argv[argv.index("--json") + 1], "w", encoding="utf-8") as f:
            json.dump(result, f, indent=1)


if __name__ == "__main__":
    main()
