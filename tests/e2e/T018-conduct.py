#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Conduct: checks, hooks, the ladder, appeals, cooling, all by mail through the real daemon."""
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from crash import short  # noqa: E402
from plenary_site import BUILD, DOMAIN, PLAIN, Site, key_of, run, wait_for  # noqa: E402

ANN, BOB, MOD, MOD2 = "ann@example.org", "bob@example.net", "mod@example.org", "second@example.org"
LIST = f"dc-test@{DOMAIN}"


def script(site, name, text):
    folder = os.path.join(site.root, "hooks")
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name)
    with open(path, "w") as f:
        f.write("#!/bin/sh\n" + text)
    os.chmod(path, 0o755)
    return path


def hooks_on(build):
    with Site(start=False, build=build, lists={"dc-test": {}, "dc-free": {}}) as site:
        site.lists["dc-test"]["hooks"] = [
            script(site, "words", 'cat "$0" >/dev/null || exit 1\n'
                   f'cat {site.state}/list.db >/dev/null 2>&1 && exit 2\n'
                   'text=$(cat)\ncase $text in\n*zebra*) echo "it speaks of zebras"; exit 10;;\n'
                   '*hyena*) echo "it laughs"; echo "case: it laughs at others"; exit 10;;\n'
                   '*lion*) echo "no lions here"; exit 20;;\n*rat*) exit 30;;\n'
                   '*slow*) sleep 100;;\n*crash*) kill -9 $$;;\nesac\n')]
        site.write_conf()
        site.start()
        for name in ("dc-test", "dc-free"):
            site.cli("subscribe", name, ANN, "--quiet")
            site.cli("subscribe", name, BOB, "--quiet")
        # A post whose hook hangs holds up neither the list's next one nor another list.
        site.send(ANN, LIST, "first", "a slow one\n")
        second = site.send(BOB, LIST, "second", "a good one\n")
        other = site.send(ANN, f"dc-free@{DOMAIN}", "third", "a slow one\n")
        for msgid in (second, other):
            site.sink.wait_to(ANN, where=lambda m: m.message["Message-ID"] == msgid)
        assert not [h for h in site.cli("held", json=True) if h["subject"] == "first"], "it is still asked about"
        site.send(ANN, LIST, "zebra", "a zebra\n")
        notice = site.sink.wait_to(MOD, where=lambda m: "zebra" in m.subject)
        assert "it speaks of zebras" in notice.text()
        site.send(ANN, LIST, "lion", "a lion\n")
        refusal = site.sink.wait_to(ANN, where=lambda m: "was not sent on" in m.subject)
        assert "no lions here" in refusal.text(), refusal.text()
        site.send(ANN, LIST, "vermin", "a rat\n")
        site.send(ANN, LIST, "crash", "a crash\n")
        held = wait_for(lambda: (lambda h: h if len(h) == 3 else None)(site.cli("held", json=True)), "three held posts")
        by = {h["subject"]: h["reasons"] for h in held}
        assert "in time" in by["first"][0] and "broke down" in by["crash"][0] and "zebras" in by["zebra"][0], by
        # A filter that asks for a case: the post is the evidence, and the record says who asked.
        site.send(ANN, LIST, "laughter", "a hyena\n")
        report = told(site, MOD, "A filter reports")
        assert "it laughs at others" in report.text() and "a hyena" in report.data.decode(), report.text()
        assert "hook words" in command_read(site, MOD, "case 1")
        # What a moderator accepts is asked nothing more.
        site.reply(notice, MOD, "accept\n")
        site.sink.wait_to(BOB, where=lambda m: m.subject == "zebra")
        assert not [m for m in site.sink.to(BOB) if m.subject in ("vermin", "lion", "first")]
        assert "hook words of dc-test: pass" in site.log_text() and ": discard" in site.log_text()


def hooks():
    """hooks hold, refuse, drop, hang and break; nothing is lost (with sanitizers)"""
    hooks_on(BUILD)


def hooks_plain():
    """the same as installed (with seccomp walls)"""
    if PLAIN == BUILD:
        return "there is one build only"
    hooks_on(PLAIN)


