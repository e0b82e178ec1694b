# SPDX-License-Identifier: GPL-2.0-or-later
"""Crash sweeps: a scenario is a function that is told its Story. It runs once whole, which tells the points
it passes in each role; then once for each point, where that role kills itself once and is started again. The
end is compared: members, copies, archive, log, pages, index, nothing left behind. Copies may come twice only
where a session with the relay was cut (deliver).

    sys.exit(whole(SCENARIOS)) if "--all" in sys.argv else run([short(s) for s in SCENARIOS])
"""
import collections
import concurrent.futures
import copy
import os
import re
import signal
import time
import traceback

from plenary_site import DOMAIN, Site, key_of, message, wait_for

LIST = f"dc-test@{DOMAIN}"
JOBS = 2
PASSAGES = (1, 2, 3, 5)
# The file that says that it died once must lie where the role may write.
ONCE = {"intake": "state/spool", "list": "state", "deliver": "state", "archived": "state/archive"}
COMMANDS = ("plenary", "plenary-archive")


class Story:
    """A site, what happens to it, and what must be true of it at the end."""

    lists = None  # as Site takes them

    def __init__(self, role=None, point=None, passage=1):
        self.role = role
        self.site = Site(start=False, clock=True, lists=copy.deepcopy(self.lists))
        self.site.persistent = True
        self.points = os.path.join(self.site.root, "points")
        self.once = os.path.join(self.site.root, ONCE.get(role, ""), "died")
        self.site.env["PLENARY_CRASH_LOG"] = self.points
        if role:
            self.site.env["PLENARY_CRASH"] = f"{role}:{point}:{passage}"
            self.site.env["PLENARY_CRASH_ONCE"] = self.once
        self.posts = {}     # Message-ID: (bytes, recipients)
        self.imported = {}  # key: bytes
        self.members = set()
        self.now = 0

    @property
    def died(self):
        return os.path.exists(self.once)

    def start(self):
        try:
            self.site.start()
        except AssertionError:
            if self.role != "plenaryd" or self.site.daemon.returncode != -signal.SIGKILL:
                raise
            self.site.start()

    def cli(self, *args, done="nothing"):
        """The command; run again if it was killed, as a person would. It may then say that it was done."""
        code, out, err = self.site.cli(*args, ok=None)
        if code != 0 and self.role in COMMANDS and self.died:
            self.later()  # what it had decided but not done, the list role does
            code, out, err = self.site.cli(*args, ok=None)
            code = 0 if done in err else code
        assert code == 0, f"plenary {args}: {code} {out} {err}"
        return out

    def later(self):
        """An hour on: what is done by the clock is done now."""
        self.now += 3600
        self.site.shift_clock(self.now)
        if self.site.daemon:
            self.site.daemon.send_signal(signal.SIGUSR1)

    def post(self, sender, subject, to, body="Hello.\n"):
        data = message(sender, LIST, subject, body)
        msgid = re.search(rb"Message-ID: (\S+)", data)[1].decode()
        self.posts[msgid] = (data, set(to))
        self.site.hand_in(sender, LIST, data)
        return msgid

    def join(self, who):
        self.site.send(who, f"dc-test-subscribe@{DOMAIN}", "subscribe")
        question = self.site.sink.wait_to(who, where=lambda m: "-confirm+" in m.reply_address)
        self.site.reply(question, who)
        self.site.sink.wait_to(who, where=lambda m: "welcome" in m.subject.lower())
        self.members.add(who)

    def copy(self, msgid, who):
        return self.site.sink.wait_to(who, where=lambda m: m.msgid == msgid)

    def notice(self, who, word):
        """A mail of the site itself that speaks of word."""
        return self.site.sink.wait_to(
            who, where=lambda m: m.msgid not in self.posts and word in m.subject + m.text())

    def notices(self):
        """How often each kind of mail that is no post went to whom."""
        mails = [m for m in self.site.sink.mails if m.msgid not in self.posts]
        return collections.Counter((m.rcpts[0], m.subject) for m in mails)

    def check(self):
        """The end is the same, whatever was killed. Returns how many copies came twice."""
        site = self.site
        # What a killed intake was writing stays for a day: nobody was told 250 for it. A name in out/ or held/
        # that was linked once more after its work was done goes by the clock.
        torn = ("spool/tmp",) if self.role == "intake" else ()
        site.settle(but=(*torn, "out/", "held/"))
        if self.died and site.daemon:
            self.later()
            site.reload()
        site.settle(but=torn)
        twice = 0
        for msgid, (_, to) in self.posts.items():
            got = collections.Counter(r for m in site.sink.mails if m.msgid == msgid for r in m.rcpts)
            assert set(got) == to, f"{msgid} should reach {sorted(to)}, reached {dict(got)}"
            twice += sum(got.values()) - len(got)
        assert twice == 0 or self.role == "deliver", f"{twice} copies came twice"
        if site.daemon:
            members = {m["address"] for m in site.cli("members", "dc-test", json=True)}
            assert members == self.members, members
            assert site.rows("PRAGMA integrity_check") == [("ok",)]
            assert site.cli("held", json=True) == []
        self.check_archive(self.imported | {key_of(m): d for m, (d, to) in self.posts.items() if to})
        return twice

    def check_archive(self, want):
        """Each message once: bytes, log, overview, page, index."""
        # Who only looks is not killed, and passes no points.
        for name in ("PLENARY_CRASH", "PLENARY_CRASH_LOG"):
            self.site.env.pop(name, None)
        site = self.site
        have = site.archived()
        assert set(have) == set(want), f"archive: {set(have) ^ set(want)}"
        for key, data in want.items():
            assert have[key].replace(b"\r\n", b"\n") == data.replace(b"\r\n", b"\n"), f"{key} has other bytes"
        with open(os.path.join(site.state, "archive/log/dc-test")) as f:
            logged = collections.Counter(key for key in (line.split("\t")[3] for line in f) if key != "-")
        assert logged == collections.Counter(want.keys()), "the log has each message once"
        site.cli("verify", "dc-test")
        assert site.rows("PRAGMA integrity_check", file="archive/archive.db") == [("ok",)]
        assert site.cli("stats", "dc-test", json=True)[0]["messages"] == len(want)
        for key in want:
            assert os.path.exists(os.path.join(site.state, "html/dc-test/m", key, "index.html")), f"no page {key}"
        found = collections.Counter(h["key"] for h in site.cli("search", "hello", json=True))
        assert found == collections.Counter(want.keys()), f"search: {found}"


