#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Held posts: batches, reminders, summaries, races, rules about headers, the list's own day, what is told of it all."""
import os
import re
import sys
import time
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from plenary_site import DOMAIN, Site, run, wait_for  # noqa: E402

ANN, BOB, EVE, MOD, MOD2 = ("ann@example.org", "bob@example.net", "eve@example.com", "mod@example.org",
                            "second@example.org")
LIST, REQUEST = f"dc-test@{DOMAIN}", f"dc-test-request@{DOMAIN}"
MODS = [MOD, MOD2]
DAY = 86400


def held_site(**keys):
    site = Site(lists={"dc-test": dict({"moderators": MODS}, **keys), "dc-other": {"moderators": MODS}}, clock=True)
    for who in (ANN, BOB):
        site.cli("subscribe", "dc-test", who, "--quiet")
    return site


def strangers(site, n, first=1, who=EVE):
    """Posts of somebody who is no member (or of several, "{}" in the address): number i is called "post i"."""
    for i in range(first, first + n):
        site.send(who.format(i), LIST, f"post {i}", f"Words of {i}.\n")
    waiting(site, first + n - 1)


def waiting(site, n):
    return wait_for(lambda: (lambda h: h if len(h) == n else None)(site.cli("held", json=True)), f"{n} held posts")


def decisions(site):
    return {r[0]: r[1] for r in site.rows("SELECT number, decision FROM held WHERE decided > 0")}


def told(site, who, words, n=0):
    return wait_for(lambda: [m for m in site.sink.to(who) if words in m.subject][n:], f"{words} to {who}")[0]


def command(site, who, text):
    """One command by mail; the question whether it was she is answered. The text of what came of it."""
    before = len(site.sink.to(who))
    site.send(who, REQUEST, "commands", text)
    question = wait_for(lambda: [m for m in site.sink.to(who)[before:] if "-confirm+" in str(m.reply_address)],
                        f"the question to {who}")[0]
    site.reply(question, who)
    return wait_for(lambda: [m for m in site.sink.to(who)[before:] if "-confirm+" not in str(m.reply_address)
                             and "> " + text.split("\n")[0] in m.text()][1:], f"the answer to {who}")[0].text()


def batches():
    """many posts by one line: by mail, after a question whether it was she, and by the command"""
    with held_site() as site:
        strangers(site, 12, who="eve{}@example.com")
        answer = command(site, MOD, "accept 1 3-4\nreject 2 5: 2 links are enough\ndiscard 9-6\ndiscard 1-999999\n"
                                    "accept 3 77\n")
        assert "4  post 4: accepted" in answer and "77: no held post" in answer, answer
        assert "smaller number" in answer and "a thousand numbers" in answer and "decided already" in answer, answer
        assert decisions(site) == {1: "accept", 3: "accept", 4: "accept", 2: "reject", 5: "reject"}, decisions(site)
        for n in (2, 5):
            assert "2 links are enough" in told(site, f"eve{n}@example.com", "was not accepted").text()
        for n in (1, 3, 4):
            site.sink.wait_to(ANN, where=lambda m: m.subject == f"post {n}")
        # The command; a wrong number stops nothing of the rest.
        out = site.cli("accept", "6-7", "9")
        assert "post 6" in out and "post 7" in out, out
        code, _, err = site.cli("discard", "8", "99", ok=None)
        assert code == 1 and "no held post has the number 99" in err, err
        site.cli("reject", "10", "11", "3 times is enough")
        for args, words in ((("accept", "9-5"), "smaller number"), (("discard", "1-999999"), "thousand"),
                            (("accept", "x"), "no held post's number"), (("accept", "12", "please"), "'please'"),
                            (("discard", "1-11"), "no post from 1 to 11 waits"), (("accept", "6"), "decided before")):
            code, _, err = site.cli(*args, ok=None)
            assert code == 1 and words in err, (args, err)
        assert site.rows("SELECT number, why FROM held WHERE why LIKE '3 times%' ORDER BY number") == [
            (10, "3 times is enough"), (11, "3 times is enough")]
        assert [h["id"] for h in waiting(site, 1)] == [12]


def race():
    """two moderators at the same moment: each post has one decision, and the later one is told whose it was"""
    with held_site() as site:
        strangers(site, 1)
        notes = [told(site, who, "held 1]") for who in MODS]
        site.reply(notes[0], MOD, "accept\n")
        site.reply(notes[1], MOD2, "discard\n")
        site.cli("reject", "1", "too late?", ok=None)
        both = [wait_for(lambda: [m for m in site.sink.to(who)[1:]], who)[0].subject for who in MODS]
        after = decisions(site)[1]
        losers = [s for s in both if "decided before" in s]
        assert len(losers) >= 1 and after in ("accept", "discard", "reject"), (both, after)
        if after == "accept":
            site.sink.wait_to(BOB, where=lambda m: m.subject == "post 1")
        assert len([m for m in site.sink.to(BOB) if m.subject == "post 1"]) == (after == "accept")
        # A used token; one of another list; one that nobody gave out.
        site.reply(notes[0], MOD, "discard\n")
        assert "decided before" in wait_for(lambda: site.sink.to(MOD)[2:], "the answer")[0].subject
        assert decisions(site) == {1: after}
        token = str(notes[0].reply_address).split("+")[1].split("@")[0]
        site.send(MOD, f"dc-other-moderate+{token}@{DOMAIN}", "x", "discard\n")
        told(site, MOD, "nothing to answer")
        assert site.lmtp(MOD, f"dc-test-moderate+{'a' * 26}@{DOMAIN}", b"From: x\n\naccept\n")[-1][0] == 550


