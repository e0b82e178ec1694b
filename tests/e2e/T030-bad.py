#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Bad input and bad luck: each gets its clear answer, and nothing that was acknowledged is lost."""
import contextlib
import hashlib
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from plenary_site import (  # noqa: E402
    BUILD, DOMAIN, PATIENCE, Client, Sink, Site, free_ports, key_of, message, run, wait_for)

ANN, BOB, EVE, MOD = "ann@example.org", "bob@example.net", "eve@example.com", "mod@example.org"
LIST = f"dc-test@{DOMAIN}"
DAY = 86400


def msgid_of(data):
    return re.search(rb"(?i)Message-ID: (\S+)", data)[1].decode()


def copies(site, msgid):
    """How often each recipient got a post."""
    return Counter(r for m in site.sink.mails if m.msgid == msgid for r in m.rcpts)


def unknown():
    """unknown and foreign addresses end at RCPT with a code that says why"""
    with Site(lists={"dc-test": {}, "dc-other": {"appeals": ["ombud@example.org"]}}) as site:
        c = Client(("127.0.0.1", site.lmtp_port))
        c.cmd("LHLO x.example.org")
        c.cmd(f"MAIL FROM:<{EVE}>")
        for local in ("nobody", "dc-tes", "dc-testx", "dc-test-", "dc-test-nothing", "dc-test+tag-subscribe", "-subscribe",
                      "dc-test-appeal", "dc-test-confirm", "dc-test-moderate", "dc-test-bounces+" + "a" * 26,
                      "dc-test-confirm+" + "a" * 26, "dc-test-unsubscribe+" + "b" * 60, "plenary-unsubscribe+" + "c" * 26):
            code, text = c.cmd(f"RCPT TO:<{local}@{DOMAIN}>")
            assert code == 550 and re.match(r"5\.[17]\.\d ", text), (local, code, text)
        for domain in ("elsewhere.example", "x." + DOMAIN, "example.org"):
            code, text = c.cmd(f"RCPT TO:<dc-test@{domain}>")
            assert code == 550 and text.startswith("5.7.1"), (domain, code, text)
        for local in ("dc-test", "DC-Test", "dc-other-appeal", "dc-test-owner", "plenary", "postmaster"):
            code, text = c.cmd(f"RCPT TO:<{local}@{DOMAIN}>")
            assert code == 250 or local == "postmaster", (local, code, text)
        c.close()
        assert not os.listdir(os.path.join(site.state, "spool/new")) and not site.sink.mails


def tokens():
    """tokens: forged, of another purpose, used, expired: nothing happens, and the answer says why"""
    with Site(clock=True) as site:
        site.send(ANN, f"dc-test-subscribe@{DOMAIN}")
        question = site.sink.wait_to(ANN)
        local, token = re.match(r"(.*)\+([a-z2-7]+)@", question.reply_address).groups()
        c = Client(("127.0.0.1", site.lmtp_port))
        c.cmd("LHLO x.example.org")
        c.cmd(f"MAIL FROM:<{ANN}>")
        flipped = token[:5] + ("a" if token[5] != "a" else "b") + token[6:]
        for bad in (f"{local}+{flipped}", f"{local}+{token[:-1]}", f"{local}+{token}a", f"dc-test-unsubscribe+{token}",
                    f"dc-test-bounces+{token}", f"{local}+{'a' * len(token)}"):
            code, text = c.cmd(f"RCPT TO:<{bad}@{DOMAIN}>")
            assert code == 550 and text.startswith("5.1.1"), (bad, code, text)
        assert c.cmd(f"RCPT TO:<{local.upper()}+{token.upper()}@{DOMAIN}>")[0] == 250, "case survives no mail server"
        c.close()
        # A question for another list, a moderator's word at the wrong door: nothing.
        for path in (f"/c/{flipped}", f"/u/{flipped}", f"/u/{token}", "/c/", "/c/x", "/u/" + "a" * 300):
            for method in ("GET", "POST"):
                status = site.get(path, method, "" if method == "POST" else None)[0]
                assert status in (404, 410) or (path == "/c/" and status == 405), (method, path, status)
        # Expired.
        site.shift_clock(4 * DAY)
        site.reply(question, ANN)
        told = site.sink.wait_to(ANN, 2)
        assert "expired" in (told.subject + told.text()), told.text()
        assert ANN not in site.cli("members", "dc-test")
        # Again, in time; and then the same answer once more.
        site.send(ANN, f"dc-test-subscribe@{DOMAIN}")
        question = site.sink.wait_to(ANN, where=lambda m: "-confirm+" in m.reply_address and token not in m.reply_address)
        site.reply(question, ANN)
        site.sink.wait_to(ANN, where=lambda m: "welcome" in m.subject.lower())
        site.reply(question, ANN)
        site.sink.wait_to(ANN, where=lambda m: "already" in m.subject + m.text())
        assert len(site.cli("members", "dc-test", json=True)) == 1
        # One click twice: she has left, and that is what she is told.
        msgid = site.send(ANN, LIST, "Out")
        copy = site.sink.wait_to(ANN, where=lambda m: m.msgid == msgid)
        path = re.search(r"(/u/[a-z2-7]+)", copy.message["List-Unsubscribe"])[1]
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        assert site.get(path, "POST", "List-Unsubscribe=One-Click", form)[0] == 200
        site.sink.wait_to(ANN, where=lambda m: "left" in m.subject)
        assert site.get(path, "POST", "List-Unsubscribe=One-Click", form)[0] in (200, 410)
        site.settle()
        assert site.cli("members", "dc-test", json=True) == []