def quota():
    """posts over the day's number go out by themselves when the day turns"""
    with Site(lists={"dc-test": {"posts-per-day": 1}}, clock=True) as site:
        site.cli("subscribe", "dc-test", ANN, "--quiet")
        site.cli("subscribe", "dc-test", BOB, "--quiet")
        site.send(ANN, LIST, "one")
        site.sink.wait_to(BOB, where=lambda m: m.subject == "one")
        site.send(ANN, LIST, "two")
        told = site.sink.wait_to(ANN, where=lambda m: "goes out later" in m.subject)
        assert "as much today" in told.text() and "until" in told.text(), told.text()
        assert not site.sink.to(MOD)
        site.shift_clock(86400)
        site.sink.wait_to(BOB, where=lambda m: m.subject == "two")
        assert not site.cli("held", json=True)


MODS = [MOD, MOD2]
APPEALS = ["ombud@example.org"]
LADDER = f"dc-test-request@{DOMAIN}"


def ladder_site(**more):
    site = Site(lists={"dc-test": {"moderators": MODS, "appeals": APPEALS}, "dc-other": {}}, clock=True, **more)
    for who in (ANN, BOB, "carl@example.com"):
        site.cli("subscribe", "dc-test", who, "--quiet")
    return site


def command(site, who, text):
    """One command by mail; the question whether it was he is answered by a plain reply. The answer's text."""
    before = len(site.sink.to(who))
    site.send(who, LADDER, text)
    question = wait_for(lambda: [m for m in site.sink.to(who)[before:] if "-confirm+" in str(m.reply_address)],
                        f"the question to {who}")[0]
    site.reply(question, who)
    quoted = "> " + text.split()[0]
    # The first answer says that a question was sent, the second one is what came of it.
    return wait_for(lambda: [m for m in site.sink.to(who)[before:] if "-confirm+" not in str(m.reply_address)
                             and quoted in m.text()][1:], f"the answer to {who}")[0].text()


def told(site, who, words, n=0):
    return site.sink.wait_to(who, where=lambda m: words in m.subject) if not n else wait_for(
        lambda: [m for m in site.sink.to(who) if words in m.subject][n:], words)[0]


def last_events(site):
    return [tuple(r) for r in site.rows("SELECT what, step, by_whom FROM conduct_event ORDER BY id")]


def ladder():
    """reminder, warning, suspension by two, its end by itself: told, recorded, out of order refused"""
    with ladder_site() as site:
        # Out of order; about himself; a stranger's word; an unknown step.
        assert "must have come before" in command(site, MOD, f"warn {ANN} too soon")
        assert "no step of this name" in command(site, MOD, f"step banish {ANN}")
        assert "not a member" in command(site, MOD, "remind nobody@example.org")
        site.send(BOB, LADDER, f"remind {ANN}")
        assert "for the moderators" in site.sink.wait_to(BOB, where=lambda m: "remind" in m.text()).text()
        assert last_events(site) == []

        assert "the member was told" in command(site, MOD, f"remind {ANN} please stay with the subject")
        reminder = told(site, ANN, "reminder")
        assert "please stay with the subject" in reminder.text() and "dc-test-appeal@" in reminder.text()
        assert "warning (6 months)" in reminder.text() or "warning (180 days)" in reminder.text(), reminder.text()
        told(site, MOD2, "reminder")
        assert not [m for m in site.sink.to(BOB) if "reminder" in m.subject], "audience: the member"
        # Her answer is filed and handed on.
        site.reply(reminder, ANN, "I did not mean it.\n")
        assert "I did not mean it" in told(site, MOD, "answers").data.decode()

        command(site, MOD2, f"warn {ANN} again")
        assert ANN in told(site, BOB, "warning").text(), "audience: the list"
        assert "Two moderators" in command(site, MOD, f"suspend {ANN} and again")
        assert not [e for e in last_events(site) if e[:2] == ("step", "suspension")]
        question = told(site, MOD2, "Do you agree?")
        site.reply(question, MOD2, "perhaps\n")
        told(site, MOD2, "not understood")
        site.reply(question, MOD2, "agree\n")
        assert "on the record" in told(site, MOD2, "Your answer").text()
        suspension = told(site, ANN, "suspension")
        assert "still a member" in suspension.text()
        # A used token decides nothing more.
        site.reply(question, MOD2, "agree\n")
        assert "nothing (any more)" in told(site, MOD2, "Your answer", 1).text()
        assert last_events(site) == [
            ("step", "reminder", MOD), ("answer", "reminder", ANN), ("step", "warning", MOD2),
            ("propose", "suspension", MOD), ("agree", "suspension", MOD2), ("step", "suspension", MOD)]

        site.send(ANN, LIST, "may I", "words\n")
        refused = told(site, ANN, "was not sent on")
        assert "may not post" in refused.text() and "dc-test-appeal@" in refused.text()
        post = site.send(BOB, LIST, "reading stays")
        site.sink.wait_to(ANN, where=lambda m: m.message["Message-ID"] == post)
        site.send(ANN, LADDER, "status")
        status = wait_for(lambda: [m for m in site.sink.to(ANN) if "> status" in m.text()], "status")[0].text()
        assert "may not post until" in status and "and again" in status, status
        cases = site.cli("cases", "dc-test", json=True)
        assert [(c["member"], c["step"], c["standing"]) for c in cases] == [(ANN, "suspension", "suspended")], cases
        assert {m["address"]: m["standing"] for m in site.cli("members", "dc-test", json=True)}[ANN] == "suspended"
        case = command_read(site, MOD, f"case {cases[0]['id']}")
        assert "propose suspension" in case and "I did not mean it" in case, case

        # The public log: the reminder without a name, what the list was told with one.
        log = wait_for(lambda: (lambda t: t if "suspension</bdi>” was taken" in t else None)(
            site.page("/dc-test/conduct/").partition("Public log")[2]), "the log")
        assert "reminder</bdi>” was taken about a member" in log, log
        assert "warning</bdi>” was taken about <bdi>ann@…" in log and ANN not in log and "again" not in log, log

        # It ends by itself, and she is told.
        site.shift_clock(30 * 86400 + 60)
        told(site, ANN, "is over")
        post = site.send(ANN, LIST, "back again")
        site.sink.wait_to(BOB, where=lambda m: m.message["Message-ID"] == post)
        assert site.cli("cases", "dc-test", json=True)[0]["standing"] == "good"