def reminders():
    """after three days, and when a quarter of the time is left; then it expires, and its author is told"""
    with held_site() as site:
        strangers(site, 2)
        note = told(site, MOD, "held 1]")
        site.shift_clock(3 * DAY + 60)
        first = told(site, MOD, "2 posts wait")
        assert "This is a reminder" in first.text() and "Words of 2." in first.text(), first.text()
        told(site, MOD2, "2 posts wait")
        site.reply(first, MOD2, "accept 2\n")  # whoever answers: the token is the first one's
        site.sink.wait_to(BOB, where=lambda m: m.subject == "post 2")
        site.shift_clock(11 * DAY)
        second = told(site, MOD, "1 post waits")
        assert "post 2" not in second.text()
        time.sleep(6)  # the role has looked once more, and wrote nothing
        assert len([m for m in site.sink.to(MOD) if " for a moderator" in m.subject]) == 2
        site.shift_clock(14 * DAY + 120)
        expired = told(site, EVE, "has expired")
        assert "post 1" in expired.text()
        # Too late for each of them.
        site.reply(note, MOD, "accept\n")
        assert "expired" in told(site, MOD, "decided before").subject
        site.shift_clock(30 * DAY)
        site.reply(second, MOD, "accept 1\n")
        told(site, MOD, "nothing to answer")
        assert decisions(site) == {1: "expire", 2: "accept"}
        assert not os.listdir(os.path.join(site.state, "held"))


def shift_to(place, hour, minute):
    """Seconds from now to the next time that clocks there show this."""
    now = datetime.now(timezone.utc)
    there = now.astimezone(ZoneInfo(place))
    then = there.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if then <= there:
        then += timedelta(days=1)
    return int((then.astimezone(timezone.utc) - now).total_seconds())


def daily():
    """one mail a day with all that wait, when the list's own day turns; a reply decides; each may choose otherwise"""
    with held_site(**{"held-notices": "daily", "time-zone": "Asia/Kathmandu"}) as site:
        midnight = shift_to("Asia/Kathmandu", 23, 50) + 600
        site.shift_clock(midnight - 600)
        assert "one mail for each post" in command(site, MOD2, "set notices each")
        strangers(site, 3)
        assert told(site, MOD2, "held 1]")
        time.sleep(6)
        assert not [m for m in site.sink.to(MOD) if "held" in m.subject], "not before the day has turned"
        site.shift_clock(midnight + 70)
        summary = told(site, MOD, "3 posts wait")
        assert "reminder" not in summary.text() and summary.text().index("1  post 1") < summary.text().index("3  post 3")
        strangers(site, 1, 4)
        # An answer from a telephone; what came since stays, whatever is written.
        site.reply(summary, MOD, "Accept 1\nreject 2 off topic\ndiscard 3–9\nmembers\n\nSent from my iPhone\n")
        answer = wait_for(lambda: [m for m in site.sink.to(MOD) if "> Accept 1" in m.text()], "the answer")[0].text()
        assert "1  post 1: accepted" in answer and "4 came after the mail" in answer, answer
        assert "about posts that wait" in answer and ANN not in answer, answer
        assert decisions(site) == {1: "accept", 2: "reject", 3: "discard"}
        assert "off topic" in told(site, EVE, "was not accepted").text()
        site.reply(summary, MOD, "discard 1\n")
        assert "decided already: accepted, by " + MOD in wait_for(
            lambda: [m for m in site.sink.to(MOD) if "> discard 1" in m.text()], "the answer")[0].text()
        site.shift_clock(midnight + DAY + 70)
        assert "post 4" in told(site, MOD, "1 post waits").text()
        assert not [m for m in site.sink.to(MOD2) if "1 post waits" in m.subject]


