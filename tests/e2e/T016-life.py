#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A member's life by mail: commands as telephones send them, searching, cross-posts, holidays, her own data,
erasure; what is too much for one address or one source."""
import email
import email.policy
import json
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from plenary_site import DOMAIN, Site, key_of, message, run, wait_for  # noqa: E402

ANN, BOB, EVE = "ann@example.org", "bob@example.net", "eve@example.com"
LIST, REQUEST, SITE = f"dc-test@{DOMAIN}", f"dc-test-request@{DOMAIN}", f"plenary@{DOMAIN}"
VOUCHED = {"Authentication_Results": "mx.example.org; dkim=pass header.d=example.org"}
TRUSTED = {"trusted-authserv": ["mx.example.org"]}


def ask(site, who, to, body, subject="", **headers):
    """Sends commands; the answer's text."""
    before = len(site.sink.to(who))
    site.send(who, to, subject, body, **headers)
    return wait_for(lambda: site.sink.to(who)[before:], f"an answer to {who}")[0].text().replace("\r\n", "\n")


def habits():
    """commands as mail programs write them"""
    with Site() as site:
        site.cli("subscribe", "dc-test", ANN, "--quiet")
        html = ("<html><body><div>*which*</div><div><br></div><div>Envoy\u00e9 de mon iPhone</div>"
                "<blockquote type=cite>subscribe</blockquote></body></html>\n")
        text = ask(site, ANN, REQUEST, html, Content_Type="text/html; charset=utf-8")
        assert LIST in text and "iPhone" not in text and "subscribe" not in text, text
        text = ask(site, ANN, REQUEST, "thanks!\n", "Re: *Info*")
        assert "> *Info*" in text and "List dc-test" in text and "thanks" not in text, text
        text = ask(site, ANN, REQUEST, "- which.\n\u2022 lists\n_status_\nSent from my iPhone\n")
        assert "no command" not in text and "Member since" in text, text
        text = ask(site, ANN, REQUEST, "subscrbe\n")
        assert '"subscribe"' in text, text


def thousand_lines():
    """a mail of 1,000 command lines: one answer, so many results"""
    with Site() as site:
        site.cli("subscribe", "dc-test", ANN, "--quiet")
        text = ask(site, ANN, REQUEST, "which\n" * 1000)
        assert text.count("> which") == 25 and "too many" in text, text[-500:]
        time.sleep(0.3)
        assert len(site.sink.to(ANN)) == 1


def robots_in_ten_languages():
    """automatic answers are never answered, nor do they confirm anything"""
    subjects = ["Automatic reply: help", "Abwesenheitsnotiz: help", "Réponse automatique : help",
                "Respuesta automática: help", "Resposta automática: help", "Risposta automatica: help",
                "Автоответ: help", "自动回复: help", "自動返信: help", "رد تلقائي: help"]
    with Site() as site:
        for i, subject in enumerate(subjects):
            site.send(f"robot{i}@example.org", REQUEST, subject, "help\n", In_Reply_To="<x@example.org>")
            site.send(f"robot{i}@example.org", f"dc-test-subscribe@{DOMAIN}", "x", Auto_Submitted="auto-replied")
        ask(site, ANN, REQUEST, "info\n")
        assert {r for m in site.sink.mails for r in m.rcpts} == {ANN}, [m.rcpts for m in site.sink.mails]


def searching():
    """posts found by mail, with author, date and link; also in all lists"""
    with Site(lists={"dc-test": {}, "dc-two": {}}) as site:
        for name in ("dc-test", "dc-two"):
            site.cli("subscribe", name, EVE, "--quiet")
        msgid = site.send(f"Eve Ericson <{EVE}>", LIST, "Captions for everyone", "We need captioning in all rooms.\n")
        site.send(EVE, f"dc-two@{DOMAIN}", "Rooms", "Captioning again.\n")
        site.page(f"/dc-test/m/{key_of(msgid)}/")
        site.settle()
        wait_for(lambda: len(site.cli("search", "captioning", json=True)) == 2, "the index")
        text = ask(site, ANN, REQUEST, "search captioning\n")
        assert "Captions for everyone\n  Eve Ericson, " in text, text
        assert f"{site.url}/dc-test/m/{key_of(msgid)}/" in text and "Rooms" not in text, text
        text = ask(site, ANN, SITE, "search captioning\nsearch nonsenseword\n")
        assert "Rooms" in text and "Nothing was found." in text, text
        assert site.roles("list"), site.roles()


def cross_posts():
    """one copy a person of what comes to several lists, now or a little later"""
    lists = {"dc": {}, "dc-a": {"umbrella": "dc"}, "dc-b": {"umbrella": "dc"}}
    with Site(lists=lists) as site:
        for name in ("dc-a", "dc-b"):
            for who in (ANN, EVE):
                site.cli("subscribe", name, who, "--quiet")
        site.cli("subscribe", "dc-b", BOB, "--quiet")
        time.sleep(1.1)  # memberships of this second say nothing of the last one
        first = message(EVE, f"dc-a@{DOMAIN}, dc-b@{DOMAIN}", "To both", "Words.\n")
        msgid = email.message_from_bytes(first)["Message-ID"]
        site.lmtp(EVE, f"dc-a@{DOMAIN}", first)
        copy = site.sink.wait_to(ANN, where=lambda m: m.message["List-Id"])
        time.sleep(1.1)
        site.lmtp(EVE, f"dc-b@{DOMAIN}", first)
        site.sink.wait_to(BOB, where=lambda m: m.message["List-Id"])
        site.settle()
        assert [len(site.sink.to(w)) for w in (ANN, BOB, EVE)] == [1, 1, 1], [m.rcpts for m in site.sink.mails]
        assert f"<dc-a.{DOMAIN}>" in copy.message["List-Id"]
        for name in ("dc-a", "dc-b"):
            assert key_of(msgid) in site.archived(name), name
        # By the umbrella, from a member of a list under it; the leave link is of the list it came by.
        site.send(EVE, f"dc@{DOMAIN}", "To all", "Words.\n")
        copy = site.sink.wait_to(BOB, 2, where=lambda m: m.message["List-Id"])
        assert f"<dc.{DOMAIN}>" in copy.message["List-Id"]
        link = copy.message["List-Unsubscribe"].split("<mailto:")[1].split(">")[0]
        assert link.startswith("dc-b-unsubscribe+"), link
        site.send(BOB, link, "", "")
        site.sink.wait_to(BOB, where=lambda m: "dc-b" in m.subject and not m.message["List-Id"])
        assert site.cli("members", "dc-b", json=True) and all(
            m["address"] != BOB for m in site.cli("members", "dc-b", json=True))


