#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job: a person joins by mail, posts, everyone gets it, it is a page, it is found, she leaves with one click."""
import base64
import email.utils
import hashlib
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from plenary_site import BUILD, DOMAIN, PLAIN, Client, Site, message, run, wait_for  # noqa: E402

ANN, BOB, EVE = "ann@example.org", "bob@example.net", "eve@example.com"
LIST = f"dc-test@{DOMAIN}"


def key_of(msgid):
    return base64.b32encode(hashlib.sha1(msgid.strip("<>").encode()).digest()).decode().lower()


def header_lines(head):
    """Raw header fields in order, folds kept."""
    fields = []
    for line in head.split(b"\r\n"):
        if line[:1] in b" \t" and fields:
            fields[-1] += b"\r\n" + line
        elif line:
            fields.append(line)
    return fields


def whole_way(build):
    with Site(build=build) as site:
        welcome = site.join(ANN)
        assert "welcome" in welcome.subject.lower(), welcome.subject
        assert welcome.sender == "", "notices have a null return path"
        site.join(BOB)

        data = message(f"Ann Ünicode <{ANN}>".replace("Ü", "U"), LIST, "Captions at the next meeting",
                       "Dear all,\n\nthe zebra agenda is here: höflich.\n.\n..leading dots\n-- \nAnn\n",
                       X_Custom="kept  as it   came", List_Unsubscribe="<mailto:old@elsewhere.example>",
                       Return_Receipt_To=ANN, DKIM_Signature="v=1; a=rsa-sha256; d=example.org; s=x;\n b=abc=")
        msgid = re.search(rb"Message-ID: (.*)", data)[1].decode()
        key = key_of(msgid)
        assert site.lmtp(ANN, LIST, data)[-1][0] == 250

        for who in (ANN, BOB):
            copy = site.sink.wait_to(who, where=lambda m: m.message["Message-ID"] == msgid)
            check_copy(site, copy, data, key)
        a = site.sink.wait_to(ANN, where=lambda m: m.message["Message-ID"] == msgid)
        b = site.sink.wait_to(BOB, where=lambda m: m.message["Message-ID"] == msgid)
        assert a.sender != b.sender and a.message["List-Unsubscribe"] != b.message["List-Unsubscribe"]

        page = site.page(f"/dc-test/m/{key}/")
        assert "zebra agenda" in page and "höflich" in page and "Captions at the next meeting" in page
        assert "<script" not in page.replace('<script type="application/ld+json">', "")
        thread = site.page(f"/dc-test/t/{key}/")
        assert f'id="{key}"' in thread
        for path in ("/", "/dc-test/", "/dc-test/atom.xml", f"/dc-test/m/{key}/raw"):
            site.page(path)
        found = wait_for(lambda: (lambda h: h if key in h else None)(site.get("/search?q=zebra")[2].decode()), "the search")
        assert f"/dc-test/m/{key}/" in found
        raw = site.get(f"/dc-test/m/{key}/raw")[2]
        assert raw.replace(b"\r\n", b"\n") == data.replace(b"\r\n", b"\n"), "raw is the message as it was received"
        status, headers, _ = site.get(f"/dc-test/id/{msgid.strip('<>')}")
        assert status in (301, 302) and headers["Location"].endswith(f"/dc-test/m/{key}/"), (status, headers)

        reply_id = site.send(
            BOB, LIST, "Re: Captions at the next meeting", "An answer with a giraffe.\n", In_Reply_To=msgid, References=msgid)
        wait_for(lambda: key_of(reply_id) in site.get(f"/dc-test/t/{key}/")[2].decode(), "the answer in the thread")
        site.sink.wait_to(ANN, where=lambda m: m.message["Message-ID"] == reply_id)

        one_click(site, b)


