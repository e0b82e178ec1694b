# SPDX-License-Identifier: GPL-2.0-or-later
"""A site with every kind of page, by the real daemon: the lists of sample.py, and, where there are real lists, a
sample of them. Its web role answers; kinds() names the pages.

    with show_site() as site:
        for kind in kinds(site):
            with reachable(site, kind):
                site.get(kind.path, kind.method)
"""
import collections
import contextlib
import glob
import os
import re
import sys
import time
from urllib.parse import quote

TOP = os.environ.get("top_srcdir") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests/e2e"))
sys.path.insert(0, os.path.join(TOP, "tests/web"))
import sample  # noqa: E402
from plenary_site import DOMAIN, Site, key_of, wait_for  # noqa: E402

ACCESS = "dc-access"
ANN, BOB, NEW = "ann@access.example", "bob@net.example", "new@reader.example"
REAL_SAMPLE = 40  # messages of each real list

# broken: while it is asked for, intake can't be reached
Kind = collections.namedtuple("Kind", "name path method status broken", defaults=("GET", 200, False))


def message_path(name, which):
    return f"/{name}/m/{key_of(sample.mid(which))}/"


def thread_path(name, which):
    return f"/{name}/t/{key_of(sample.mid(which))}/"


def real_lists():
    """{name: mbox} of the beginnings of real lists; none where there are none."""
    found = {}
    corpora = os.environ.get("PLENARY_CORPORA")
    for path in sorted(glob.glob(os.path.join(corpora, "lists", "*.mbox"))) if corpora else ():
        with open(path, "rb") as f:
            mails = f.read(1 << 20).split(b"\n\nFrom ")[:-1][-REAL_SAMPLE:]
        name = "real-" + re.sub(r"[^a-z0-9]+", "-", os.path.basename(path)[:-5].lower())[:40].strip("-")
        found[name] = b"".join(b"From " + m.removeprefix(b"From ") + b"\n\n" for m in mails)
    return found


@contextlib.contextmanager
def show_site(**more):
    real = real_lists()
    lists = {**sample.LISTS, **{name: {"title": name} for name in real}}
    with Site(lists=lists, start=False, **more) as site:
        site.real = sorted(real)
        for name, mbox in {**sample.mailboxes(), **real}.items():
            path = os.path.join(site.root, name + ".mbox")
            with open(path, "wb") as f:
                f.write(mbox)
            code, out, err = site.cli("import", name, path, ok=None)
            assert code == 0 or name in real, f"{name}: {out}{err}"
        for name, which in sample.WITHDRAWN.items():
            site.cli("withdraw", name, key_of(sample.mid(which)), "names a person who did not agree to it")
        site.start()
        live_through(site)
        yield site


def live_through(site):
    """A day in the list's life: a member joins, a post goes out with a leave link, the ladder is climbed."""
    for who in (ANN, BOB):
        site.cli("subscribe", ACCESS, who, "--quiet")
    post = site.send(f"Ann Okafor <{ANN}>", f"{ACCESS}@{DOMAIN}", "Today", "Words of today.\n")
    copy = site.sink.wait_to(BOB, where=lambda m: m.message["Message-ID"] == post)
    site.leave = re.search(r"/u/[a-z2-7]+", str(copy.message["List-Unsubscribe"]))[0]
    site.send(NEW, f"{ACCESS}-subscribe@{DOMAIN}", "subscribe")
    question = site.sink.wait_to(NEW)
    site.confirm = "/c/" + re.search(r"confirm\+([a-z2-7]+)@", str(question.reply_address))[1]
    site.cli("remind", ACCESS, BOB, "please stay with the subject", "--as", "mod@example.org")
    site.cli("warn", ACCESS, BOB, "again", "--as", "mod@example.org")
    site.page(f"/{ACCESS}/m/{key_of(post)}/")
    wait_for(lambda: "Public log" in site.page(f"/{ACCESS}/conduct/"), "the public log")
    site.settle(but=("delivery",))