def headers():
    """what the mail server's filters say: dropped, sent back, held; wherever the line stands"""
    rules = {"discard-headers": ["X-Spam-Level: ??????????*"], "reject-headers": ["X-Virus-Status: Infected*"],
             "hold-headers": ["X-Spam-Flag: YES"], "reject-attachments": [".scr"]}
    with held_site(**rules) as site:
        site.send(EVE, LIST, "one", X_Spam_Level="*" * 12)
        site.send(ANN, LIST, "two", X_Virus_Status="Infected (Eicar)")
        assert "X-Virus-Status: Infected*" in told(site, ANN, "was not sent on").text()
        site.send(ANN, LIST, "three", X_Spam_Flag="yes")
        site.send(ANN, LIST, "four", "X-Spam-Flag: YES\n", X_Spam_Flag="no", X_Spam_Level="***")
        site.sink.wait_to(BOB, where=lambda m: m.subject == "four")
        assert [h["subject"] for h in waiting(site, 1)] == ["three"]
        assert "the mail server marked it (X-Spam-Flag: YES)" in told(site, MOD, "three").text()
        site.reply(told(site, MOD, "three"), MOD, "discard\n")
        counts = wait_for(lambda: (lambda r: r if len(r) == 3 else None)(
            site.rows("SELECT what, reason, n FROM refused ORDER BY what")), "the counts")
        assert counts == [("discarded", "headers", 1), ("dropped", "headers-refused", 1),
                          ("refused", "headers-refused", 1)], counts
        assert not site.sink.to(EVE)


def place():
    """posts over the day's number go out when the day turns where the list is"""
    with held_site(**{"posts-per-day": 1, "time-zone": "Europe/Paris"}) as site:
        midnight = shift_to("Europe/Paris", 23, 50) + 600
        site.shift_clock(midnight - 600)
        site.send(ANN, LIST, "one")
        site.sink.wait_to(BOB, where=lambda m: m.subject == "one")
        site.send(ANN, LIST, "two")
        until = (datetime.now(timezone.utc) + timedelta(seconds=midnight + 30)).replace(minute=0)
        assert until.strftime("%H:%M UTC") in told(site, ANN, "goes out later").text()
        site.shift_clock(midnight - 70)
        time.sleep(6)
        assert waiting(site, 1)
        site.shift_clock(midnight + 70)
        site.sink.wait_to(BOB, where=lambda m: m.subject == "two")


def page():
    """/LIST/conduct/ says what is in force, counts what was refused by month and reason, and has the open record"""
    with held_site(**{"open-record": "posts", "time-zone": "Europe/Paris", "posts-per-day": 5,
                      "max-message-size": "20K", "hold-headers": ["X-Spam-Flag: YES"]}) as site:
        rules = site.page("/dc-test/conduct/")
        for words in ("What happens to a post", "X-Spam-Flag: YES", "Europe/Paris", "20 KB", ".exe", "14 days",
                      "reminded of it after 3 days", "without their authors’ names", "There was none so far"):
            assert words in rules, words
        site.send(f"Eve Example <{EVE}>", LIST, "Buy my boat", f"I am Eve, {EVE}. Call ann@example.org!\n\n<b>now</b>\n"
                  "-- \nEve Example, Boats Ltd\n")
        site.send(EVE, LIST, "nonsense", "Discarded words.\n")
        waiting(site, 2)
        site.cli("reject", "1", "no boats")
        site.cli("discard", "2")
        shown = wait_for(lambda: (lambda t: t if "discarded by a moderator" in t else None)(
            site.page("/dc-test/conduct/")), "the counts")
        rows = re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td><td>(.*?)</td><td>(\d+)</td></tr>", shown)
        assert [(r[1], r[2], r[3]) for r in rows] == [
            ("discarded by a moderator", "its author is not a member of this list", "1"),
            ("rejected by a moderator", "its author is not a member of this list", "1")], rows
        assert "Buy my boat" in shown and "Call …@…!" in shown and "&lt;b&gt;now" in shown, shown
        for secret in (EVE, ANN, "Eve", "Boats Ltd", "no boats", "Discarded words", "nonsense"):
            assert secret not in shown.partition("did not go out")[2], secret
        # Who is erased is out of the record; the counts stay.
        site.cli("erase", EVE, "--quiet")
        shown = wait_for(lambda: (lambda t: t if "Buy my boat" not in t else None)(site.page("/dc-test/conduct/")), "it")
        assert "rejected by a moderator" in shown


def nonsense():
    """a configuration that makes no sense is refused, with its file and line"""
    with Site(start=False, lists={"dc-test": {"time-zone": "Mars/Olympus", "hold-headers": ["X-Spam"],
                                              "held-remind": "20d", "held-notices": "hourly"}}) as site:
        code, out, err = site.cli("check", ok=None)
        for words in ("\"time-zone\" wants a time zone", "\"hold-headers\" wants a field", "\"held-notices\" wants",
                      "held-remind is not less than held-expire"):
            line = [x for x in (out + err).split("\n") if words in x]
            assert code == 1 and line and re.match(rf"{re.escape(site.conf)}:\d+: ", line[0]), (words, out, err)


TESTS = [batches, race, reminders, daily, headers, place, page, nonsense]

if __name__ == "__main__":
    run(TESTS)