def check_copy(site, copy, data, key):
    """INTERFACE section 6: what is taken away, kept, added; the body byte for byte."""
    sent_head, _, sent_body = data.replace(b"\n", b"\r\n").partition(b"\r\n\r\n")
    assert copy.body == sent_body, (copy.body, sent_body)
    names = [f.split(b":")[0].decode().lower() for f in header_lines(copy.head)]
    m = copy.message
    for gone in ("return-receipt-to", "sender", "return-path"):
        assert gone not in names, gone
    assert names.count("list-unsubscribe") == 1
    for added in ("list-id", "list-post", "list-help", "list-subscribe", "list-unsubscribe", "list-unsubscribe-post",
                  "list-owner", "list-archive", "archived-at", "precedence"):
        assert names.count(added) == 1, (added, names)
    assert m["List-Id"].endswith(f"<dc-test.{DOMAIN}>")
    assert m["List-Post"] == f"<mailto:{LIST}>"
    assert m["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(rf"<{site.url}/u/([a-z2-7]+)>,\s*<mailto:dc-test-unsubscribe\+\1@{DOMAIN}>", m["List-Unsubscribe"])
    assert m["Archived-At"] == f"<{site.url}/dc-test/m/{key}/>"
    assert m["Precedence"] == "list"
    assert re.fullmatch(rf"dc-test-bounces\+[a-z2-7]{{26,}}@{DOMAIN}", copy.sender), copy.sender
    assert len(copy.sender.split("@")[0]) <= 64
    # The author's own fields: the same bytes in the same order.
    mine = [f for f in header_lines(sent_head) if not f.lower().startswith((b"list-", b"return-receipt-to"))]
    kept = [f for f in header_lines(copy.head) if f in mine]
    assert kept == mine, (kept, mine)
    extra = [f for f in header_lines(copy.head) if f not in mine]
    assert all(f.lower().startswith((b"list-", b"archived-at", b"precedence")) for f in extra), extra


def one_click(site, copy):
    url = re.search(r"<(http[^>]+)>", copy.message["List-Unsubscribe"])[1]
    path = url[len(site.url):]
    status, _, page = site.get(path)
    assert status == 200 and b"<form" in page.lower(), (status, page[:300])
    assert BOB in site.cli("members", "dc-test"), "GET changes nothing"
    status, _, _ = site.get(path, "POST", "List-Unsubscribe=One-Click", {"Content-Type": "application/x-www-form-urlencoded"})
    assert status == 200
    site.sink.wait_to(BOB, where=lambda m: "left" in m.subject)
    assert BOB not in site.cli("members", "dc-test")
    msgid = site.send(ANN, LIST, "After he left")
    site.sink.wait_to(ANN, where=lambda m: m.message["Message-ID"] == msgid)
    assert not [m for m in site.sink.to(BOB) if m.message["Message-ID"] == msgid]


def sanitized():
    """join, post, copies, page, thread, search, one-click leave (with sanitizers)"""
    whole_way(BUILD)


def plain():
    """the same as installed (with seccomp walls)"""
    if PLAIN == BUILD:
        return "there is one build only"
    whole_way(PLAIN)


def joining():
    """joining: web link, digest, twice, wrong, too many, never by automatic mail"""
    with Site() as site:
        site.send(ANN, f"dc-test-subscribe+digest@{DOMAIN}")
        question = site.sink.wait_to(ANN)
        url = re.search(rf"{site.url}(/c/[a-z2-7]+)", question.text())[1]
        status, _, page = site.get(url)
        assert status == 200 and b"<form" in page.lower()
        assert "ann" not in site.cli("members", "dc-test")
        assert site.get(url, "POST", "")[0] == 200
        site.sink.wait_to(ANN, 2)
        members = site.cli("members", "dc-test", json=True)
        assert [(m["address"], m["delivery"]) for m in members] == [(ANN, "digest")], members
        # A used token says so; asking again as a member says so too.
        site.reply(question, ANN)
        assert "already" in site.sink.wait_to(ANN, 3).subject
        site.send(ANN, f"dc-test-join@{DOMAIN}")
        assert "member" in site.sink.wait_to(ANN, 4).subject
        # Forged tokens end at RCPT.
        c = Client(("127.0.0.1", site.lmtp_port))
        c.cmd("LHLO x.example.org")
        c.cmd("MAIL FROM:<eve@example.com>")
        for local in ("dc-test-confirm+" + "a" * 26, "dc-test-unsubscribe+" + "b" * 26, "dc-test-moderate+x", "nobody", "dc-test-nothing"):
            code, text = c.cmd(f"RCPT TO:<{local}@{DOMAIN}>")
            assert code == 550 and text.startswith("5.1."), (local, code, text)
        code, text = c.cmd("RCPT TO:<someone@elsewhere.example>")
        assert code == 550, (code, text)
        c.close()
        # At most three questions a day to one address, tags and case included.
        for i in range(6):
            site.send(f"Eve+{i}@example.com", f"dc-test-subscribe@{DOMAIN}")
        wait_for(lambda: site.log_text().count("not asked again") >= 3, "the limit in the log")
        asked = lambda: [m for m in site.sink.mails if m.rcpts[0].lower().startswith("eve")]  # noqa: E731
        wait_for(lambda: len(asked()) >= 3, "three questions")
        # A vacation notice to a question joins nobody.
        site.send(BOB, f"dc-test-subscribe@{DOMAIN}")
        q = site.sink.wait_to(BOB)
        site.reply(q, BOB, "I am away.\n", Auto_Submitted="auto-replied")
        wait_for(lambda: "confirms nothing" in site.log_text(), "the log")
        assert BOB not in site.cli("members", "dc-test")
        site.reply(q, BOB)
        site.sink.wait_to(BOB, 2)
        assert BOB in site.cli("members", "dc-test")
        assert len(asked()) == 3, [m.rcpts for m in asked()]


def commands():
    """commands: several in one mail, one answer, signature and quotes ignored, never to automatic mail"""
    with Site(lists={"dc-test": {"description": "Where testing is talked about."}, "dc-other": {"language": "fr"}}) as site:
        site.join(ANN)
        site.join(ANN, "dc-other")
        site.send(ANN, f"dc-test-request@{DOMAIN}", "", "help\nlists\nwhich\ninfo\nstatus\nhlep\nend\nset nomail\n\n-- \nunsubscribe\n")
        answer = site.sink.wait_to(ANN, where=lambda m: "commands" in m.subject).text()
        for word in ("> help", "> lists", "> which", "> info", "> status", "Where testing is talked about.",
                     f"dc-other@{DOMAIN}", 'Did you mean "help"', "Member since", "not read"):
            assert word in answer, (word, answer)
        assert "> set nomail" not in answer and "> unsubscribe" not in answer
        # A change asks first; the answer carries it out.
        site.send(ANN, f"dc-test-request@{DOMAIN}", "set digest", "")
        q = site.sink.wait_to(ANN, where=lambda m: "confirm+" in m.reply_address and "commands" in m.subject)
        site.reply(q, ANN)
        wait_for(lambda: site.cli("members", "dc-test", json=True)[0]["delivery"] == "digest", "the change")
        # French list, French answers.
        site.send(ANN, f"dc-other-help@{DOMAIN}")
        fr = site.sink.wait_to(ANN, where=lambda m: m.message["Content-Language"] == "fr" and "commandes" in m.subject)
        assert "Pour" in fr.text()
        n = len(site.sink.mails)
        site.send(EVE, f"dc-test-request@{DOMAIN}", "help", Auto_Submitted="auto-generated")
        wait_for(lambda: "is not answered" in site.log_text(), "the log")
        assert len(site.sink.mails) == n
        # The site's own robot.
        site.send(EVE, f"plenary@{DOMAIN}", "lists")
        assert f"dc-other@{DOMAIN}" in site.sink.wait_to(EVE).text()


def holding():
    """posts of others: held, shown, accepted, rejected, discarded, taken back, raced, expired"""
    with Site(lists={"dc-test": {"moderators": ["mod@example.org", "mod2@example.org"]}}) as site:
        site.join(ANN)
        first = site.send(EVE, LIST, "From outside", "Some words from outside.\n")
        notice = site.sink.wait_to("mod@example.org")
        notice2 = site.sink.wait_to("mod2@example.org")
        assert "not a member" in notice.text() and "Some words from outside." in notice.text()
        assert notice.reply_address != notice2.reply_address
        assert "waits" in site.sink.wait_to(EVE).subject
        held = site.cli("held", json=True)
        assert len(held) == 1 and held[0]["list"] == "dc-test" and held[0]["reasons"], held
        site.reply(notice, "mod@example.org", "accept\n")
        copy = site.sink.wait_to(ANN, where=lambda m: m.message["Message-ID"] == first)
        assert b"Some words from outside." in copy.body
        site.page(f"/dc-test/m/{key_of(first)}/")
        assert "accepted" in site.sink.wait_to("mod@example.org", 2).subject
        site.reply(notice2, "mod2@example.org", "Reject, it is spam\n")
        late = site.sink.wait_to("mod2@example.org", 2).text()
        assert "accepted" in late and "mod@example.org" in late, late
        assert site.cli("held", json=True) == []
        # An unclear word does nothing and says so; reject tells the author why.
        site.send(EVE, LIST, "Second")
        n2 = site.sink.wait_to("mod@example.org", where=lambda m: "Second" in m.subject)
        site.reply(n2, "mod@example.org", "What is this?\n")
        unclear = site.sink.wait_to("mod@example.org", where=lambda m: "one word" in m.subject)
        site.reply(unclear, "mod@example.org", "reject Please write to the other list.\n")
        told = site.sink.wait_to(EVE, where=lambda m: "not accepted" in m.subject)
        assert "Please write to the other list." in told.text()
        # The author takes her own post back.
        site.send(EVE, LIST, "Third")
        mine = site.sink.wait_to(EVE, where=lambda m: "waits" in m.subject and "Third" in m.text())
        site.reply(mine, EVE, "cancel\n")
        wait_for(lambda: site.cli("held", json=True) == [], "the post to be taken back")
        # By the command.
        site.send(EVE, LIST, "Fourth")
        number = wait_for(lambda: site.cli("held", json=True), "a held post")[0]["id"]
        assert "Fourth" in site.cli("show", str(number))
        site.cli("discard", str(number))
        code, _, err = site.cli("accept", str(number), ok=None)
        assert code == 1 and "decided before" in err, err
        assert site.cli("show", "999", ok=None)[0] == 1


def drops():
    """duplicates and loops are dropped with a line in the log; automatic mail is never answered"""
    with Site() as site:
        site.join(ANN)
        data = message(ANN, LIST, "Twice")
        for _ in range(2):
            assert site.lmtp(ANN, LIST, data)[-1][0] == 250
        wait_for(lambda: "duplicate" in site.log_text(), "the log")
        loop = message(ANN, LIST, "Loop", List_Id=f"<dc-test.{DOMAIN}>")
        site.lmtp(ANN, LIST, loop)
        wait_for(lambda: "loop" in site.log_text(), "the log")
        marker = site.send(ANN, LIST, "Marker")
        site.sink.wait_to(ANN, where=lambda m: m.message["Message-ID"] == marker)
        assert len([m for m in site.sink.to(ANN) if m.message["Subject"] in ("Twice", "Loop")]) == 1
        hops = data.replace(b"From:", b"Received: from a by b; Sun, 22 Nov 2026 10:00:00 +0000\n" * 60 + b"From:", 1)
        code, text = site.lmtp(ANN, LIST, hops.replace(b"Twice", b"Hops"))[-1]
        assert code == 554 and text.startswith("5.4.6"), (code, text)
        owner = site.send(EVE, f"dc-test-owner@{DOMAIN}", "A question")
        site.sink.wait_to("postmaster@example.org", where=lambda m: m.message["Message-ID"] == owner)


if __name__ == "__main__":
    run([sanitized, plain, joining, commands, holding, drops])