def protocol():
    """malformed commands: a clear code each, the session goes on; who only errs is hung up on"""
    with Site() as site:
        site.join(ANN)

        def say(*dialogue, smtp=False):
            c = Client(("127.0.0.1", site.smtp_port if smtp else site.lmtp_port), lmtp=not smtp)
            for line, want in dialogue:
                code, text = c.cmd(line)
                assert code in (want if isinstance(want, tuple) else (want,)), (line, code, text)
                assert code < 400 or re.match(r"[245]\.\d+\.\d+ ", text), (line, code, text)
            return c

        hello, mail = ("LHLO x.example.org", 250), (f"MAIL FROM:<{ANN}>", 250)
        say((f"MAIL FROM:<{ANN}>", 503), ("EHLO x", 500), ("LHLO", 501), hello, ("RCPT TO:<x@y>", 503), ("DATA", 503),
            ("GARBAGE", 500), ("", 500), (b"NO\0OP", 500), (b"\xff\xfe\x00", 500), ("MAIL", 501), ("MAIL FROM:x y", 501),
            ("NOOP", 250), ("QUIT", 221)).drop()
        say(hello, ("MAIL FROM:<no at sign", 501), (f"MAIL FROM:<{ANN}> SIZE=abc", 501), (f"MAIL FROM:<{ANN}> SIZE=99999999999", 552),
            (f"MAIL FROM:<{ANN}> FOO=BAR", 555), (f"MAIL FROM:<{ANN}> BODY=9BIT", 501), mail, mail[:1] + (503,),
            ("RCPT TO:<>", (501, 550)), ("RCPT TO:" + LIST, (250, 501)), (f"RCPT TO:<{LIST}> FOO=BAR", 555),
            ("RCPT TO:<" + "a" * 300 + f"@{DOMAIN}>", (501, 550)), ("X" * 5000, 500), ("RSET", 250)).close()
        say(("LHLO x", 500), ("EHLO x", 250), ("VRFY ann", 252), ("EXPN dc-test", (500, 502)), ("HELP", 214), ("QUIT", 221),
            smtp=True).drop()
        # Nobody smuggles: a lone LF or CR in a message, an end that is none.
        for bad in (b"Subject: x\n\nbody\r\n.\r\n", b"Subject: x\r\n\r\nlone\rcr\r\n.\r\n", b"Subject: x\r\n\r\na\n.\nMAIL FROM:<e@x>\r\n.\r\n"):
            c = say(hello, mail, (f"RCPT TO:<{LIST}>", 250), ("DATA", 354))
            c.raw(bad)
            code, text = c.reply()
            assert code == 554 and text.startswith("5.6.11"), (bad, code, text)
            assert c.cmd("NOOP")[0] == 250
            c.close()
        # Only errors: the end comes soon and by 421.
        c = say(hello)
        code = 0
        for _ in range(200):
            with contextlib.suppress(OSError):
                code = c.cmd("GARBAGE")[0]
            if code != 500:
                break
        assert code == 421, code
        # Gone in the middle of a message: nothing is kept of it.
        c = say(hello, mail, (f"RCPT TO:<{LIST}>", 250), ("DATA", 354))
        c.raw(b"Subject: half\r\n\r\nhalf a mess")
        c.drop()
        marker = site.send(ANN, LIST, "Marker")
        site.sink.wait_to(ANN, where=lambda m: m.msgid == marker)
        site.settle()
        assert set(site.archived()) == {key_of(marker)}


