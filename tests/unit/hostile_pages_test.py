#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Mails and a list whose every field tries to get markup or a program into the pages (tests/tools/hostile.py): their
pages are made and read with a parser that is not ours. No element, attribute or address may be in them that is not
in the lists below, every element must be closed, and nothing may be loaded from anywhere else."""
import html.parser
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.parsers.expat

sys.path.insert(0, os.path.join(os.environ.get("top_srcdir", "."), "tests/tools"))
import hostile  # noqa: E402

MKPAGES = os.path.join(os.environ.get("top_builddir", "."), "tests/tools/mkpages")
PAYLOADS_MIN = 40

ELEMENTS = set("""html head meta title link body header nav main footer article aside section search h1 h2 h3 h4 h5 h6
    p div span ul ol li dl dt dd table caption thead tbody tr th td blockquote pre code em strong b i u s sub sup br hr
    img details summary small bdi bdo time form label input button select option ins del mark abbr cite q figure figcaption svg g path
    rect line circle text a script""".split())
VOID = {"meta", "link", "br", "hr", "img", "input"}
ATTRIBUTES = set("""class id href rel lang dir src alt loading role tabindex datetime name content property charset
    type action method value placeholder for scope colspan rowspan width height viewbox d x y x1 x2 y1 y2 cx cy r
    open start enterkeyhint inputmode autocomplete media sizes hreflang aria-label aria-current aria-hidden
    aria-labelledby aria-describedby title minlength maxlength required selected checked datetime fill
    itemprop itemscope itemtype translate hidden""".split())
ADDRESSES = {"href", "src", "action"}
OURS = "https://lists.example.org"


def problem_of_address(tag, value):
    """Why this address may not stand there, or None."""
    if re.search(r"[\x00-\x20\x7f\\<>\"]", value):
        return "has signs that no address has"
    scheme = re.match(r"([^/?#]*?):", value)
    if value.startswith("//"):
        return "is another site's"
    if not scheme:
        return None
    if tag != "a" and tag != "link" or tag == "link" and not value.startswith(OURS):
        return "is loaded from elsewhere"
    return None if scheme[1].lower() in ("http", "https", "mailto") else "has a scheme that may run"


class Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.problems, self.script = [], [], None

    def fail(self, what):
        self.problems.append(f"line {self.getpos()[0]}: {what}")

    def handle_starttag(self, tag, attrs):
        if tag not in ELEMENTS:
            self.fail(f"element {tag}")
        for name, value in attrs:
            value = value or ""
            if name not in ATTRIBUTES:
                self.fail(f"attribute {name} of {tag}")
            if name in ADDRESSES:
                why = problem_of_address(tag, value)
                if why:
                    self.fail(f"{name}={value!r} {why}")
        if len({name for name, _ in attrs}) != len(attrs):
            self.fail(f"an attribute twice in {tag}")
        if tag == "script":
            self.script = ""
            if dict(attrs) != {"type": "application/ld+json"}:
                self.fail(f"script {attrs}")
        if tag == "img" and "alt" not in dict(attrs):
            self.fail("a picture without words")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.fail(f"</{tag}> closes {self.open[-3:]}")
        elif self.open.pop() == "script":
            json.loads(self.script)
            if "<" in self.script:
                self.fail("markup in data")

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.script += data
        if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", data):
            self.fail("a control character")

    def handle_comment(self, data):
        if not re.fullmatch("[0-9a-f]+", data):  # the stamp of a page's inputs
            self.fail("a comment")

    def handle_decl(self, decl):
        if decl.lower() != "doctype html":
            self.fail(f"declaration {decl}")

    def unknown_decl(self, data):
        self.fail("a declaration")

    def handle_pi(self, data):
        self.fail("a processing instruction")


def problems_of(path):
    with open(path, "rb") as f:
        data = f.read()
    if path.endswith(".xml"):
        try:
            xml.parsers.expat.ParserCreate().Parse(data, True)
            return []
        except xml.parsers.expat.ExpatError as e:
            return [f"no XML: {e}"]
    reader = Reader()
    try:
        reader.feed(data.decode())
        reader.close()
    except (UnicodeDecodeError, json.JSONDecodeError, IndexError) as e:
        return [repr(e)]
    if reader.open:
        reader.problems.append(f"left open: {reader.open}")
    return reader.problems


def pages(folder):
    for root, _, names in os.walk(os.path.join(folder, "state/html")):
        attachment = re.search(r"/m/[a-z2-7]{32}/\d+$", root)
        for name in names:
            if name.endswith((".html", ".xml")) and not attachment:
                yield os.path.join(root, name)


def check(payload):
    """Makes the site whose list is called by the payload; what was wrong, and how many pages there are."""
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        os.makedirs(os.path.join(folder, "state"))
        conf, mbox = os.path.join(folder, "plenary.conf"), os.path.join(folder, "hostile.mbox")
        with open(conf, "w") as f:
            f.write(hostile.configuration(folder, payload))
        with open(mbox, "wb") as f:
            for i, (name, bytes_) in enumerate(hostile.messages()):
                # all of them once; for the names of lists a few are enough
                if payload == hostile.PAYLOADS[0] or i < 2:
                    f.write(b"From x Sun Nov 22 00:00:00 2026\n" + bytes_.replace(b"\nFrom ", b"\n>From ") + b"\n")
        p = subprocess.run([MKPAGES, conf, "hostile", mbox], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if p.returncode != 0:
            return [p.stdout.decode(errors="replace")], 0
        found, count = [], 0
        for path in pages(folder):
            count += 1
            found += [f"{os.path.relpath(path, folder)}: {what}" for what in problems_of(path)]
        return found, count


def main():
    if len(hostile.PAYLOADS) < PAYLOADS_MIN:
        sys.exit("too few payloads")
    # The reader itself must see what it is for.
    for bad in ("<p onclick=x>", "<a href='javascript:x'>y</a>", "<p>", "<script>x</script>", "<img src='https://e.org/x'>"):
        reader = Reader()
        try:
            reader.feed(bad)
        except json.JSONDecodeError:
            continue
        assert reader.problems or reader.open, bad
    total, names = 0, hostile.PAYLOADS[:1] + hostile.PAYLOADS[1::9]
    for payload in names:
        found, count = check(payload)
        total += count
        for what in found[:20]:
            print(f"FAIL: list called {payload!r}: {what}")
        if found or count < 5:
            print(f"{len(found)} faults in {count} pages")
            return 1
    print(f"{len(hostile.PAYLOADS)} payloads, {len(list(hostile.messages()))} mails, {total} pages: nothing of them but text")
    return 0


if __name__ == "__main__":
    sys.exit(main())
