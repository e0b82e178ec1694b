#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The record: what the public sees of moderation, its seals in the list's log, who speaks and until when; by the real
daemon."""
import json
import os
import re
import sqlite3
import sys
import time
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from plenary_site import BUILD, DOMAIN, Site, run, wait_for  # noqa: E402

ANN, BOB, EVE, MOD = "ann@example.org", "bob@example.net", "eve@example.com", "mod@example.org"
LIST = f"dc-test@{DOMAIN}"
DAY = 86400
ATOM = "{http://www.w3.org/2005/Atom}"


def members(site, *more):
    for who in (ANN, BOB, *more):
        site.cli("subscribe", "dc-test", who, "--quiet")


def seals(site):
    """(number, seal) of each event that the list's log has, in its order."""
    path = os.path.join(site.state, "archive/log/dc-test")
    if not os.path.exists(path):
        return []
    with open(path) as f:
        lines = [line.rstrip("\n").split("\t") for line in f]
    return [(int(line[7]), line[5]) for line in lines if line[2] == "conduct"]


def wait_for_seals(site, n):
    return wait_for(lambda: (lambda s: s if len(s) >= n else None)(seals(site)), f"{n} seals")


def events(site):
    return [r[0] for r in site.rows("SELECT id FROM conduct_event WHERE list = 'dc-test' ORDER BY id")]


def edit(site, *statements):
    """As somebody does it who may write to list.db."""
    db = sqlite3.connect(os.path.join(site.state, "list.db"), timeout=30)
    for name in ("conduct_event_stays", "conduct_event_remains"):
        db.execute(f"DROP TRIGGER IF EXISTS {name}")
    for sql in statements:
        db.execute(sql)
    db.commit()
    db.close()


def public_log():
    """each decision has its place, its rule by version, an entry in the feed, a number; nobody reads more"""
    with Site(clock=True) as site:
        members(site)
        site.cli("remind", "dc-test", ANN, "quiet words", "--as", MOD)
        site.cli("warn", "dc-test", ANN, "loud words", "--as", MOD)
        page = wait_for(lambda: (lambda t: t if "was taken about <bdi>ann@…" in t else None)(
            site.page("/dc-test/conduct/")), "the warning")
        for words in ("“<bdi>reminder</bdi>” was taken about a member", "“warning”, version 1", "Moderation in numbers",
                      'type="application/atom+xml" href="../../dc-test/conduct/atom.xml"'):
            assert words in page, (words, page)
        assert "quiet words" not in page and "loud words" not in page and ANN not in page and MOD not in page
        warning = events(site)[1]
        year = time.gmtime().tm_year
        assert f'id="e{warning}"' in site.page(f"/dc-test/conduct/{year}/")
        feed = ElementTree.fromstring(site.page("/dc-test/conduct/atom.xml"))
        ids = [e.find(f"{ATOM}id").text for e in feed.iter(f"{ATOM}entry")]
        assert ids == [f"{site.url}/dc-test/conduct/{year}/#e{n}" for n in (warning, events(site)[0])], ids
        figures = json.loads(site.page("/dc-test/conduct/figures.json"))
        assert figures[0]["year"] == year and figures[0]["warnings"] == 2 and figures[0]["cases"] == 1, figures
        # Another rule: what was before stays as it was, and the next one is another version.
        site.lists["dc-test"]["conduct"] = 'conduct { step "warning" { by = "owner" audience = "member" } }'
        site.write_conf()
        site.reload()
        site.cli("warn", "dc-test", BOB)
        page = wait_for(lambda: (lambda t: t if "“warning”, version 2" in t else None)(
            site.page("/dc-test/conduct/")), "version 2")
        assert "version 1" in page and "bob" not in page.partition('id="log"')[2], page