def nested(n):
    """n parts, each inside the one before."""
    text = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (i, i) for i in range(n))
    return text + b"Content-Type: text/plain\r\n\r\nthe innermost walnut\r\n" + b"".join(b"--b%d--\r\n" % i for i in reversed(range(n)))


HEAD = b"From: Ann <ann@example.org>\r\nTo: dc-test@lists.example.org\r\n"
DATED = HEAD + b"Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <%s@odd.example>\r\nSubject: odd %s\r\n"
ODD = {
    b"nul": DATED + b"\r\nbefore\0after walnut\r\n\0\0\0\r\n",
    b"nulhead": DATED + b"X-Nul: a\0b\r\n\r\nwalnut\r\n",
    b"nested": DATED + b"MIME-Version: 1.0\r\n" + nested(10000),
    b"manyparts": DATED + b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n'
                  + b"--x\r\n\r\nwalnut\r\n" * 10000 + b"--x--\r\n",
    b"unclosed": DATED + b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="never"\r\n\r\nwalnut without parts\r\n',
    b"charset": DATED + b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=klingon-8\r\n\r\nwalnut \xff\xfe\xf0\r\n",
    b"badb64": DATED + b"MIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!! walnut ====\r\n",
    b"badqp": DATED + b"MIME-Version: 1.0\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=ZZ=4=\r\nwalnut =\r\n",
    b"badwords": DATED + b"Subject: =?utf-8?b?////?= =?x?y?z?= =?utf-8?q?=ff=fe?=\r\n\r\nwalnut\r\n",
    b"colons": DATED + b": nothing\r\nno colon here at all\r\n\r\nwalnut\r\n",
    b"longline": DATED + b"\r\nwalnut " + b"x" * 3000000 + b"\r\n",
    b"longfield": DATED + b"References: " + b" <r@x.example>" * 20000 + b"\r\n\r\nwalnut\r\n",
    b"manyfields": DATED + b"X-A: b\r\n" * 1990 + b"\r\nwalnut\r\n",
    b"html": DATED + b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<b>walnut<script>alert(1)</script>" + b"<div>" * 50000 + b"\r\n",
    b"nobody": DATED,
    b"onlyhead": DATED + b"\r\n",
    b"rfc822": DATED + b"MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n" * 200 + b"\r\nwalnut\r\n",
    b"partial": DATED + b"MIME-Version: 1.0\r\nContent-Type: message/partial; number=1; total=3; id=x\r\n\r\nwalnut\r\n",
}
# Without what makes a post nameable or datable.
NAMELESS = {
    "no Message-ID, no Date": HEAD + b"Subject: nameless one\r\n\r\nwalnut nameless\r\n",
    "no Subject, an impossible Date": HEAD + b"Date: Tue, 35 Foo 99999 99:99:99 +9999\r\n\r\nwalnut nameless 2\r\n",
    "a broken Message-ID": HEAD + b"Message-ID: <<no end \x01\r\nSubject: nameless three\r\n\r\nwalnut nameless 3\r\n",
    "a Date in 1970": HEAD + b"Date: Thu, 1 Jan 1970 00:00:00 +0000\r\nSubject: nameless four\r\n\r\nwalnut nameless 4\r\n",
    "a Date in 2999": HEAD + b"Date: Thu, 1 Jan 2999 00:00:00 +0000\r\nSubject: nameless five\r\n\r\nwalnut nameless 5\r\n",
}
HEADLESS = {
    "nothing": b"",
    "an empty line": b"\r\n",
    "no header at all": b"just some words without any header\r\nand more\r\n",
    "only NULs": b"\0" * 100 + b"\r\n",
    "a header without end": b"X" * 300000 + b"\r\n",
    "only fields, thousands": b"X-A: b\r\n" * 60000 + b"\r\n",
}