def holidays():
    """a vacation ends by itself, and its end is told"""
    with Site(clock=True, site=TRUSTED) as site:
        site.cli("subscribe", "dc-test", ANN, "--quiet")
        site.cli("subscribe", "dc-test", EVE, "--quiet")
        day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86400))
        text = ask(site, ANN, REQUEST, f"set vacation {day}.\nset ack on\nstatus\n", **VOUCHED)
        assert "set vacation off" in text and "by itself" in text, text
        site.send(EVE, LIST, "While she is away", "Words.\n")
        site.sink.wait_to(EVE, where=lambda m: m.message["List-Id"])
        assert not [m for m in site.sink.to(ANN) if m.message["List-Id"]]
        site.shift_clock(3 * 86400)
        told = site.sink.wait_to(ANN, where=lambda m: "comes again" in m.subject, patience=120)
        assert "/dc-test/" in told.text()
        site.send(ANN, LIST, "Back again", "Words.\n")
        site.sink.wait_to(ANN, where=lambda m: m.message["List-Id"])
        ack = site.sink.wait_to(ANN, where=lambda m: "went out" in m.subject)
        assert "Back again" in ack.text()


def own_data():
    """her data in one file; then forgotten, by mail and by the command"""
    with Site(lists={"dc-test": {}, "dc-two": {}}, site=TRUSTED) as site:
        for name in ("dc-test", "dc-two"):
            site.cli("subscribe", name, ANN, "--quiet")
            site.cli("subscribe", name, EVE, "--quiet")
        msgid = site.send(ANN, LIST, "Said in public", "Words.\n")
        site.settle()
        site.send(ANN, SITE, "data", "", **VOUCHED)
        mail = site.sink.wait_to(ANN, where=lambda m: m.message.is_multipart())
        file = next(mail.message.iter_attachments())
        assert file.get_filename() == "plenary-data.json" and file.get_content_type() == "application/json"
        data = json.loads(file.get_payload(decode=True))
        assert [m["list"] for m in data["memberships"]] == ["dc-test", "dc-two"], data
        assert data["memberships"][0]["posts"] == 1 and EVE not in json.dumps(data)
        assert json.loads(site.cli("data", ANN))["memberships"] == data["memberships"]
        # Nobody's word is enough for an erasure but her own.
        site.send(ANN, SITE, "erase", "", **VOUCHED)
        question = site.sink.wait_to(ANN, where=lambda m: "-confirm+" in m.reply_address)
        assert len(site.cli("members", "dc-test", json=True)) == 2
        site.reply(question, ANN)
        site.sink.wait_to(ANN, where=lambda m: "public archive" in m.text() and "have ended" in m.text())
        site.settle()
        for table, column in (("subscription", "address"), ("member_event", "address"), ("ticket", "address"),
                              ("delivery", "recipient"), ("flood", "name")):
            assert not site.rows(f"SELECT * FROM {table} WHERE {column} = ?", ANN), table
        assert site.rows("SELECT count(*) FROM member_event WHERE address LIKE 'erased-%'")[0][0] >= 4
        assert key_of(msgid) in site.archived()
        assert "no address" not in site.cli("erase", EVE)
        assert site.cli("members", "dc-test", json=True) == []
        assert site.cli("erase", "nonsense", ok=False) == ""


def floods():
    """a victim of many requests gets three mails; the administrator sees it"""
    lists = {f"dc-{i}": {} for i in range(6)}
    with Site(lists=lists) as site:
        for i in range(6):
            for tag in ("", "+x", "+y"):
                site.send(f"victim{tag}@example.org", f"dc-{i}-subscribe@{DOMAIN}", "")
        site.send("zed@example.org", f"dc-1-subscribe@{DOMAIN}", "")
        site.sink.wait_to("zed@example.org")
        sent = [m for m in site.sink.mails if any("victim" in r for r in m.rcpts)]
        assert len(sent) == 3, len(sent)
        assert "is not asked again" in site.log_text()
        site.send("list@example.org", f"dc-1-subscribe@{DOMAIN}", "", From="Some-Request@lists.example.net")
        site.send("postmaster@example.net", f"dc-1-subscribe@{DOMAIN}", "")
        assert "belongs to a mailing list or to a program" in site.sink.wait_to("postmaster@example.net").text()
        code, _, err = site.cli("subscribe", "dc-1", "no-reply@example.net", ok=None)
        assert code == 1 and "robot" in err, err
        path = os.path.join(site.state, "metrics", "list")
        assert os.path.exists(path)


if __name__ == "__main__":
    run([habits, thousand_lines, robots_in_ten_languages, searching, cross_posts, holidays, own_data, floods])