def seals_hold():
    """what is changed, taken away or put into the record later shows in plenary verify, which says what"""
    with Site() as site:
        members(site)
        site.send(ANN, LIST, "words")
        site.cli("remind", "dc-test", ANN, "one", "--as", MOD)
        site.cli("warn", "dc-test", ANN, "two", "--as", MOD)
        site.cli("remind", "dc-test", BOB, "three", "--as", MOD)
        assert [n for n, _ in wait_for_seals(site, 3)] == events(site)
        assert "as the log says" in site.cli("verify", "dc-test")
        site.cli("rebuild", "dc-test")
        assert "as the log says" in site.cli("verify"), "a rebuild keeps it"
        site.stop()
        first, second, third = events(site)
        with open(os.path.join(site.state, "list.db"), "rb") as f:
            good = f.read()

        def found(*statements):
            edit(site, *statements)
            code, out, err = site.cli("verify", "dc-test", ok=None)
            assert code == 1, (code, out, err)
            with open(os.path.join(site.state, "list.db"), "wb") as f:
                f.write(good)
            return err

        said = found(f"UPDATE conduct_event SET why = 'nothing much' WHERE id = {second}")
        assert f"not as it was written, from event {second} on" in said, said
        said = found(f"DELETE FROM conduct_event WHERE id = {third}")
        assert f"event {third} of the record of conduct, logged on " in said and "not in list.db any more" in said, said
        # The whole record goes, hashes and all: the log remembers.
        said = found("DELETE FROM conduct_event")
        assert all(f"event {n} of" in said for n in (first, second, third)), said
        said = found(f"UPDATE conduct_event SET hash = '{'0' * 64}' WHERE id = {third}")
        assert f"event {third} of the record of conduct in list.db is not the one" in said, said
        assert "as the log says" in site.cli("verify", "dc-test")


def seals_once():
    """killed at any step between the record and the log, each event is in the log once"""
    if not os.path.exists(os.path.join(BUILD, "config.h")) or "CRASH_POINTS 1" not in open(
            os.path.join(BUILD, "config.h")).read():
        return "this build has no crash points"
    for point in ("store.logged", "store.synced"):
        with Site(start=False) as site:
            once = os.path.join(site.state, "archive/once")
            site.env.update(PLENARY_CRASH=f"archived:{point}", PLENARY_CRASH_ONCE=once)
            members(site, EVE)
            # Reminders are no posts: the only lines of the log are their seals.
            for who in (ANN, BOB):
                site.cli("remind", "dc-test", who, "--as", MOD)
            site.start()
            wait_for(lambda: os.path.exists(once), f"a kill at {point}")
            wait_for_seals(site, 2)
            site.cli("remind", "dc-test", EVE, "--as", MOD)
            wait_for_seals(site, 3)
            assert [n for n, _ in seals(site)] == events(site), (point, seals(site))
            site.cli("verify", "dc-test")


def arrived():
    """plenary case shows of each step whether its mail arrived, was refused, came back"""
    with Site() as site:
        members(site)
        site.sink.replies[BOB] = "550 5.1.1 no such user here"
        site.cli("remind", "dc-test", ANN, "words", "--as", MOD)
        site.cli("remind", "dc-test", BOB, "--as", MOD)
        cases = {c["member"]: str(c["id"]) for c in site.cli("cases", "dc-test", json=True)}

        def told(who):
            return site.cli("case", cases[who], json=True)[0]["told"]
        wait_for(lambda: [t for t in told(ANN) if f"{ANN}: delivered, " in t], "the delivery")
        refused = wait_for(lambda: [t for t in told(BOB) if f"{BOB}: failed, " in t], "the refusal")
        assert "no such user here" in refused[0], refused
        step = site.cli("case", cases[ANN], json=True)[0]
        assert step["what"] == "step" and step["step"] == "reminder" and step["by"] == MOD and step["why"] == "words"
        assert step["rule"].startswith('step "reminder" {') and len(step["hash"]) == 64, step
        mail = site.sink.wait_to(ANN, where=lambda m: "reminder" in m.subject)
        assert re.match(r"dc-test-bounces\+\w+@", mail.sender), mail.sender
        site.lmtp("", mail.sender, b"From: mailer-daemon@example.org\nSubject: failed\nMIME-Version: 1.0\n"
                  b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nno\n--x\n"
                  b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; example.org\n\n"
                  b"Final-Recipient: rfc822; " + ANN.encode() + b"\nAction: failed\nStatus: 5.1.1\n"
                  b"Diagnostic-Code: smtp; 550 5.1.1 gone away\n\n--x--\n")
        wait_for(lambda: [t for t in told(ANN) if f"{ANN}: bounced, " in t and "gone away" in t], "the bounce")
        text = site.cli("case", cases[ANN])
        assert f"{ANN}, dc-test" in text and re.search(r"(?m)^told +ann@example.org: bounced", text), text
        code, _, err = site.cli("case", "99", ok=None)
        assert code == 1 and "there is no case 99" in err