def put(site, sender, data):
    """The bytes as they are, in one transaction; the reply to the message."""
    c = Client(("127.0.0.1", site.lmtp_port))
    try:
        c.cmd("LHLO x.example.org")
        for line in (f"MAIL FROM:<{sender}> BODY=8BITMIME", f"RCPT TO:<{LIST}>"):
            code, text = c.cmd(line)
            assert code == 250, (line, code, text)
        assert c.cmd("DATA")[0] == 354
        c.raw(re.sub(rb"(?m)^\.", b"..", data) + (b"" if data.endswith(b"\r\n") or not data else b"\r\n") + b".\r\n")
        return c.reply()
    finally:
        c.close()


def malformed():
    """malformed mail: each is distributed, paged and stored as it came, or held and then so, or refused with a clear code"""
    with Site(site={"max-message-size": "20M"}) as site:
        site.join(ANN)
        site.cli("subscribe", "dc-test", BOB)
        named = {f"odd {n.decode()}": d.replace(b"odd %s", b"odd " + n).replace(b"<%s@", b"<" + n + b"@") for n, d in ODD.items()}
        taken, refused = {}, {}
        for name, data in {**named, **NAMELESS, **HEADLESS}.items():
            code, text = put(site, ANN, data)
            assert code == 250 or (code // 100 == 5 and re.match(r"5\.\d+\.\d+ ", text)), (name, code, text)
            if code == 250:
                taken[name] = data if data.endswith(b"\r\n") or not data else data + b"\r\n"
            else:
                refused[name] = (code, text)
        assert len(refused) <= 2, refused
        marker = site.send(ANN, LIST, "Marker")
        site.sink.wait_to(BOB, where=lambda m: m.msgid == marker)
        site.settle(but=("held",))
        at_once = [n for n, d in taken.items() if d in site.archived().values()]
        assert set(NAMELESS) <= set(at_once) and len(at_once) >= len(NAMELESS) + len(ODD) - 2, at_once
        # What no parser should see waits for a person, who may let it through.
        held = site.cli("held", json=True)
        # A header that no copy could carry: the author has her post back, with the reason.
        returned = site.log_text().count("refused: header")
        assert returned == len([m for m in site.sink.to(ANN) if "was not sent on" in m.subject]), returned
        assert len(held) + returned == len(taken) - len(at_once), (held, returned, at_once)
        for h in held:
            assert h["reasons"], h
            site.cli("accept", str(h["id"]))
        site.settle(but=("feed/dc-test/bad",))
        store = {d: k for k, d in site.archived().items()}
        # There is nothing to keep of an empty one, even if a person lets it through.
        empty = [n for n, d in taken.items() if not d.strip()]
        assert site.log_text().count("set aside in feed/dc-test/bad: it is empty") == len(empty)
        for name in [n for n, d in taken.items() if d not in store and n not in empty]:
            returned -= 1
            del taken[name]
        assert returned == 0, returned
        for name, data in taken.items():
            if name in empty:
                continue
            assert data in store, f"{name} is not stored as it came"
            page = site.page(f"/dc-test/m/{store[data]}/")
            if name in named and name in at_once:
                assert name in page, name
                copies_of = [m for m in site.sink.to(BOB) if f"<{name[4:]}@odd.example>".encode() in m.head]
                # What follows the last readable field is body.
                body = data.partition(b": nothing" if "colons" in name else b"\r\n\r\n")
                want = (body[1] if "colons" in name else b"") + body[2]
                assert len(copies_of) == 1 and copies_of[0].body == want, name
        posts = [m for m in site.sink.to(BOB) if m.sender]
        assert len(posts) == len(taken) + 1, (len(posts), len(taken))
        deaths = [line for line in site.log_text().splitlines() if "starts again" in line]
        assert not deaths, deaths
        print(f"note: {len(at_once)} odd mails went through, {len(held)} were held first, refused: {refused}")


def broken_reload():
    """a broken configuration at reload changes nothing and every error is in the log; a good one acts"""
    with Site() as site:
        site.join(ANN)
        with open(site.conf) as f:
            good = f.read()
        with open(site.conf, "a") as f:
            f.write('\nlist "dc-new" { title = "New" }\nno-such-key = "x"\nlist "bad name!" { }\n')
        assert "was not reloaded" in site.reload()
        log = site.log_text()
        at = good.count("\n") + 1
        for line in (at + 2, at + 3):
            assert re.search(rf"{re.escape(site.conf)}:{line}: ", log), f"no error for line {line}"
        c = Client(("127.0.0.1", site.lmtp_port))
        c.cmd("LHLO x")
        c.cmd(f"MAIL FROM:<{ANN}>")
        assert c.cmd(f"RCPT TO:<dc-new@{DOMAIN}>")[0] == 550
        assert c.cmd(f"RCPT TO:<{LIST}>")[0] == 250
        c.close()
        os.unlink(site.conf)
        assert "was not reloaded" in site.reload()
        p = subprocess.run([os.path.join(BUILD, "plenaryd"), "-n", "-f", site.conf], capture_output=True, text=True)
        assert p.returncode == 1 and site.conf in p.stderr, p.stderr
        site.send(ANN, LIST, "Still here")
        site.sink.wait_to(ANN, where=lambda m: m.subject == "Still here")
        site.lists["dc-new"] = {}
        site.write_conf()
        assert "was read again" in site.reload()
        wait_for(lambda: site.lmtp(ANN, f"dc-new-help@{DOMAIN}", message(ANN, f"dc-new-help@{DOMAIN}"))[-1][0] == 250, "the new list")
        site.join(BOB, "dc-new")
        site.send(ANN, LIST, "After all")
        site.sink.wait_to(ANN, where=lambda m: m.subject == "After all")
        assert "dc-new" in site.page("/")


@contextlib.contextmanager
def small_disk(path, size):
    os.makedirs(path, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "plenary-test", path], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", path], check=True)


def full_disk():
    """a full disk: intake answers 452, nothing acknowledged is lost, it goes on when there is space again"""
    if os.geteuid() != 0:
        return "only root can mount a small disk"
    site = Site(start=False)
    try:
        with small_disk(site.state, "40M"):
            site.start()
            site.cli("subscribe", "dc-test", ANN)
            acked, refused = [], None
            for i in range(300):
                data = message(ANN, LIST, f"Filler {i}", f"word{i} " + ("x" * 76 + "\n") * 6000)
                code, text = site.lmtp(ANN, LIST, data)[-1]
                if code == 250:
                    acked.append(data)
                elif refused is None:
                    refused = (code, text)
                if refused and i % 3 == 0:
                    break
            assert refused and refused[0] == 452 and refused[1].startswith("4.3.1"), refused
            assert acked
            # The last bytes, too; small mail is refused like large mail, and the daemon lives on.
            with contextlib.suppress(OSError), open(os.path.join(site.state, "filler"), "wb", buffering=0) as f:
                while f.write(b"x" * 4096):
                    pass
            code, text = site.lmtp(ANN, LIST, message(ANN, LIST, "Small", "y" * 9000))[-1]
            assert code == 452, (code, text)
            time.sleep(2)  # the other roles meet the full disk, too
            assert site.daemon.poll() is None
            subprocess.run(["mount", "-o", "remount,size=400M", site.state], check=True)
            os.unlink(os.path.join(site.state, "filler"))
            acked.append(message(ANN, LIST, "Space again"))
            site.hand_in(ANN, LIST, acked[-1])
            site.cli("queue", "flush")
            wait_for(lambda: all(copies(site, msgid_of(d))[ANN] for d in acked), "all that was acknowledged", 3 * PATIENCE)
            site.settle(patience=3 * PATIENCE)
            assert set(site.archived()) == {key_of(msgid_of(d)) for d in acked}
            site.cli("verify", "dc-test")
            for d in acked:
                site.page(f"/dc-test/m/{key_of(msgid_of(d))}/")
            assert site.rows("PRAGMA integrity_check") == [("ok",)]
            assert site.stop() == 0
            assert "Sanitizer" not in site.log_text(), site.log_text()[-4000:]
    except BaseException:
        sys.stderr.write(site.log_text()[-6000:])
        raise
    finally:
        site.remove()
    return None


def no_relay():
    """a relay that is away: tried again, shown by queue, delivered when it comes back; the second of two takes over"""
    dead, = free_ports(1)
    site = Site(relay=f"smtp://127.0.0.1:{dead}", clock=True)
    with site:
        for who in (ANN, BOB):
            site.cli("subscribe", "dc-test", who)
        msgid = site.send(ANN, LIST, "Waits")
        rows = wait_for(lambda: (lambda q: q if [r for r in q if r["attempts"]] else None)(site.cli("queue", json=True)), "a failed try")
        assert {r["recipient"] for r in rows} == {ANN, BOB} and {r["list"] for r in rows} == {"dc-test"}, rows
        tried = [r for r in rows if r["attempts"]]
        assert "Connection refused" in tried[0]["error"] and str(dead) in tried[0]["error"], tried
        site.page(f"/dc-test/m/{key_of(msgid)}/")  # the archive does not wait for a relay
        waiting = [r["id"] for r in site.cli("queue", json=True)]
        site.stop()
        site.start()
        assert [r["id"] for r in site.cli("queue", json=True)] == waiting, "a restart forgets nothing"
        site.sink.close()
        site.sink = Sink(dead)
        site.shift_clock(3600)  # the next try is due
        for who in (ANN, BOB):
            site.sink.wait_to(who, where=lambda m: m.msgid == msgid)
        site.settle()
        assert copies(site, msgid) == {ANN: 1, BOB: 1}
    dead, = free_ports(1)
    with Site(start=False) as site:
        site.settings["relay"] = [f"smtp://127.0.0.1:{dead}", f"smtp://127.0.0.1:{site.sink.port}"]
        site.write_conf()
        site.start()
        site.cli("subscribe", "dc-test", ANN)
        msgid = site.send(ANN, LIST, "By the second")
        site.sink.wait_to(ANN, where=lambda m: m.msgid == msgid)
        site.settle()
        assert copies(site, msgid) == {ANN: 1}


def fingerprint(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def second_daemon():
    """a second daemon on the same state ends at once with 1 and a clear line; the first goes on"""
    with Site() as site:
        site.join(ANN)
        other = Site(start=False)
        other.state = site.state
        other.write_conf()
        p = subprocess.run([os.path.join(BUILD, "plenaryd"), "-d", "-f", other.conf], capture_output=True, text=True, timeout=60)
        other.remove()
        assert p.returncode == 1 and re.search(rf"another plenaryd \({site.daemon.pid}\) works on {re.escape(site.state)}", p.stderr), p.stderr
        site.send(ANN, LIST, "Unmoved")
        site.sink.wait_to(ANN, where=lambda m: m.subject == "Unmoved")


def newer_state():
    """a list.db of a newer version: refused with a clear line, nothing changed, mail is kept"""
    with Site() as site:
        site.join(ANN)
        site.settle()
        site.stop()
        path = os.path.join(site.state, "list.db")
        db = sqlite3.connect(path)
        version = db.execute("PRAGMA user_version").fetchone()[0]
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute(f"PRAGMA user_version = {version + 7}")
        db.close()
        before = fingerprint(path)
        code, _, err = site.cli("members", "dc-test", ok=None)
        assert code == 1 and re.search(rf"list\.db was written by a newer Plenary \(version {version + 7}", err), err
        site.start()
        wait_for(lambda: "was written by a newer Plenary" in site.log_text(), "the log")
        kept = site.send(ANN, LIST, "Kept meanwhile")
        site.stop()
        assert fingerprint(path) == before, "not a byte of it changed"
        assert len(os.listdir(os.path.join(site.state, "spool/new"))) == 1
        db = sqlite3.connect(path)
        db.execute(f"PRAGMA user_version = {version}")
        db.close()
        site.start()
        site.sink.wait_to(ANN, where=lambda m: m.msgid == kept)


class Load:
    """Mail servers that hand in posts, each again until it is told 250."""

    def __init__(self, site, people, posts, lanes=4, pause=0.0):
        self.site, self.done, self.pause = site, [], pause
        self.data = [message(people[i % len(people)], LIST, f"Load {i}", f"hello {i}\n") for i in range(posts)]
        self.next = iter(range(posts))
        self.failed = []
        self.threads = [threading.Thread(target=self.lane) for _ in range(lanes)]
        for t in self.threads:
            t.start()

    def lane(self):
        try:
            for i in self.next:
                sender = re.search(rb"From: (\S+)", self.data[i])[1].decode()
                self.site.hand_in(sender, LIST, self.data[i], patience=3 * PATIENCE)
                self.done.append(i)
                time.sleep(self.pause)
        except Exception as e:  # noqa: BLE001
            self.failed.append(e)

    def join(self):
        for t in self.threads:
            t.join()
        assert not self.failed, self.failed


def all_there(site, load, people, twice=False):
    """Every post with everyone, in the archive exactly once; how many copies came twice."""
    want = {key_of(msgid_of(d)) for d in load.data}
    got = Counter()

    def everyone():
        got.clear()
        got.update((m.msgid, r) for m in list(site.sink.mails) for r in m.rcpts)
        return all((msgid_of(d), p) in got for d in load.data for p in people)
    wait_for(everyone, "all posts with everyone", 3 * PATIENCE)
    # What a killed intake was writing: nobody was told 250 for it, and in a day it goes.
    site.settle(but=("spool/tmp",) if twice else (), patience=3 * PATIENCE)
    everyone()
    more = sum(got[msgid_of(d), p] - 1 for d in load.data for p in people)
    assert twice or not more, f"{more} copies came twice"
    assert set(site.archived()) == want
    with open(os.path.join(site.state, "archive/log/dc-test")) as f:
        assert Counter(line.split("\t")[3] for line in f) == Counter(want)
    site.cli("verify", "dc-test")
    assert site.cli("stats", "dc-test", json=True)[0]["messages"] == len(want)
    for key in want:
        assert os.path.exists(os.path.join(site.state, "html/dc-test/m", key, "index.html")), key
    return more


def signals_under_load():
    """SIGHUP and SIGTERM under load: no acknowledged post is lost, none comes twice"""
    with Site() as site:
        people = [f"m{i}@example.org" for i in range(4)]
        for p in people:
            site.cli("subscribe", "dc-test", p)
        load = Load(site, people, 150)
        for i in range(3):
            wait_for(lambda i=i: len(load.done) > 20 * (i + 1), "posts")
            site.reload()
        for i in range(2):
            wait_for(lambda i=i: len(load.done) > 80 + 25 * i, "posts")
            assert site.stop() == 0
            site.start()
        load.join()
        all_there(site, load, people)


def killed_roles():
    """each role killed -9 at random moments while 300 posts go through: all arrive, each archived once"""
    seed = int(os.environ.get("PLENARY_TEST_SEED", "1"))
    dice = random.Random(seed)
    with Site() as site:
        people = [f"m{i}@example.org" for i in range(4)]
        for p in people:
            site.cli("subscribe", "dc-test", p)
        load = Load(site, people, 300, pause=0.1)  # so long that every role is killed while it works
        kills = Counter()
        while len(load.done) < 300 and not load.failed:
            time.sleep(dice.uniform(0, 0.3))
            role = dice.choice(["intake", "list", "deliver", "remote", "archived", "web"])
            pid = site.roles(role)
            # At most a few times each: the parent waits longer each time it starts one again.
            if pid and kills[role] < 3:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    kills[role] += 1
        load.join()
        site.cli("queue", "flush")
        more = all_there(site, load, people, twice=True)
        bad = os.listdir(os.path.join(site.state, "spool/bad"))
        assert not bad, bad
        print(f"note: seed {seed}: killed {dict(kills)}; {more} of {300 * len(people)} copies came twice")


if __name__ == "__main__":
    run([unknown, tokens, protocol, malformed, broken_reload, full_disk, no_relay, second_daemon, newer_state,
         signals_under_load, killed_roles])
