#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""T040-import.py [--all]: old mailboxes come in whole: counted, threaded, paged, found; and go out again.

Real archives are taken from PLENARY_CORPORA (lists/, lists-small/): two whole and the beginning of the others;
with --all, all of them whole and every way. A small one of our own is in tests/data/mbox.
"""
import base64
import email
import email.header
import email.policy
import glob
import gzip
import hashlib
import html
import os
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from plenary_site import BUILD, PLAIN, TOP, Site, key_of, run  # noqa: E402

CORPORA = os.environ.get("PLENARY_CORPORA")
ALL = "--all" in sys.argv
FIRST = 3000        # messages of a large archive that a short run takes
WHOLE = 40 << 20    # bytes up to which an archive is taken whole in a short run
SAMPLE = 200
SEED = int(os.environ.get("PLENARY_TEST_SEED", "1"))
FAST = PLAIN if os.path.exists(os.path.join(PLAIN, "plenary-archive")) else BUILD
LEDGER = re.compile(r"read (\d+), stored (\d+), already there (\d+), refused (\d+)\n")


class Archive:
    """A site without a daemon: only the command."""

    def __init__(self, name, build=FAST):
        self.site = Site(lists={name: {}}, build=build, start=False)
        self.name = name

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.site.remove()

    def take(self, *paths, ok=True):
        """(read, stored, already there, refused), the lines about refused ones; nothing else may be said."""
        code, out, err = self.site.cli("import", self.name, *paths, ok=None)
        counts = LEDGER.fullmatch(out)
        assert counts, f"exit {code}: {out[-500:]}{err[-1500:]}"
        read, stored, there, refused = n = tuple(map(int, counts.groups()))
        assert read == stored + there + refused, n
        lines = err.splitlines()
        assert len(lines) == refused and all(line.startswith("plenary: refused: ") for line in lines), err[-1500:]
        assert (code == 0) == (refused == 0), f"exit {code} with {n}"
        return n, lines

    def store(self):
        return self.site.archived(self.name)

    def rows(self, sql):
        return self.site.rows(sql, file="archive/archive.db")

    def forest(self):
        """(message, parent, root, state), each by Message-ID: which of two with one id was first may differ."""
        ids = dict(self.rows("SELECT id, msgid FROM node"))
        roots = dict(self.rows("SELECT id, root FROM thread"))
        return Counter((msgid, ids.get(parent), ids[roots[thread]], state)
                       for msgid, parent, thread, state in self.rows("SELECT msgid, parent, thread, state FROM node"))

    def page(self, key, what="m"):
        with open(os.path.join(self.site.state, "html", self.name, what, key, "index.html"), encoding="utf-8") as f:
            return f.read()

    def found(self, query):
        return [h["key"] for h in self.site.cli("search", "--list", self.name, query, json=True)]


def messages(path):
    """The raw pieces of an mbox, From lines included."""
    with open(path, "rb") as f:
        data = f.read()
    starts = [m.start() for m in re.finditer(rb"^From ", data, re.M)]
    return [data[a:b] for a, b in zip(starts, [*starts[1:], len(data)])]


def plain_words(text):
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", text)).split())


def subject_of(data):
    """The subject as text, if any reader must see it like this; None where mailers disagree."""
    raw = email.message_from_bytes(data.partition(b"\n\n")[0], policy=email.policy.compat32)["Subject"]
    if raw is None or not str(raw).isascii():
        return None
    try:
        text = str(email.header.make_header(email.header.decode_header(str(raw)))) if "=?" in str(raw) else str(raw)
    except (LookupError, ValueError):
        return None
    # An address in a subject is not shown whole; odd spaces and controls are cleaned.
    return " ".join(text.split()) if text.isprintable() and "@" not in text and "=?" not in text else None


def check_pages(archive, dice):
    store = archive.store()
    keys = dice.sample(sorted(store), min(SAMPLE, len(store)))
    wrong = []
    for key in keys:
        page, subject = plain_words(archive.page(key)), subject_of(store[key].replace(b"\r\n", b"\n"))
        if subject and subject not in page:
            wrong.append((key, subject, page[:200]))
    assert not wrong, wrong[:5]
    return {k: store[k] for k in keys}


def check_search(archive, sample):
    """Words that stand in one message of the sample only; the common ones are asked for with their Message-ID."""
    words, asked = Counter(), 0
    found_in = {}
    for key, data in sample.items():
        m = email.message_from_bytes(data)
        body = data.replace(b"\r\n", b"\n").partition(b"\n\n")[2]
        encoding = str(m["Content-Transfer-Encoding"] or "7bit").lower()
        if encoding not in ("7bit", "8bit") or m.get_content_type() != "text/plain" or not body.isascii():
            continue
        lines = [line for line in body.decode().split("\n-- \n")[0].split("\n") if re.fullmatch(r"[\w ,.'()-]*", line)]
        for word in set(re.findall(r"(?<![\w'.-])[a-z]{7,14}(?![\w'.-])", "\n".join(lines))):
            words[word] += 1
            found_in[word] = key
    once = sorted(w for w, n in words.items() if n == 1)
    for word in once[:: max(1, len(once) // 60)]:
        hits = archive.found(word)
        assert hits, f"{word} of {found_in[word]} finds nothing"
        if len(hits) < 100:
            assert found_in[word] in hits, f"{word} does not find {found_in[word]}"
        asked += 1
    return asked


def shuffled(archive, path, dice):
    """The same mail in another order: the same forest."""
    pieces = messages(path)
    dice.shuffle(pieces)
    with Archive(archive.name) as other:
        box = os.path.join(other.site.root, "shuffled.mbox")
        with open(box, "wb") as f:
            f.writelines(p if p.endswith(b"\n\n") else p.rstrip(b"\n") + b"\n\n" for p in pieces)
        other.take(box)
        one, two = archive.forest(), other.forest()
        assert one == two, list((one - two).items())[:3] + list((two - one).items())[:3]


def there_and_back(archive, formats=("mbox",)):
    """Exported and imported into an empty site: the same keys, the same bytes."""
    for form in formats:
        with Archive(archive.name) as other:
            out = os.path.join(other.site.root, "export")
            archive.site.cli("export", archive.name, "--format", form, out)
            boxes = [out] if form in ("maildir", "public-inbox") else glob.glob(os.path.join(out, "*"))
            assert boxes, form
            counts, _ = other.take(*boxes)
            one, two = archive.store(), other.store()
            # Of messages with one Message-ID the first to come has its key; an export is in the order of dates.
            twins = {base64.b32encode(k).decode().lower() for a in (archive, other) for k, in a.rows(
                "SELECT key FROM node WHERE twin_of > 0 OR id IN (SELECT twin_of FROM node)")}
            assert set(one) - twins == set(two) - twins and len(one) == len(two) == counts[1], f"{form}: {counts}"
            # An mbox has no CR; and a last line always ends.
            one, two = ({k if k not in twins else hashlib.sha1(end(d)).hexdigest(): end(d) for k, d in s.items()} for s in (one, two))
            differ = [k for k in set(one) | set(two) if one.get(k) != two.get(k)]
            assert not differ, f"{form}: {differ[:5]}"


def end(data):
    return data.replace(b"\r\n", b"\n").rstrip(b"\n")


def whole(path, name, dice):
    """Everything about one archive. A line with its figures."""
    expected = len(messages(path))
    with Archive(name) as a:
        t = time.time()
        (read, stored, there, refused), lines = a.take(path)
        took = time.time() - t
        assert read == expected, f"read {read} of {expected}"
        assert len(a.store()) == stored == a.rows("SELECT count(*) FROM node WHERE state = 0")[0][0]
        assert a.site.cli("stats", name, json=True)[0]["messages"] == stored
        assert not a.rows("SELECT 1 FROM dirty UNION SELECT 1 FROM unindexed")
        sample = check_pages(a, dice)
        asked = check_search(a, sample)
        again, _ = a.take(path)
        assert again == (read, 0, read - refused, refused), again
        a.site.cli("verify", name)
        if ALL or read <= 2 * FIRST:
            shuffled(a, path, dice)
            there_and_back(a)
        print(f"note: {name}: {read} messages in {took:.0f} s ({read / took:.0f}/s), {stored} stored, {there} were there "
              f"already, {refused} refused; {len(sample)} pages and {asked} searches looked at", flush=True)
        for line in lines[:10]:
            print(f"note:   {line}")


def begin(path, n, folder):
    """The first n messages of an mbox, as an mbox."""
    out = os.path.join(folder, os.path.basename(path))
    with open(out, "wb") as f:
        f.writelines(messages(path)[:n])
    return out


def real(path):
    name = os.path.basename(path).split(".")[0].lower()

    def test():
        if not CORPORA:
            return "PLENARY_CORPORA is not set: no real archives here"
        dice = random.Random(SEED)
        with tempfile.TemporaryDirectory(prefix="plenary-test-") as folder:
            part = path if ALL or os.path.getsize(path) < WHOLE or "twisted" in name else begin(path, FIRST, folder)
            whole(part, name, dice)
        return None
    test.__name__ = name.replace("-", "_")
    test.__doc__ = f"{name}: imported, again, in another order, exported and imported"
    return test


def small():
    """a small mailbox of our own: each message where it belongs, in every format there and back"""
    box = os.path.join(TOP, "tests/data/mbox/small.mbox")
    for build in dict.fromkeys((BUILD, FAST)):
        with Archive("dc-small", build) as a:
            counts, lines = a.take(box)
            assert counts == (13, 11, 1, 1), counts
            assert "small.mbox, message 13: it is empty" in lines[0], lines
            key = {i: key_of(i) for i in ("root@example.org", "answer1@example.net", "answer2@example.org", "travel@example.org",
                                          "travel2@example.org", "ghostly1@example.com", "ghostly2@example.com",
                                          "twice@example.org", "charter@example.org")}
            store = a.store()
            assert set(key.values()) < set(store) and len(store) == 11
            twin = hashlib.sha1(b"twice@example.org\0" + hashlib.sha256(b"Another body altogether.\n").hexdigest().encode())
            assert base64.b32encode(twin.digest()).decode().lower() in store, "the second of one Message-ID"
            parents = {m: (p, r) for m, p, r, _ in a.forest()}
            assert parents["answer2@example.org"] == ("answer1@example.net", "root@example.org")
            assert parents["answer1@example.net"] == ("root@example.org", "root@example.org")
            assert parents["ghostly1@example.com"] == parents["ghostly2@example.com"] == ("never-kept@example.com",) * 2
            assert parents["travel2@example.org"] == ("travel@example.org", "travel@example.org")
            root = key["root@example.org"]
            assert b"\nFrom what I heard" in store[root] and b"\n>From the left" in store[root], "quoting is undone, once"
            page = plain_words(a.page(root))
            assert "From what I heard" in page and "stenotype" in page
            tree = a.page(root, "t")
            assert tree.index(f'id="{root}"') < tree.index(f'id="{key["answer1@example.net"]}"') < tree.index(
                f'id="{key["answer2@example.org"]}"')
            nameless, = [k for k, d in store.items() if b"ohne Nummer" in d]
            assert "Grüße aus Köln" in plain_words(a.page(nameless)) and "Schöne Grüße" in plain_words(a.page(nameless))
            assert os.path.exists(os.path.join(a.site.state, "html/dc-small/2019/06/index.html"))
            with open(os.path.join(a.site.state, "html/dc-small/m", key["charter@example.org"], "1/charter.txt"), "rb") as f:
                assert f.read().strip() == b"Article 1: everyone may speak."
            assert a.found("stenotype") == [root] and a.found("marmalade") == [key["ghostly1@example.com"]]
            assert a.found('"brings an adapter"') == [key["answer1@example.net"]]
            assert set(a.found("s:travel")) == {key["travel@example.org"], key["travel2@example.org"]}
            assert a.found("n:charter.txt") == [key["charter@example.org"]]
            assert a.take(box)[0] == (13, 0, 12, 1)
            shuffled(a, box, random.Random(SEED))
            there_and_back(a, ("mbox", "mbox.gz", "maildir", "public-inbox"))
            forest, pages = a.forest(), a.page(root)
            a.site.cli("rebuild", "dc-small")
            assert a.forest() == forest and a.page(root) == pages, "made again from the messages: the same"


def forms():
    """gzip, Maildir, single messages, a folder of them, what is no mailbox at all"""
    box = os.path.join(TOP, "tests/data/mbox/small.mbox")
    with Archive("dc-small") as a, tempfile.TemporaryDirectory(prefix="plenary-test-") as folder:
        packed = os.path.join(folder, "old")  # told by what it is, not by its name
        with open(box, "rb") as f, gzip.open(packed, "wb") as g:
            shutil.copyfileobj(f, g)
        assert a.take(packed)[0] == (13, 11, 1, 1)
        keys = set(a.store())
        maildir = os.path.join(folder, "Maildir")
        for sub in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(maildir, sub))
        for i, piece in enumerate(messages(box)[:12]):
            body = piece.partition(b"\n")[2][:-1].replace(b"\n>From what", b"\nFrom what").replace(b"\n>>From the", b"\n>From the")
            with open(os.path.join(maildir, "cur" if i % 2 else "new", f"1559556000.{i}.host" + (":2,S" if i % 2 else "")), "wb") as f:
                f.write(body)
        with open(os.path.join(maildir, "tmp/half"), "wb") as f:
            f.write(b"From: half written\n")
        # The one without Message-ID is named by its bytes, which are the same.
        assert a.take(maildir)[0] == (12, 0, 12, 0) and set(a.store()) == keys
        assert a.take(os.path.join(maildir, "new/1559556000.0.host"))[0] == (1, 0, 1, 0)
        for path, word in ((os.path.join(folder, "absent"), "absent"), ("/dev/null", None)):
            code, _, err = a.site.cli("import", "dc-small", path, ok=None)
            assert (code == 1 and word in err) if word else code in (0, 1), (path, code, err)
        code, _, err = a.site.cli("import", "no-such-list", box, ok=None)
        assert code == 1 and "no-such-list" in err, err
        assert set(a.store()) == keys


def small_archives():
    """pipermail months, mboxo, Maildirs and other odd mailboxes of other archives: each ledger adds up"""
    if not CORPORA:
        return "PLENARY_CORPORA is not set: no other archives here"
    top = os.path.join(CORPORA, "lists-small")
    files = sorted(os.path.join(d, f) for d, _, fs in os.walk(top) for f in fs)
    total = 0
    for path in files:
        with open(path, "rb") as f:
            start = f.read(5)
        if start != b"From ":
            continue
        with Archive("dc-odd") as a:
            counts, _ = a.take(path)
            assert counts[0] > 0 and len(a.store()) == counts[1], (path, counts)
            keys = a.store()
            again, _ = a.take(path)
            assert again[1] == 0 and a.store() == keys, (path, again)
            for key in list(keys)[:50]:
                a.page(key)
            shuffled(a, path, random.Random(SEED))
            total += counts[0]
    assert total > 500, total
    print(f"note: {total} messages of {len(files)} small archives")
    return None


LISTS = sorted(glob.glob(os.path.join(CORPORA or "/nonexistent", "lists", "*.mbox"))) or ["/nonexistent/lists/real.mbox"]

if __name__ == "__main__":
    if ALL:
        sys.argv.remove("--all")
        run([real(p) for p in LISTS])
    run([small, forms, small_archives, *[real(p) for p in LISTS]])