def command_read(site, who, text):
    before = len(site.sink.to(who))
    site.send(who, LADDER, text)
    return wait_for(lambda: [m for m in site.sink.to(who)[before:] if f"> {text}" in m.text()], text)[0].text()


def command_line():
    """the command is bound by the same rules; --as is that moderator's word; lift; no second word lapses"""
    with ladder_site() as site:
        code, _, err = site.cli("check", ok=None)
        assert code == 0 and re.search(r"plenary.conf:\d+: warning: list \"dc-other\": step \"suspension\" takes two", err), err
        code, _, err = site.cli("suspend", "dc-test", ANN, "x", ok=None)
        assert code == 1 and "yours to decide" in err, err
        code, _, err = site.cli("remind", "dc-test", ANN, "x", "--as", "stranger@example.org", ok=None)
        assert code == 1 and "no moderator" in err, err
        code, _, err = site.cli("remind", "dc-test", MOD, "x", "--as", MOD, ok=None)
        assert code == 1 and "not a member" in err, err
        site.cli("subscribe", "dc-test", MOD, "--quiet")
        code, _, err = site.cli("remind", "dc-test", MOD, "x", "--as", MOD, ok=None)
        assert code == 1 and "about himself" in err, err
        site.cli("remind", "dc-test", ANN, "one")
        told(site, ANN, "reminder")
        site.cli("warn", "dc-test", ANN, "two", "--as", MOD)
        # Nobody agrees: it lapses, and that is on the record, too.
        assert "Two moderators" in site.cli("step", "dc-test", "suspension", ANN, "three", "--as", MOD)
        site.shift_clock(8 * 86400)
        told(site, MOD, "No second word")
        question = told(site, MOD2, "Do you agree?")
        site.reply(question, MOD2, "agree\n")
        assert "nothing (any more)" in told(site, MOD2, "Your answer").text()
        assert not [e for e in last_events(site) if e[:2] == ("step", "suspension")]
        # Twice --as is two words.
        site.cli("suspend", "dc-test", ANN, "four", "--as", MOD)
        assert "was told" in site.cli("suspend", "dc-test", ANN, "--as", MOD2)
        code, _, err = site.cli("suspend", "dc-test", ANN, "five", "--as", MOD, ok=None)
        assert code == 1 and "in force already" in err, err
        # Who leaves and is subscribed anew is told where she stands.
        site.cli("unsubscribe", "dc-test", ANN)
        site.cli("subscribe", "dc-test", ANN)
        welcome = told(site, ANN, "Welcome").text()
        assert "may not post to this list until" in welcome and "four" in welcome and "dc-test-appeal@" in welcome
        site.cli("lift", "dc-test", ANN, "well then")
        told(site, ANN, "was lifted")
        told(site, BOB, "was lifted")
        assert site.cli("cases", "dc-test", json=True)[0]["standing"] == "good"
        # What was lifted is no ground for more; a warning too long ago neither.
        site.shift_clock(200 * 86400)
        code, _, err = site.cli("suspend", "dc-test", ANN, "--as", MOD, ok=None)
        assert code == 1 and "must have come before" in err, err