def play(scenario, role=None, point=None, passage=1):
    """One run: what went wrong (or None), the points it passed, whether it died, its notices, copies twice."""
    s = getattr(scenario, "story", Story)(role, point, passage)
    try:
        scenario(s)
        twice = s.check()
        code = s.site.stop() if s.site.daemon else 0
        assert code == 0, f"plenaryd ended with {code}"
        assert not re.search(r"Sanitizer|runtime error:", s.site.log_text()), "a sanitizer's finding"
        points = set()
        if os.path.exists(s.points):
            with open(s.points) as f:
                points = set(f.read().split())
        return None, points, s.died, s.notices(), twice
    except Exception:  # noqa: BLE001  whatever went wrong in a run is a finding of the sweep
        return traceback.format_exc() + s.site.log_text()[-3000:], set(), s.died, None, 0
    finally:
        s.site.remove()


def other_notices(had, has, role):
    """What differs and may not. They may come twice where copies may."""
    if role == "deliver":
        return set(had) ^ set(has)
    return (had - has) + (has - had)


def sweep(scenario, passages):
    """(rows of the table, failures) of one scenario."""
    wrong, points, _, notices, _ = play(scenario)
    assert wrong is None, f"unharmed: {wrong}"
    assert points, "no crash point was passed: is this a build with --enable-crash-points?"
    jobs = [(*p.split(":"), n) for p in sorted(points) for n in passages]
    rows, failures = [], []
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for (role, point, n), done in zip(jobs, pool.map(lambda j: play(scenario, *j), jobs)):
            wrong, _, died, has, twice = done
            odd = None if wrong else other_notices(notices, has, role)
            if wrong or odd:
                failures.append(f"{role} killed at {point} ({n}): {wrong or f'notices differ: {odd}'}")
            if n == 1 and not died:
                failures.append(f"{role} did not die at {point}")
            rows.append((role, point, n, "FAIL" if wrong or odd else "ok" if died else "-", twice))
    return rows, failures


def short(scenario):
    def test():
        rows, failures = sweep(scenario, (1,))
        print(f"note: {scenario.__doc__}: killed at {len(rows)} points, {sum(r[4] for r in rows)} copies came twice")
        assert rows and not failures, "\n\n".join(failures)
    test.__doc__ = f"{scenario.__doc__}: killed once at each point"
    return test


def whole(scenarios):
    """Every passage of every point, and a table; the exit code."""
    bad = False
    for scenario in scenarios:
        rows, failures = sweep(scenario, PASSAGES)
        print(f"\n{scenario.__doc__}\n  {'role':16}{'point':22}" + "".join(f"{f'passage {n}':>12}" for n in PASSAGES))
        for role, point in dict.fromkeys(r[:2] for r in rows):
            cells = [f"{r[3]}{f' +{r[4]}' if r[4] else ''}" for r in rows if r[:2] == (role, point)]
            print(f"  {role:16}{point:22}" + "".join(f"{c:>12}" for c in cells), flush=True)
        for f in failures:
            print("not ok - " + f)
        bad = bad or failures
    print("ok: killed there, the same end; +N: copies that came twice; -: that passage never came")
    return 1 if bad else 0
