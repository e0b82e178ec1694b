#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The plenary command on a folder without a daemon: its verbs about lists, members, held posts and the queue; what they
print, as tables and as JSON, how they refuse, and what waits to be sent after them."""
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

BUILD = os.environ.get("top_builddir") or "."
PLENARY = os.path.join(BUILD, "plenary")
ANN, BOB = "Ann.Smith@example.org", "bob@example.net"


class Site:
    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="verbs-")
        self.conf = os.path.join(self.dir, "plenary.conf")
        self.state = os.path.join(self.dir, "state")
        with open(self.conf, "w") as f:
            f.write(f'domain = "lists.example.org"\nsite-url = "https://lists.example.org"\nowner = "root@example.org"\n'
                    f'state-dir = "{self.state}"\nuser = "root"\n'
                    'list "dc-one" { title = "The first one" }\nlist "dc-two" { language = "fr" }\n')

    def run(self, *args, stdin=b"", code=0):
        p = subprocess.run([PLENARY, "-f", self.conf, *args], input=stdin, capture_output=True, timeout=60)
        out, err = p.stdout.decode(), p.stderr.decode()
        assert p.returncode == code, f"plenary {' '.join(args)}: {p.returncode}\n{out}{err}"
        assert code == 0 or err.count("\n") >= 1, f"plenary {' '.join(args)}: a refusal says why"
        assert code != 1 or err.startswith(("plenary", "line ")), err
        return out if code == 0 else err

    def json(self, *args):
        return json.loads(self.run("--json", *args))

    def rows(self, sql):
        db = sqlite3.connect(os.path.join(self.state, "list.db"))
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    def write(self, script):
        db = sqlite3.connect(os.path.join(self.state, "list.db"))
        try:
            db.executescript(script)
        finally:
            db.close()

    @staticmethod
    def day(t):
        return time.strftime("%Y-%m-%d", time.gmtime(t))

    def notices(self):
        return [(r, bytes(h).decode("ascii")) for r, h in self.rows(
            "SELECT recipient, head FROM delivery JOIN out ON out.id = delivery.out WHERE kind = 'notice' ORDER BY out.id")]


def lists(s):
    assert "dc-one" in s.run("lists") and "The first one" in s.run("lists")
    have = s.json("lists")
    assert [r["name"] for r in have] == ["dc-one", "dc-two"]
    assert have[0] | {} == {"name": "dc-one", "title": "The first one", "members": 0, "posts": 0, "last": None}, have
    assert "good" in s.run("check")


def members(s):
    s.run("subscribe", "dc-one", ANN)
    s.run("subscribe", "DC-One", BOB, "--digest", "--quiet")
    have = s.json("members", "dc-one")
    assert [(m["address"], m["delivery"], m["standing"]) for m in have] == [(ANN, "mail", "good"), (BOB, "digest", "good")], have
    assert set(have[0]) >= {"address", "delivery", "vacation", "ack", "copy", "language", "group", "since", "bounce_score",
                            "standing"}, have[0]
    sent = s.notices()
    assert [r for r, _ in sent] == [ANN], "a member is told, but for --quiet"
    assert "Welcome" in sent[0][1] and "List-Unsubscribe" not in sent[0][1]
    assert "already" in s.run("subscribe", "dc-one", ANN.lower(), code=1)
    assert "no mail address" in s.run("subscribe", "dc-one", "nobody", code=1)
    s.run("subscribe", "dc-one", "dc-two@lists.example.org", code=1)  # a list is no member of a list
    assert "no list 'dc-ont'" in s.run("subscribe", "dc-ont", ANN, code=1)
    s.run("subscribe", "dc-one", code=2)
    s.run("subscribe", "dc-one", ANN, "--wrong", code=2)


def options(s):
    s.run("member", "dc-one", ANN, "delivery=nomail", "language=fr", "group=Civil society", "vacation=2030-01-31")
    m = s.json("member", "dc-one", ANN)
    assert (m["delivery"], m["language"], m["group"]) == ("nomail", "fr", "Civil society"), m
    assert m["vacation"].startswith("2030-01-31"), m
    last = s.notices()[-1]
    assert last[0] == ANN and "Content-Language: fr" in last[1], "in her own language"
    before = len(s.notices())
    assert "no option" in s.run("member", "dc-one", ANN, "delivery=mail", "colour=blue", code=1)
    assert s.json("member", "dc-one", ANN)["delivery"] == "nomail", "all of them or none"
    assert "wants" in s.run("member", "dc-one", ANN, "vacation=2030-02-31", code=1)
    assert "KEY=VALUE" in s.run("member", "dc-one", ANN, "mail", code=1)
    assert "not a member" in s.run("member", "dc-two", ANN, code=1)
    assert len(s.notices()) == before


def leaving(s):
    s.run("unsubscribe", "dc-one", ANN)
    assert [m["address"] for m in s.json("members", "dc-one")] == [BOB]
    assert "not a member" in s.run("unsubscribe", "dc-one", ANN, code=1)
    last = s.notices()[-1]
    assert last[0] == ANN and "Subject:" in last[1]
    s.run("unsubscribe", "dc-one", BOB, "--quiet")
    assert s.notices()[-1] == last


def importing(s):
    path = os.path.join(s.dir, "members.csv")
    with open(path, "w", encoding="utf-8") as f:
        f.write('name,address\n"Ann Smith",Ann.Smith@example.org\n"José",josé@example.org\n\n# no line\n'
                'Bob <bob@example.net>\nnot an address\nann.smith@EXAMPLE.org\n')
    out = subprocess.run([PLENARY, "-f", s.conf, "import-members", "dc-two", path], capture_output=True, timeout=60)
    assert out.returncode == 1, "one was refused"
    assert out.stdout.decode() == "read 5, added 3, members already 1, refused 1\n", out.stdout
    assert "line 7" in out.stderr.decode(), out.stderr
    before = len(s.notices())
    assert len(s.json("members", "dc-two")) == 3 and len(s.notices()) == before
    s.run("import-members", "dc-two", os.path.join(s.dir, "absent"), code=1)


def injecting(s):
    mail = b"From: Ann <ann@example.org>\nTo: dc-one@lists.example.org, other@elsewhere.example\nSubject: x\n\nWords.\n"
    s.run("inject", stdin=mail)
    s.run("inject", "--lmtp-rcpt", "dc-two@lists.example.org", "--lmtp-rcpt", "dc-one-owner@lists.example.org", stdin=mail)
    new = os.path.join(s.state, "spool/new")
    found = sorted(open(os.path.join(new, f), "rb").read() for f in os.listdir(new))
    assert len(found) == 2
    one = next(f for f in found if b"rcpt: dc-one@lists" in f)
    assert one.endswith(b"\n\n" + mail) and one.startswith(b"from: ann@example.org\n") and b"elsewhere" not in one.split(b"\n\n")[0]
    assert any(b"rcpt: dc-two@lists.example.org\nrcpt: dc-one-owner@lists.example.org\n" in f for f in found)
    assert "no address" in s.run("inject", "--lmtp-rcpt", "nobody@lists.example.org", stdin=mail, code=1)
    assert "no address" in s.run("inject", "--lmtp-rcpt", "dc-one-confirm+aaaa@lists.example.org", stdin=mail, code=1)
    assert "nobody" in s.run("inject", stdin=b"From: x@y\nTo: elsewhere@example.org\n\nx\n", code=1)


def held(s):
    assert s.json("held") == []
    for n, name in ((1, "dc-one"), (2, "dc-one"), (3, "dc-two")):
        db = sqlite3.connect(os.path.join(s.state, "list.db"))
        spool = f"{n:026d}"
        db.execute("INSERT INTO held (spool, list, sender, from_text, subject, msgid, reasons, received, expires) VALUES"
                   " (?, ?, 'eve@example.com', 'Eve <eve@example.com>', ?, 'm@x', 'nonmember\teve@example.com\nfirst-posts\t1\n', 1,"
                   " 4000000000)", (spool, name, f"post {n}"))
        db.commit()
        db.close()
        os.makedirs(os.path.join(s.state, "held"), exist_ok=True)
        with open(os.path.join(s.state, "held", spool), "w") as f:
            f.write(f"from: eve@example.com\nrcpt: {name}@lists.example.org\nreceived: 1000\nvia: lmtp\n\nFrom: eve@example.com\n\nHeld words {n}.\n")
    have = s.json("held", "DC-ONE")
    assert [h["id"] for h in have] == [1, 2], have
    assert set(have[0]) == {"id", "list", "from", "subject", "reasons", "received", "expires"} and len(have[0]["reasons"]) == 2, have
    assert len(s.json("held")) == 3
    assert s.run("show", "1") == "From: eve@example.com\n\nHeld words 1.\n"
    new = os.path.join(s.state, "spool/new")
    before = set(os.listdir(new))
    s.run("accept", "1")
    added = set(os.listdir(new)) - before
    assert len(added) == 1
    entry = open(os.path.join(new, added.pop())).read()
    assert "approved-by: admin\n" in entry and "rcpt: dc-one@lists.example.org\n" in entry and entry.endswith("Held words 1.\n")
    assert not os.path.exists(os.path.join(s.state, "held", f"{1:026d}"))
    assert "accept by admin" in s.run("accept", "1", code=1)
    assert "accept" in s.run("show", "1", code=1)
    s.run("reject", "2", "not", "on", "topic")
    assert "not on topic" in s.notices()[-1][1] and s.notices()[-1][0] == "eve@example.com"
    told = len(s.notices())
    s.run("discard", "3")
    assert len(s.notices()) == told and s.json("held") == []
    assert "no held post" in s.run("show", "99", code=1) and "no held post" in s.run("accept", "x", code=1)
    s.run("held", "dc-none", code=1)


def queue(s):
    have = s.json("queue")
    assert have and set(have[0]) == {"id", "list", "recipient", "attempts", "next", "error"}, have[:1]
    assert "again now" in s.run("queue", "flush")
    s.run("queue", "wash", code=2)
    assert s.json("bounces", "dc-two") == []
    s.run("nonsense", code=2)


def bounces(s):
    """Each stage from the first bounce to the last warning, and a complaint, as the list role writes them down."""
    assert "no member" in s.run("bounces", "dc-one")
    names = ["counting", "probed", "paused", "warned", "complained", "fine"]
    for name in names:
        s.run("subscribe", "dc-one", f"{name}@example.org", "--quiet")
    t, week = 1795000000, 7 * 86400
    row = {n: s.rows(f"SELECT id FROM subscription WHERE address = '{n}@example.org'")[0][0] for n in names}
    s.write(f"UPDATE subscription SET bounce_score = 3, bounce_last = {t} WHERE id = {row['counting']};"
            f"UPDATE subscription SET bounce_score = 10 WHERE id = {row['probed']};"
            f"UPDATE subscription SET bounce_score = 10, paused = {t} WHERE id IN ({row['paused']}, {row['warned']});"
            f"INSERT INTO bouncing VALUES ({row['probed']}, 'probed', {t}, 0, {t + week}),"
            f" ({row['paused']}, 'paused', {t}, 0, {t + week}), ({row['warned']}, 'paused', {t}, 2, {t + 3 * week});"
            "INSERT INTO bounce (t, list, subscription, seq, hard, status, text, counted) VALUES"
            f" ({t - 5}, 'dc-one', {row['counting']}, 1, 1, '5.1.1', 'old words', 2),"
            f" ({t}, 'dc-one', {row['counting']}, 2, 1, '5.1.1', 'no such user', 2),"
            f" ({t - 9}, 'dc-one', {row['counting']}, 3, 0, '5.2.2', 'full', 1),"
            f" ({t}, 'dc-one', {row['counting']}, 4, 1, '5.7.1', 'blocked', 0);"
            "INSERT INTO bounce (t, list, subscription, seq, hard, status, text, complaint) VALUES"
            f" ({t}, 'dc-one', {row['complained']}, 1, 0, '', 'abuse', 1);"
            f"UPDATE subscription SET delivery = 'nomail', since = 1 WHERE id = {row['complained']};"
            "INSERT INTO member_event (t, list, address, what, by_whom, detail) VALUES"
            f" ({t}, 'dc-one', 'complained@example.org', 'set', 'complaint', 'delivery=nomail')")
    have = {m["address"].split("@")[0]: m for m in s.json("bounces", "dc-one")}
    assert set(have) == set(names) - {"fine"}, have
    assert {n: m["stage"] for n, m in have.items()} == {
        "counting": "counting", "probed": "probe sent", "paused": "paused", "warned": "warning 2",
        "complained": "complaint"}, have
    assert have["counting"]["reasons"] == ["2 × 5.1.1 no such user", "1 × 5.2.2 full"], have["counting"]
    assert have["counting"]["bounce_score"] == 1.5 and have["counting"]["next"] is None, have["counting"]
    # Three more warnings a week apart, then the end: all from the next step on.
    assert have["paused"]["removal"] == s.day(t + 4 * week) and have["warned"]["removal"] == s.day(t + 4 * week), have
    assert have["probed"]["removal"] is None and have["probed"]["next"].startswith(s.day(t + week)), have["probed"]
    assert have["complained"]["complaints"] == 1 and have["complained"]["complained"].startswith(s.day(t)), have
    table = s.run("bounces", "dc-one")
    assert "warning 2" in table and "2 × 5.1.1 no such user; 1 × 5.2.2 full" in table, table
    for name in names:
        s.run("unsubscribe", "dc-one", f"{name}@example.org", "--quiet")


def limits(s):
    assert "nobody" in s.run("limits")
    assert s.json("limits") == []
    today = int(time.time()) // 86400
    s.write(f"INSERT INTO flood (kind, name, day, n, refused) VALUES ('source', 'net:192.0.2.1', {today}, 100, 7),"
            f" ('request', 'a@example.org', {today - 2}, 3, 1), ('request', 'b@example.org', {today}, 3, 0),"
            f" ('request', 'c@example.org', {today - 20}, 3, 5)")
    have = s.json("limits")
    assert have == [{"day": s.day(today * 86400), "kind": "source", "name": "net:192.0.2.1", "allowed": 100, "refused": 7},
                    {"day": s.day((today - 2) * 86400), "kind": "request", "name": "a@example.org", "allowed": 3,
                     "refused": 1}], have
    assert "net:192.0.2.1" in s.run("limits")


def refused(s):
    assert "every post went out" in s.run("refused", "dc-one") and "empty" in s.run("refused", "dc-one", "--posts")
    s.write("INSERT INTO refused VALUES ('dc-one', 202610, 'dropped', 'loop', 3), ('dc-one', 202611, 'rejected',"
            " 'nonmember', 1), ('dc-two', 202611, 'expired', 'nonmember', 9);"
            "INSERT INTO refused_post VALUES (7, 'dc-one', 1795358975, 'nonmember', 'x@example.org', 'A boat', 'text')")
    have = s.json("refused", "dc-one")
    assert have == [{"month": "2026-11", "what": "rejected", "reason": "its author is not a member of this list", "posts": 1},
                    {"month": "2026-10", "what": "dropped", "reason": "it has been through this list before", "posts": 3}]
    assert [(p["id"], p["subject"]) for p in s.json("refused", "dc-one", "--posts")] == [(7, "A boat")]
    assert "no post 8" in s.run("refused", "dc-one", "--remove", "8", code=1)
    assert "no post 7" in s.run("refused", "dc-two", "--remove", "7", code=1)
    assert "no number" in s.run("refused", "dc-one", "--remove", "all", code=1)
    s.run("refused", "dc-one", "--remove", "7")
    assert s.json("refused", "dc-one", "--posts") == [] and len(s.json("refused", "dc-one")) == 2
    s.run("refused", code=2)
    s.run("refused", "dc-one", "--remove", code=2)


def main():
    s = Site()
    try:
        for test in (lists, members, options, leaving, bounces, limits, refused, importing, injecting, held, queue):
            test(s)
            print(f"ok - {test.__name__}")
    finally:
        shutil.rmtree(s.dir)


if __name__ == "__main__":
    sys.exit(main())