def appeal_by_mail(site, who, words, n=0):
    """An appeal that nothing proves to be hers: she is asked, and answers."""
    site.send(who, f"dc-test-appeal@{DOMAIN}", "I appeal", words + "\n")
    question = told(site, who, "confirm your appeal", n)
    assert words in question.text()
    site.reply(question, who)


def appeals():
    """an appeal goes to its body alone: one is granted, one refused; reports protect who reports"""
    with ladder_site() as site:
        ombud = APPEALS[0]
        msgid = site.send(ANN, LIST, "rude", "rude words\n")
        site.page(f"/dc-test/m/{key_of(msgid)}/")
        assert "not told to anyone" in command(site, BOB, f"report {key_of(msgid)} this is rude")
        report = told(site, MOD, "reports a message")
        assert ANN in report.text() and BOB not in report.data.decode()
        for who in (MOD, MOD2):
            assert BOB not in command_read(site, who, "case 1")
        site.cli("remind", "dc-test", ANN, key_of(msgid), "rude", "--as", MOD)
        assert f"/dc-test/m/{key_of(msgid)}/" in told(site, ANN, "reminder").text()
        site.cli("warn", "dc-test", ANN, "--as", MOD)
        appeal_by_mail(site, ANN, "It was a joke.")
        told(site, ANN, "has arrived")
        appeal = told(site, ombud, "Appeal against warning")
        assert "It was a joke." in appeal.data.decode()
        assert not [m for m in site.sink.to(MOD) if "ppeal" in m.subject], "the moderators don't read it"
        site.reply(appeal, ombud, "overturn a joke it was\n")
        assert "a joke it was" in told(site, ANN, "was granted").text()
        told(site, BOB, "was overturned")
        assert "a joke it was" in told(site, MOD, "appeal body").text()
        code, _, err = site.cli("suspend", "dc-test", ANN, "--as", MOD, ok=None)
        assert code == 1 and "must have come before" in err, "overturned counts for nothing"
        site.reply(appeal, ombud, "uphold\n")
        assert "decided before" in told(site, ombud, "Your answer", 1).text()
        # The second one is refused; the step stands.
        site.cli("warn", "dc-test", ANN, "once more", "--as", MOD)
        appeal_by_mail(site, ANN, "Please.", 1)
        second = told(site, ombud, "Appeal against warning", 1)
        site.reply(second, ombud, "uphold\nit was no joke\n")
        assert "it was no joke" in told(site, ANN, "was refused").text()
        assert "Two moderators" in site.cli("suspend", "dc-test", ANN, "--as", MOD)
        events = [e[0] for e in last_events(site)]
        assert events == ["report", "step", "step", "appeal", "overturn", "step", "appeal", "uphold", "propose"], events
        # Nor is it told by the administrator's command.
        case = {c["member"]: str(c["id"]) for c in site.cli("cases", "dc-test", json=True)}[ANN]
        report = site.cli("case", case, json=True)[0]
        assert report["what"] == "report" and report["by"] == "" and BOB not in site.cli("case", case), report
        # A forged answer without the token decides nothing: the address does not even exist.
        replies = site.lmtp(ombud, f"dc-test-moderate+{'a' * 26}@{DOMAIN}", b"From: x\n\noverturn\n")
        assert replies[-1][0] == 550