def list_kinds(name):
    """The pages that every list has, of one of sample.py."""
    word = quote(sample.WORD[name])
    return [
        Kind(f"{name}: list", f"/{name}/"),
        Kind(f"{name}: month", f"/{name}/2026/04/"),
        Kind(f"{name}: thread", thread_path(name, sample.OPENING[name])),
        Kind(f"{name}: first message", message_path(name, sample.OPENING[name])),
        Kind(f"{name}: reply", message_path(name, sample.REPLY[name])),
        Kind(f"{name}: search", f"/{name}/search?q={word}"),
        Kind(f"{name}: withdrawn message", message_path(name, sample.WITHDRAWN[name]), status=410),
        Kind(f"{name}: about", f"/{name}/about/"),
        Kind(f"{name}: conduct", f"/{name}/conduct/"),
        Kind(f"{name}: openness", f"/{name}/opens/"),
    ]


MESSAGES = {"HTML mail": "news", "picture in it": "picture", "attachments": "minutes", "invitation": "invitation",
            "patch": "patch", "flowed text": "flowed", "wide things": "wide", "ghost parent": "quoted",
            "forwarded message": "forward", "no subject": "nothing", "two scripts": "mixed",
            "reply to a withdrawn one": "troll-2"}


def kinds(site):
    """Every kind of page: made by archived, by search, by the leave and confirm links, and refusals."""
    out = [Kind("front page", "/")]
    for name in sample.OPENING:
        out += list_kinds(name)
    out += [Kind("empty list", "/dc-new/"), Kind("empty list: openness", "/dc-new/opens/"),
            Kind("empty list: conduct", "/dc-new/conduct/"),
            Kind("speakers and their groups", "/dc-new/about/"),
            Kind("public log of a year", f"/{ACCESS}/conduct/{time.gmtime().tm_year}/"),
            Kind("long month", f"/{ACCESS}/2026/03/"), Kind("long month, page 2", f"/{ACCESS}/2026/03/2/"),
            Kind("long thread", thread_path(ACCESS, "roll-0")), Kind("long thread, page 2", thread_path(ACCESS, "roll-0") + "2/"),
            Kind("thread with a withdrawn message", thread_path(ACCESS, "troll")),
            Kind("thread of HTML mail in Arabic", message_path("dc-arabic", "html-ar")),
            Kind("search of all lists", "/search?q=captions"), Kind("search, page 2", "/search?q=room&o=25"),
            Kind("search without words", "/search"), Kind("search without hits", "/search?q=zyzzyva"),
            Kind("search with a slip", "/search?q=captoins"), Kind("search in French", f"/search?q={quote('école')}"),
            Kind("leave?", site.leave), Kind("confirm?", site.confirm),
            Kind("intake is away", site.leave, status=503, broken=True),
            Kind("confirmed", site.confirm, "POST"), Kind("left", site.leave, "POST"),
            Kind("bad link", "/u/" + "a" * 26, status=404),
            Kind("not found", "/nothing/here/", status=404), Kind("bad request", "/%zz", status=400),
            Kind("not allowed", f"/{ACCESS}/", "POST", 405), Kind("too long", "/search?q=" + "a" * 9000, status=414)]
    for what, which in MESSAGES.items():
        out.append(Kind(f"message: {what}", message_path(ACCESS, which)))
    out.append(Kind("thread with a ghost parent", ghost_path(site)))
    for name in site.real:
        out += real_kinds(site, name)
    return out


def ghost_path(site):
    """The thread whose first message nobody has: found by the link on a message of it."""
    page = site.page(message_path(ACCESS, "quoted"))
    return f"/{ACCESS}/t/" + re.search(r"/t/([a-z2-7]{32})/", page)[1] + "/"


def real_kinds(site, name):
    """A real list: its page, its two latest threads, a message of each."""
    out = [Kind(f"{name}: list", f"/{name}/")]
    for i, key in enumerate(list(dict.fromkeys(re.findall(r"t/([a-z2-7]{32})/", site.page(f"/{name}/"))))[:2]):
        out.append(Kind(f"{name}: thread {i}", f"/{name}/t/{key}/"))
        found = re.search(r"m/([a-z2-7]{32})/", site.page(f"/{name}/t/{key}/"))
        if found:
            out.append(Kind(f"{name}: message {i}", f"/{name}/m/{found[1]}/"))
    return out


@contextlib.contextmanager
def reachable(site, kind):
    """For as long as a page that wants a broken site is asked for, its intake is out of reach."""
    if kind.broken:
        os.rename(site.lmtp_path, site.lmtp_path + ".away")
    try:
        yield
    finally:
        if kind.broken:
            os.rename(site.lmtp_path + ".away", site.lmtp_path)