def speakers():
    """a term ends by itself, both sides are told; a moderator lets in; the page shows terms and the balance"""
    now = time.time()

    def day(n):
        return time.strftime("%Y-%m-%d", time.gmtime(now + n * DAY))
    blocks = (f'group "Government" {{ seats = 2 }}\n    group "Technical" {{ seats = 1 }}\n'
              f'    speaker "{EVE}" {{ name = "Eve Example" group = "Government" until = "{day(40)}" }}')
    with Site(lists={"dc-test": {"blocks": blocks}}, clock=True) as site:
        members(site, EVE)
        for i in range(5):
            who = f"m{i}@example.org"
            site.cli("subscribe", "dc-test", who, "--nomail", "--quiet")
            site.cli("member", "dc-test", who, "group=Technical")
        post = site.send(EVE, LIST, "hers")
        site.sink.wait_to(BOB, where=lambda m: m.message["Message-ID"] == post)
        site.send(ANN, LIST, "not hers")
        assert "not one of this list's speakers" in site.sink.wait_to(MOD, where=lambda m: "not hers" in m.subject).text()
        about = wait_for(lambda: (lambda t: t if "Who speaks" in t else None)(site.page("/dc-test/about/")), "the part")
        assert "Eve Example" in about and EVE not in about, about
        assert "<bdi>Government</bdi></th><td>2</td><td>1</td>" in about, about
        # A moderator lets Ann in.
        site.cli("speak", "dc-test", ANN, "--until", day(5), "for the workshop")
        assert "for the workshop" in site.sink.wait_to(ANN, where=lambda m: "can speak" in m.subject).text()
        post = site.send(ANN, LIST, "hers now")
        site.sink.wait_to(BOB, where=lambda m: m.message["Message-ID"] == post)
        wait_for(lambda: "A member was let in to speak." in site.page("/dc-test/conduct/"), "the entry")
        # Members' groups, counted once a day where there are five.
        site.shift_clock(DAY)
        wait_for(lambda: "</svg></td><td>5</td>" in site.page("/dc-test/about/"), "the count of a group")
        site.shift_clock(7 * DAY)
        site.sink.wait_to(ANN, where=lambda m: "no speaker any more" in m.subject)
        site.shift_clock(15 * DAY)
        assert "ends" in site.sink.wait_to(EVE, where=lambda m: "ends soon" in m.subject).text()
        site.sink.wait_to(MOD, where=lambda m: EVE in m.subject and "ends soon" in m.subject)
        site.shift_clock(42 * DAY)
        site.sink.wait_to(EVE, where=lambda m: "no speaker any more" in m.subject)
        site.send(EVE, LIST, "hers no more")
        site.sink.wait_to(MOD, where=lambda m: "hers no more" in m.subject)
        wait_for(lambda: "Eve Example" not in site.page("/dc-test/about/"), "her term's end on the page")
        assert len([m for m in site.sink.to(EVE) if "ends soon" in m.subject]) == 1
        assert "everyone speaks" not in site.cli("hush", "dc-test", ANN, ok=None)[2]


def nonsense():
    """plenary check refuses terms and groups that can't be, with the line"""
    with Site(start=False, lists={"dc-test": {"blocks": 'speaker "x@example.org" { since = "2026-13-01"\n'
                                              'until = "2026-01-01" group = "Nobody" }'}}) as site:
        code, _, err = site.cli("check", ok=None)
        assert code == 1 and "wants a day such as" in err and 'declares no group "Nobody"' in err, err
        assert len(re.findall(rf"{re.escape(site.conf)}:\d+: ", err)) == 2, err


TESTS = [public_log, seals_hold, seals_once, arrived, speakers, nonsense]

if __name__ == "__main__":
    run(TESTS)