def petition():
    """an appeal that others have to stand behind: who counts, the body gets their names, it lapses"""
    with Site(lists={"dc-test": {"moderators": MODS, "appeals": APPEALS, "appeal-cosigners": 2}}, clock=True) as site:
        for who in (ANN, BOB, "carl@example.com", MOD):
            site.cli("subscribe", "dc-test", who, "--quiet")
        site.cli("remind", "dc-test", ANN, "one", "--as", MOD)
        appeal_by_mail(site, ANN, "It was a joke.")
        asked = told(site, ANN, "needs 2 other members")
        address = re.search(r"dc-test-moderate\+\S+", asked.text())[0]

        def cosign(who, gives):
            site.send(who, address, "yes", "")
            site.reply(told(site, who, "confirm your commands"), who)
            wait_for(lambda: [m for m in site.sink.to(who) if gives in m.text()], f"{gives} to {who}")
        cosign(BOB, "You stand behind this appeal now")
        cosign(MOD, "takes the words of others")
        assert "1 of 2" in command_read(site, ANN, "status")
        assert not site.sink.to(APPEALS[0])
        cosign("carl@example.com", "You stand behind this appeal now")
        appeal = told(site, APPEALS[0], "Appeal against reminder")
        assert BOB in appeal.text() and "carl@example.com" in appeal.text() and "It was a joke." in appeal.text()
        case = command_read(site, MOD2, "case 1")
        assert BOB not in case and "joke" not in case, case
        site.reply(appeal, APPEALS[0], "uphold\n")
        told(site, ANN, "was refused")
        # Nobody stands behind the next one: it lapses, and she may try again.
        site.cli("warn", "dc-test", ANN, "two", "--as", MOD)
        appeal_by_mail(site, ANN, "Please.", 1)
        told(site, ANN, "needs 2 other members", 1)
        site.shift_clock(15 * 86400)
        assert "Please." in told(site, ANN, "has lapsed").text()
        assert [e[0] for e in last_events(site)][-2:] == ["petition", "lapse"]


def cooling():
    """a thread rests by the name of any message, thaws; an emergency holds all: announced, and ending by themselves"""
    with ladder_site() as site:
        site.cli("member", "dc-test", "carl@example.com", "delivery=digest")
        root = site.send(ANN, LIST, "hot")
        reply = site.send(BOB, LIST, "Re: hot", In_Reply_To=root)
        site.sink.wait_to(BOB, where=lambda m: m.message["Message-ID"] == reply)
        site.page(f"/dc-test/m/{key_of(reply)}/")
        assert "the list was told" in command(site, MOD, f"freeze {key_of(reply)} 3 breathe")
        rests = told(site, BOB, "rests until")
        assert "breathe" in rests.text() and f"/t/{key_of(root)}/" in rests.text()
        # It is a message of the list: in the archive, and for digests.
        assert rests.message["List-Id"] and rests.message["List-Unsubscribe"], rests.data
        assert "breathe" in site.page(f"/dc-test/m/{key_of(rests.msgid)}/")
        site.send(BOB, LIST, "Re: hot", In_Reply_To=reply)
        told(site, BOB, "goes out later")
        site.shift_clock(3 * 86400 + 60)
        told(site, BOB, "a thread goes on")
        site.sink.wait_to(ANN, where=lambda m: m.subject == "Re: hot" and m.message["In-Reply-To"] == reply)
        digest = told(site, "carl@example.com", "Digest")
        assert "rests until" in digest.data.decode() and "breathe" in digest.data.decode()
        command(site, MOD, "emergency on spam wave")
        assert "spam wave" in told(site, ANN, "held for the moment").text()
        site.send(ANN, LIST, "in between")
        told(site, MOD, "in between")
        command(site, MOD2, "emergency off")
        told(site, BOB, "go out again")
        post = site.send(ANN, LIST, "after")
        site.sink.wait_to(BOB, where=lambda m: m.message["Message-ID"] == post)
        assert [h["subject"] for h in site.cli("held", json=True)] == ["in between"]


def announced(s):
    """an announcement, each end of it once"""
    s.start()
    for who in (ANN, BOB):
        s.cli("subscribe", "dc-test", who, done="member")
        s.members.add(who)
    s.copy(s.post(ANN, "Before", {ANN, BOB}), BOB)
    s.site.send(MOD, LADDER, "", "emergency on hello to you all\n")
    s.site.reply(s.notice(MOD, "confirm your commands"), MOD)
    told = [s.notice(who, "held for the moment") for who in (ANN, BOB)]
    assert told[0].msgid == told[1].msgid
    kept = wait_for(lambda: s.site.archived().get(key_of(told[0].msgid)), "it in the archive")
    s.posts[told[0].msgid] = (kept, {ANN, BOB})


TESTS = [hooks, hooks_plain, quota, ladder, command_line, appeals, petition, cooling, short(announced)]

if __name__ == "__main__":
    run(TESTS)
