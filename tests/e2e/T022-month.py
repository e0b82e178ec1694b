#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""T022-month.py [--all | --write]: a month on three lists, all of it by mail, through the real daemon.

Members misbehave, answer, appeal; moderators disagree; commands are forged, late, out of order. What it comes to
(each case as a moderator reads it, the public logs, who was written to on which day) is compared, word for word,
with tests/data/month/record.txt. The same month with a role killed once at each durable step ends in the same words.
--all: at later passages of each step, too; --write: writes the record anew, for a person to read the difference.
"""
import calendar
import email.utils
import itertools
import os
import re
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import crash  # noqa: E402
from plenary_site import BUILD, DOMAIN, PLAIN, TOP, Client, key_of, message, run, wait_for  # noqa: E402

RECORD = os.path.join(TOP, "tests/data/month/record.txt")
ACCESS, GENRE, WATER = "dc-access", "dc-genre", "dc-water"
MONA, MAX, MIREILLE, MARC, MILA = (f"{n}@example.org" for n in ("mona", "max", "mireille", "marc", "mila"))
OMBUD = "ombud@example.org"
ANN, BOB, CARL, DORA, EVE, FAY = (f"{n}@example.net" for n in ("ann", "bob", "carl", "dora", "eve", "fay"))
PEOPLE = {ACCESS: (ANN, BOB, CARL, DORA, EVE), GENRE: (ANN, BOB, FAY), WATER: (CARL, DORA, EVE)}
STAFF = {ACCESS: (MONA, MAX), GENRE: (MIREILLE, MARC), WATER: (MILA,)}
FIRST_DAY = calendar.timegm((2027, 3, 1, 9, 0, 0))
DAY = 86400


def address(name, function=""):
    return f"{name}{function and '-' + function}@{DOMAIN}"


class Month(crash.Story):
    """Days, letters, and what came of them."""

    lists = {
        ACCESS: {"title": "Access", "moderators": [MONA, MAX], "appeals": [OMBUD]},
        GENRE: {"title": "Genre", "language": "fr", "moderators": [MIREILLE, MARC],
                "conduct": 'conduct { step "rappel" { by = "moderator" audience = "member" }\n'
                           '    step "moderation" { by = "two-moderators" audience = "list" after = "rappel" '
                           'within = "30d" lasts = "7d" does = "hold" } }'},
        WATER: {"title": "Water", "moderators": [MILA], "owners": ["olga@example.org"], "posts-per-day": 2,
                "appeals": [OMBUD], "appeal-cosigners": 2},
    }

    def __init__(self, *args):
        super().__init__(*args)
        self.site.lists[WATER]["hooks"] = [self.hook()]
        self.site.write_conf()
        self.counter = itertools.count(1)
        self.real = time.time()
        self.day_number = self.extra = 0
        self.said = {}
        self.day(1)

    def hook(self):
        """A program that knows one word, and asks for a case when it reads it."""
        path = os.path.join(self.site.root, "no-fools")
        with open(path, "w") as f:
            f.write('#!/bin/sh\ngrep -qi "fools" || exit 0\necho "it has the word fools"\n'
                    'echo "case: nobody is a fool here"\nexit 10\n')
        os.chmod(path, 0o755)
        return path

    # --- the calendar ---

    def day(self, n):
        """Nine in the morning of the n-th day; what is due by then is done."""
        if self.site.daemon:  # what came yesterday is decided yesterday
            wait_for(lambda: not [r for r in self.site.residue() if r.startswith(("spool/new", "spool/cur"))], "an empty spool")
        self.day_number = n
        self.set_clock()
        if self.site.daemon:
            time.sleep(0.1)  # a role that has just asked the time may still take what comes now

    def set_clock(self):
        self.site.shift_clock(int(FIRST_DAY + (self.day_number - 1) * DAY + self.extra - self.real))
        if self.site.daemon:
            self.site.daemon.send_signal(signal.SIGUSR1)

    def later(self):
        self.extra += 3600
        self.set_clock()

    def moment(self):
        return time.time() + FIRST_DAY - self.real + (self.day_number - 1) * DAY + self.extra

    # --- letters ---

    def write(self, who, to, subject, body, answers=None, quote=""):
        """A letter; answers: the Message-ID of the one that it answers. Its own."""
        msgid = f"<{next(self.counter)}@month.example.net>"
        data = message(who, to, subject, body + quote, Date=email.utils.formatdate(self.moment()), Message_ID=msgid,
                       In_Reply_To=answers, References=answers)
        self.site.hand_in(who, to, data)
        return msgid

    def letter(self, who, name, subject, body="Words.\n", answers=None, comes=True):
        """A post, which everybody gets (comes) or is not waited for."""
        msgid = self.write(who, address(name), subject, body, answers)
        if comes:
            for reader in PEOPLE[name]:
                wait_for(lambda r=reader: [m for m in self.box(r) if m.msgid == msgid], f"{subject} for {reader}")
        return msgid

    def answers(self, mail, words):
        """Whoever got that mail answers it, with the mail quoted below as clients do."""
        quote = "\nOn a day somebody wrote:\n" + "".join(f"> {line}\n" for line in mail.text().splitlines())
        return self.write(mail.rcpts[0], mail.reply_address, "Re: " + mail.subject, words + "\n", mail.msgid, quote)

    def box(self, who):
        """Each mail once: a copy that came twice is the same mail."""
        return list({m.msgid: m for m in self.site.sink.to(who)}.values())

    def told(self, who, words, n=1):
        """The n-th mail with these words in its subject that is no letter of this month's people."""
        def look():
            found = [m for m in self.box(who) if words in m.subject and "@month.example.net" not in m.msgid]
            return found[n - 1] if len(found) >= n else None
        try:
            return wait_for(look, words)
        except AssertionError:
            raise AssertionError(f"{who} was not told “{words}” ({n}), but " + "; ".join(
                f"{m.subject} {m.msgid}" for m in self.box(who))) from None

    def command(self, who, name, text, gives, asked=True):
        """A command by mail, whose question "was it you?" is answered; gives: words of the answer."""
        before = {m.msgid for m in self.box(who)}
        self.write(who, address(name, "request"), "", text + "\n")

        def new(where):
            try:
                return wait_for(lambda: [m for m in self.box(who) if m.msgid not in before and where(m)], text)[0]
            except AssertionError:
                got = "\n".join(m.text() for m in self.box(who) if m.msgid not in before)
                raise AssertionError(f"{who}: {text}: no “{gives}” in\n{got}") from None
        if asked and not text.startswith(("status", "cases", "case ")):
            self.answers(new(lambda m: "-confirm+" in m.reply_address), "yes")
        return new(lambda m: gives in m.text())

    # --- what it came to ---

    def check(self):
        site = self.site
        site.settle(but=("spool/tmp",) if self.role == "intake" else ())
        if self.died and site.daemon:
            self.later()
            site.reload()
            site.settle(but=("spool/tmp",) if self.role == "intake" else ())
        assert site.rows("PRAGMA integrity_check") == [("ok",)]
        for name in self.lists:
            site.cli("verify", name)
        got = self.record()
        with open(RECORD, encoding="utf-8") as f:
            want = f.read()
        if got != want:
            import difflib
            raise AssertionError("the record differs:\n" + "\n".join(difflib.unified_diff(
                want.splitlines(), got.splitlines(), "expected", "got", lineterm="", n=2)))
        return len([1 for m in site.sink.mails for _ in m.rcpts]) - sum(
            len(self.box(who)) for who in {r for m in site.sink.mails for r in m.rcpts})

    def notices(self):
        return crash.collections.Counter()  # the record names them

    def record(self):
        """All of it, as text; times of the day and tokens are left out."""
        out = ["What a month came to: written by T022-month.py --write, read by people."]
        mails = self.mails()
        for name in self.lists:
            out.append(f"\n=== {name}\n\n--- plenary cases")
            out.append(self.site.cli("cases", name).rstrip())
            out.append("\n--- as a moderator reads it")
            out += [self.case(name, c["id"]) for c in self.site.cli("cases", name, json=True)]
            out.append("--- the public log")
            out.append(self.log(name))
        out.append("\n=== Who was written to")
        out += mails
        return "\n".join(self.plain(line) for line in "\n".join(out).splitlines()) + "\n"

    def case(self, name, number):
        answer = self.command(STAFF[name][0], name, f"case {number}", f"> case {number}\r\n").text()
        return answer.replace("\r\n", "\n").partition(f"> case {number}\n")[2].partition("\nMore:")[0].strip() + "\n"

    def log(self, name):
        wait_for(lambda: not self.site.rows("SELECT 1 FROM dirty", file="archive/archive.db"), "the pages")
        page = self.site.page(f"/{name}/conduct/")
        text = page[page.index('id="log"'):] if 'id="log"' in page else page
        text = re.sub(r"(?s)<(nav|footer).*?</\1>", "", text.partition(">")[2])
        text = re.sub(r"</(li|p|h\d|tr|dd|dt|time|td|th|caption)>", "\n", text)
        text = re.sub(r"<[^>]+>", "", text)
        return "\n".join(line.strip() for line in text.splitlines() if line.strip())

    def mails(self):
        """Of each mail of the site itself: on which day, to whom, under which subject."""
        rows = set()
        for m in self.site.sink.mails:
            if "@month.example.net" in m.msgid:
                continue
            when = email.utils.parsedate_to_datetime(str(m.message["Date"])).timestamp()
            day = int((when - FIRST_DAY + 9 * 3600) // DAY) + 1
            rows.update((day, who, m.subject) for who in m.rcpts)
        return [f"day {d:2}  {who:22}  {subject}" for d, who, subject in sorted(rows)]

    @staticmethod
    def plain(line):
        line = re.sub(r"http://127\.0\.0\.1:\d+", "https://lists.example.org", line)
        line = re.sub(r"\b\d\d:\d\d(:\d\d)?( ?UTC|Z)?", "HH:MM", line)
        line = re.sub(r"\b[0-9a-f]{16,64}\b", "HASH", line)
        return re.sub(r"\+[a-z2-7]{26}@", "+TOKEN@", line).rstrip()


def month(s):
    """a month on three lists"""
    s.start()
    beginnings(s)
    insults(s)
    agreement(s)
    on_a_french_list(s)
    overturned(s)
    floods(s)
    out_of_order(s)
    month_end(s)


month.story = Month


def beginnings(s):
    for name, people in PEOPLE.items():
        for who in people:
            before = len(s.box(who))
            s.write(who, address(name, "subscribe"), "subscribe", "")
            question = wait_for(lambda w=who, n=before: s.box(w)[n:], f"a question to {who}")[0]
            s.answers(question, "yes")
            wait_for(lambda w=who, n=before: s.box(w)[n + 1:], f"the welcome to {who}")
    s.said["captions"] = s.letter(ANN, ACCESS, "Captions", "Shall we ask for captions in all rooms?\n")
    s.letter(FAY, GENRE, "Bonjour", "Je me présente.\n")


def insults(s):
    """Eve insults; a member reports it; reminder, answer, warning, an appeal that is refused."""
    s.day(2)
    rude = s.letter(EVE, ACCESS, "Re: Captions", "Only fools ask for that.\n", s.said["captions"])
    s.site.page(f"/{ACCESS}/m/{key_of(rude)}/")
    s.command(DORA, ACCESS, f"report {key_of(rude)} she calls us fools", "not told to anyone")
    s.told(MONA, "reports a message")
    s.command(MONA, ACCESS, f"remind {EVE} {key_of(rude)} please no names", "the member was told")
    s.day(3)
    s.answers(s.told(EVE, "reminder"), "It was a joke.")
    s.told(MAX, "answers")
    s.day(5)
    worse = s.letter(EVE, ACCESS, "Re: Captions", "Fools, I said.\n", rude)
    s.site.page(f"/{ACCESS}/m/{key_of(worse)}/")
    s.command(MAX, ACCESS, f"warn {EVE} {key_of(worse)} again", "the member was told")
    s.told(BOB, "warning")
    s.write(EVE, address(ACCESS, "appeal"), "This is not fair", "I only said what is true.\n")
    s.answers(s.told(EVE, "confirm your appeal"), "yes")  # nothing proves that it was she
    appeal = s.told(OMBUD, "Appeal against warning")
    s.answers(appeal, "uphold two letters, the same word in both")
    s.told(EVE, "was refused")
    s.answers(appeal, "overturn")  # the same token once more decides nothing
    s.told(OMBUD, "Your answer", 2)


def agreement(s):
    """Forged words decide nothing; one moderator says no, the next time both say yes; the suspension runs."""
    s.day(6)
    before = len(s.box(MONA))
    s.write(MONA, address(ACCESS, "request"), "", f"warn {BOB} because I can\n")  # not by Mona
    question = wait_for(lambda: s.box(MONA)[before:], "the question")[0]
    assert "-confirm+" in question.reply_address
    client = Client(("127.0.0.1", s.site.lmtp_port))
    refused = client.deliver(BOB, [address(ACCESS, "moderate+" + "a" * 26)], b"From: x@example.org\n\nagree\n")
    assert refused[-1][0] == 550, refused
    client.close()
    s.day(8)
    s.command(MONA, ACCESS, f"suspend {EVE} she goes on", "Two moderators")
    s.answers(s.told(MAX, "Do you agree?"), "disagree one more chance")
    s.told(MONA, "No second word")
    s.day(9)
    worst = s.letter(EVE, ACCESS, "Re: Captions", "Fools, all of you.\n", s.said["captions"])
    s.site.page(f"/{ACCESS}/m/{key_of(worst)}/")
    s.command(MAX, ACCESS, f"suspend {EVE} {key_of(worst)} that was the chance", "Two moderators")
    question = s.told(MONA, "Do you agree?")
    s.answers(question, "agree")
    s.told(EVE, "suspension")
    s.told(BOB, "suspension")
    s.letter(EVE, ACCESS, "May I", comes=False)
    s.told(EVE, "was not sent on")
    s.letter(BOB, ACCESS, "What she still reads")
    s.command(EVE, ACCESS, "status", "may not post until")


def on_a_french_list(s):
    """A list with other steps, in another language, without an appeal body."""
    s.day(10)
    cold = s.letter(BOB, GENRE, "Assez", "Taisez-vous.\n")
    s.site.page(f"/{GENRE}/m/{key_of(cold)}/")
    s.command(MIREILLE, GENRE, f"step moderation {BOB} trop tôt", "doit avoir eu lieu avant")
    s.command(MIREILLE, GENRE, f"step rappel {BOB} {key_of(cold)} restons polis", "le membre est prévenu")
    s.told(BOB, "rappel")
    s.day(12)
    s.command(MARC, GENRE, f"step moderation {BOB} il continue", "Les autres ont été interrogés")
    s.answers(s.told(MIREILLE, "moderation"), "agree")
    s.told(FAY, "moderation")
    held = s.letter(BOB, GENRE, "Pardon", "Je m’excuse.\n", comes=False)
    s.answers(s.told(MARC, "Pardon"), "accept")
    for who in PEOPLE[GENRE]:
        wait_for(lambda w=who: [m for m in s.box(w) if m.msgid == held], f"Pardon for {who}")
    client = Client(("127.0.0.1", s.site.lmtp_port))
    assert client.deliver(BOB, [address(GENRE, "appeal")], b"From: x@example.org\n\nx\n")[-1][0] == 550
    client.close()


def overturned(s):
    """Carl is suspended too fast: the appeal body overturns it, and he posts again."""
    s.day(14)
    s.command(MONA, ACCESS, f"remind {CARL} shorter, please", "the member was told")
    s.command(MONA, ACCESS, f"warn {CARL} still too long", "the member was told")
    s.command(MAX, ACCESS, f"suspend {CARL} and again", "Two moderators")
    s.answers(s.told(MONA, "Do you agree?", 2), "agree")
    s.told(CARL, "suspension")
    s.day(15)
    s.write(CARL, address(ACCESS, "appeal"), "All in one day", "Nobody can answer that fast.\n")
    s.answers(s.told(CARL, "confirm your appeal"), "yes")
    s.answers(s.told(OMBUD, "Appeal against suspension"), "overturn steps need time between them")
    s.told(CARL, "was granted")
    s.told(DORA, "was overturned")
    s.letter(CARL, ACCESS, "Thank you")


def floods(s):
    """A thread rests; a wave of spam is held, and then it is over."""
    s.day(16)
    s.command(MONA, ACCESS, f"freeze {key_of(s.said['captions'])} 3 breathe", "the list was told")
    s.told(ANN, "rests until")
    late = s.letter(BOB, ACCESS, "Re: Captions", "One thing more.\n", s.said["captions"], comes=False)
    s.told(BOB, "goes out later")
    s.day(18)
    for n in range(3):
        s.letter(CARL, WATER, f"Flow {n}", comes=n < 2)
    s.told(CARL, "goes out later")
    s.command(MILA, WATER, "emergency on a wave of spam", "the list was told")
    s.told(DORA, "held for the moment")
    s.letter(DORA, WATER, "In the wave", comes=False)
    s.answers(s.told(MILA, "In the wave"), "accept")
    wait_for(lambda: [m for m in s.box(EVE) if m.subject == "In the wave"], "the accepted one")
    for n in range(3):
        s.letter(f"seller{n}@example.com", WATER, f"Cheap {n}", comes=False)
        s.told(MILA, f"Cheap {n}")
    first, last = (re.search(r"held (\d+)\]", s.told(MILA, f"Cheap {n}").subject)[1] for n in (0, 2))
    s.command(MILA, WATER, f"discard {first}-{last} 900", "no held post of this list has this number")
    wait_for(lambda: not s.site.cli("held", WATER, json=True)[1:], "all three to be dropped")
    s.command(MILA, WATER, "emergency off", "the list was told")
    s.told(EVE, "go out again")
    s.day(19)
    wait_for(lambda: [m for m in s.box(DORA) if m.subject == "Flow 2"], "the third of yesterday")
    s.extra += 3600  # the thread thaws three days after the word
    s.set_clock()
    s.told(BOB, "a thread goes on")
    wait_for(lambda: [m for m in s.box(ANN) if m.msgid == late], "the held reply")


def out_of_order(s):
    """Too early, about himself, unknown, twice; a moderator who leaves with his proposal open."""
    s.day(20)
    s.command(MONA, ACCESS, f"warn {BOB} too early", "must have come before")
    s.command(MONA, ACCESS, f"step banish {BOB}", "no step of this name")
    s.command(MONA, ACCESS, "remind nobody@example.net", "not a member")
    s.letter(EVE, WATER, "Rain", "Fools dance in it.\n", comes=False)
    s.told(MILA, "A filter reports")
    s.answers(s.told(MILA, "] Rain"), "reject no fools here, please")
    s.told(EVE, "not accepted")
    s.command(MILA, WATER, f"remind {EVE} stay with the water", "the member was told")
    s.command(MILA, WATER, f"warn {EVE} please", "the member was told")
    s.command(MILA, WATER, f"suspend {EVE} now", "there is no second one")
    petition(s)
    s.command(BOB, ACCESS, f"remind {CARL} I am no moderator", "for the moderators", asked=False)
    s.day(22)
    s.command(MAX, ACCESS, f"remind {BOB} answer below, please", "the member was told")
    s.command(MONA, ACCESS, f"warn {BOB} below, please", "the member was told")
    s.command(MAX, ACCESS, f"suspend {BOB} below!", "Two moderators")
    question = s.told(MONA, "Do you agree?", 3)
    s.site.lists[ACCESS] = dict(s.site.lists[ACCESS], moderators=[MONA, "mary@example.org"])
    s.site.write_conf()
    s.site.reload()
    s.answers(question, "agree")
    s.told(MONA, "Your answer", 3)  # his word is none any more
    s.command(MONA, ACCESS, f"suspend {BOB} below!", "Two moderators")
    s.answers(s.told("mary@example.org", "Do you agree?"), "agree")
    s.told("mary@example.org", "Your answer")


def petition(s):
    """Eve's appeal on this list needs two others behind it; who moderates is none of them."""
    s.write(EVE, address(WATER, "appeal"), "Too hard", "I spoke of the rain.\n")
    s.answers(s.told(EVE, "confirm your appeal", 2), "yes")
    way = re.search(r"\S+\+[a-z2-7]+@\S+", s.told(EVE, "needs 2 other members").text())[0]
    for who in (DORA, MILA, CARL):
        before = len(s.box(who))
        s.write(who, way, "I stand behind it", "")
        question = wait_for(lambda w=who, n=before: s.box(w)[n:], f"a question to {who}")[0]
        s.answers(question, "yes")  # nothing proves that it was that member
        wait_for(lambda w=who, n=before: s.box(w)[n + 1:], f"an answer to {who}")
    s.answers(s.told(OMBUD, "Appeal against warning", 2), "overturn she spoke of the rain")
    s.told(EVE, "was granted")


def month_end(s):
    """What nobody lifted ends by itself."""
    s.day(29)
    s.command(MONA, ACCESS, f"lift {BOB} he does", "It was lifted")
    s.day(41)
    s.told(EVE, "is over")
    s.letter(EVE, ACCESS, "I am back", "I will try.\n")


def compared(build):
    s = Month()
    s.site.build = build
    try:
        month(s)
        s.check()
        assert s.site.stop() == 0
    except Exception:
        sys.stderr.write(s.site.log_text()[-5000:])
        raise
    finally:
        s.site.remove()


def with_sanitizers():
    """a month on three lists comes to the record that was expected, word for word"""
    compared(BUILD)


def as_installed():
    """the same as installed (with seccomp walls)"""
    return "there is one build only" if PLAIN == BUILD else compared(PLAIN)


def killed():
    """each role killed once at each durable step of the month: the same words"""
    rows, failures = crash.sweep(month, (1,))
    print(f"note: a month on three lists: killed at {len(rows)} points")
    assert rows and not failures, "\n\n".join(failures)


def write():
    s = Month()
    try:
        month(s)
        s.site.settle()
        with open(RECORD, "w", encoding="utf-8") as f:
            f.write(s.record())
    finally:
        print(s.site.log_text()[-3000:])
        s.site.remove()


if __name__ == "__main__":
    if "--write" in sys.argv:
        write()
    elif "--all" in sys.argv:
        sys.exit(crash.whole([month]))
    else:
        run([with_sanitizers, as_installed, killed])
