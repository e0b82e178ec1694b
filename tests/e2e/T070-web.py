#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every kind of page as its readers meet it: valid, accessible (axe-core, in a real Chromium: light, dark, a phone's
width, right to left), by keyboard, in a text browser, small, and asking nothing of anybody else."""
import functools
import gzip
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "web"))
import npm  # noqa: E402
import sample  # noqa: E402
from chromium import Chromium, program  # noqa: E402
from showsite import ACCESS, TOP, kinds, message_path, reachable, show_site, thread_path  # noqa: E402
from plenary_site import PATIENCE, run  # noqa: E402

PAGE_MAX, THREAD_MAX = 14 << 10, 40 << 10  # bytes on the wire with their header: a first window; twenty messages
PHONE = 320  # CSS pixels: also a desk's 1280 enlarged four times (WCAG 1.4.10)
STRANGERS = ".*Private Use Area.*"  # letters of a writer's own: his words, not our markup
TABS = 40  # steps by keyboard that are followed on a page


class Wire:
    """The pages as they are sent to a browser that takes gzip, each asked for once."""

    def __init__(self, site):
        self.site, self.kinds, self.pages, self.sizes, self.faults = site, kinds(site), {}, {}, []
        for kind in self.kinds:
            with reachable(site, kind):
                self.fetch(kind)

    def fetch(self, kind):
        c = http.client.HTTPConnection("127.0.0.1", self.site.http_port, timeout=PATIENCE)
        c.request(kind.method, kind.path, headers={"Accept-Encoding": "gzip"})
        r = c.getresponse()
        body = r.read()
        c.close()
        self.sizes[kind.name] = len(body) + sum(len(k) + len(v) + 4 for k, v in r.getheaders()) + 19
        self.pages[kind.name] = gzip.decompress(body) if r.getheader("Content-Encoding") == "gzip" else body
        if r.status != kind.status:
            self.faults.append(f"{kind.name}: {kind.path[:80]}: {r.status} instead of {kind.status}")
        if r.getheader("Set-Cookie"):
            self.faults.append(f"{kind.name}: sets a cookie")
        if "default-src 'none'" not in (r.getheader("Content-Security-Policy") or ""):
            self.faults.append(f"{kind.name}: its policy would let scripts run")


@functools.lru_cache(None)
def wire():
    return Wire(SITE)


def none(faults):
    """No fault; else what they are: those that begin alike together, with the pages that have them."""
    rules = {}
    for page, fault in faults:
        rules.setdefault(fault.split(":")[0], []).append((page, fault))
    said = []
    for found in rules.values():
        pages = list(dict.fromkeys(page for page, _ in found))
        said.append(f"{len(found)} times on {len(pages)} pages ({', '.join(pages[:8])}…):")
        said += ["\t" + fault[:600] for fault in list(dict.fromkeys(fault for _, fault in found))[:4]]
    assert not faults, "\n" + "\n".join(said)


# --- what is sent ------------------------------------------------------------------------------


def sent():
    """every kind of page is there, without a cookie, under a policy that lets nothing run"""
    assert not wire().faults, "\n".join(wire().faults)
    print(f"note: {len(wire().kinds)} pages", flush=True)


def real():
    """real lists are among them"""
    if not SITE.real:
        return "there are no real lists here (PLENARY_CORPORA)"


def small():
    """a common message under 14 KB with its style sheet, twenty messages under 40 KB"""
    style = re.search(rb'<link rel="stylesheet" href="[./]*([^"]+)"', wire().pages["front page"])[1].decode()
    status, _, css = SITE.get("/" + style, headers={"Accept-Encoding": "gzip"})
    assert status == 200
    messages = [k.name for k in wire().kinds if "/m/" in k.path and not k.name.startswith("real-")]
    big = {n: wire().sizes[n] for n in messages if wire().sizes[n] + len(css) >= PAGE_MAX}
    assert len(messages) > 15 and not big, big
    thread = wire().sizes[f"{ACCESS}: thread"]
    assert wire().pages[f"{ACCESS}: thread"].count(b"captions") > 3 and thread + len(css) < THREAD_MAX, thread
    common = sorted(wire().sizes[n] for n in messages)[len(messages) // 2]
    print(f"note: a common message is {common} bytes on the wire, twenty in a thread {thread}, the style sheet {len(css)}",
          flush=True)


def valid():
    """HTML and CSS are valid (the Nu checker of the W3C), without a warning"""
    if not shutil.which("java"):
        return "there is no java"
    try:
        jar = os.path.join(npm.packages(), "vnu-jar/build/dist/vnu.jar")
    except npm.Missing as e:
        return str(e)
    names = {}
    with tempfile.TemporaryDirectory(prefix="plenary-test-") as folder:
        for i, (name, page) in enumerate(wire().pages.items()):
            names[f"{i}.html"] = name
            with open(os.path.join(folder, f"{i}.html"), "wb") as f:
                f.write(page)
        shutil.copy(os.path.join(TOP, "archive/plenary.css"), os.path.join(folder, "plenary.css"))
        p = subprocess.run(["java", "-jar", jar, "--format", "json", "--stdout", "--exit-zero-always", "--also-check-css",
                            "--filterpattern", STRANGERS, folder], capture_output=True, text=True, timeout=4 * PATIENCE)
    assert p.returncode == 0 and '"messages"' in p.stdout, p.stdout + p.stderr
    none([(names.get(os.path.basename(m["url"]), "the style sheet"), f"{m['message']}: {m.get('extract', '').strip()!r}")
          for m in json.loads(p.stdout)["messages"]])


# --- in Chromium -------------------------------------------------------------------------------


class Looked:
    """What was found on the pages in a browser: {question: [(page, fault)]}."""

    # Way, width, dark, and the rules that it may break of itself; none named: all rules.
    COLOURS, PLACES = ("color-contrast", "link-in-text-block"), ("color-contrast", "target-size")
    WAYS = (("light", 1100, False, ()), ("dark", 1100, True, COLOURS), ("narrow", PHONE, False, ()),
            ("right to left", PHONE, False, PLACES))

    def __init__(self):
        self.axe, self.alone, self.fits, self.targets, self.keys, self.missing = [], [], [], [], [], None
        self.script = self.ours()
        try:
            with open(os.path.join(npm.packages(), "axe-core/axe.min.js")) as f:
                self.script += ";" + f.read()
        except npm.Missing as e:
            self.missing = str(e)
        with Chromium(SITE.url + "/") as browser:
            page, tabs = browser.page(), set()
            for kind in wire().kinds:
                page.look()
                with reachable(SITE, kind):
                    page.open(SITE.url + kind.path, kind.method)
                assert page.status == kind.status, f"{kind.name}: {page.status}"
                self.ask_nobody(kind, page)
                page.evaluate(self.script + ";0")
                self.alone += [(kind.name, "a script: " + s) for s in page.evaluate("plenary.scripts()")]
                for way in self.WAYS:
                    self.look(kind, page, *way)
                sort = kind.name.split(": ")[-1]
                if sort not in tabs and not kind.name.startswith("real-"):
                    tabs.add(sort)
                    self.go_by_keyboard(kind, page)

    @staticmethod
    def ours():
        with open(os.path.join(TOP, "tests/web/browser.js")) as f:
            return f.read()

    def ask_nobody(self, kind, page):
        own = SITE.url + kind.path  # a message's pictures lie below it
        asked = [what for what, url in page.requests
                 if not url.endswith("/favicon.ico") and not (what == "Image" and "/m/" in own and url.startswith(own))]
        if asked != ["Document", "Stylesheet"]:
            self.alone.append((kind.name, f"asks for {page.requests}"))
        for what in (page.refused, page.complaints, page.cookies):
            self.alone += [(kind.name, str(w)) for w in what]

    def look(self, kind, page, way, width, dark, rules):
        page.look(width, dark=dark)
        if way == "right to left":
            page.evaluate("document.documentElement.dir = 'rtl'")
        if not self.missing:
            # The window as high as the page: a bar that sticks to its edge lies over nothing then.
            page.look(width, page.evaluate("plenary.height()"), dark)
            only = ", ".join(f"'{rule}'" for rule in rules)
            self.axe += [(f"{kind.name} ({way})", f) for f in page.evaluate(f"plenary.findings({only})")]
        self.fits += [(f"{kind.name} ({way})", f) for f in page.evaluate("plenary.overflow()")]
        if way == "narrow":
            self.targets += [(kind.name, t) for t in page.evaluate("plenary.small()")]

    def go_by_keyboard(self, kind, page):
        """Tab after Tab from the top of the page, as somebody without a mouse goes."""
        page.look(1100)
        page.open(SITE.url + kind.path, kind.method)
        page.evaluate(self.script + ";0")
        last = -1
        for step in range(TABS):
            page.press("Tab")
            at = page.evaluate("plenary.focus()")
            if not at or (step > 0 and at["skip"]):  # through
                break
            faults = []
            if step == 0 and not at["skip"]:
                faults.append("the first stop is not the skip link")
            if at["place"] <= last:
                faults.append("goes back")
            if at["outline"] < 2 or at["contrast"] < 3:
                faults.append(f"the focus is hardly seen: {at['outline']} px, contrast {at['contrast']:.1f}")
            if not at["shown"]:
                faults.append("what has the focus is not shown")
            self.keys += [(kind.name, f"{f}: {at['html']}") for f in faults]
            last = at["place"]
        if last < 3:
            self.keys.append((kind.name, "Tab reaches next to nothing"))


@functools.lru_cache(None)
def looked():
    return Looked()


def in_chromium(test):
    """A test that is skipped where there is no Chromium."""
    @functools.wraps(test)
    def wrapped():
        return test() if program() else "there is no Chromium"
    return wrapped


@in_chromium
def accessible():
    """axe-core finds nothing on any kind of page: light, dark, narrow, right to left"""
    if looked().missing:
        return looked().missing
    none(looked().axe)


@in_chromium
def fits():
    """no page is wider than a window of 320 px (or of 1280 enlarged four times)"""
    none(looked().fits)


@in_chromium
def alone():
    """a page asks for its style sheet and nothing else, of nobody else; no script, no cookie, no complaint"""
    none(looked().alone)


@in_chromium
def watched():
    """this test's own browser would have seen it: a stranger's picture is refused, a script is noticed"""
    with Chromium(SITE.url + "/") as browser:
        page = browser.page()
        page.look()
        page.open("data:text/html,<!doctype html><img src='http://192.0.2.1/x.png'><script>console.log('ran')</script>"
                  "<p onclick='x()'>")
        assert page.refused == ["http://192.0.2.1/x.png"] and "ran" in str(page.complaints), (page.refused, page.complaints)
        page.evaluate(Looked.ours() + ";0")
        assert len(page.evaluate("plenary.scripts()")) == 2
        assert page.evaluate("plenary.overflow()") == []
        page.evaluate("document.body.append(Object.assign(document.createElement('div'), {style: 'width: 5000px; height: 1px'}))")
        assert len(page.evaluate("plenary.overflow()")) == 1


@in_chromium
def targets():
    """what can be pressed is 24 by 24 px at least, or a link in a text"""
    none(looked().targets)


@in_chromium
def keyboard():
    """by keyboard: the skip link first, then in the order of the page, the focus always seen"""
    none(looked().keys)


@in_chromium
def skipping():
    """the skip link leads past the navigation to the text"""
    with Chromium(SITE.url + "/") as browser:
        page = browser.page()
        page.look()
        page.open(SITE.url + thread_path(ACCESS, "captions-1"))
        page.press("Tab")
        page.press("Enter")
        assert page.evaluate("location.hash") == "#main"
        page.press("Tab")
        assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


# --- in a text browser -------------------------------------------------------------------------


def dump(path):
    """The page as lynx shows it: its text with one space between words."""
    p = subprocess.run(["lynx", "-dump", "-nolist", "-width=100", "-display_charset=utf-8", "-cfg=/dev/null", SITE.url + path],
                       capture_output=True, text=True, timeout=PATIENCE, env={**os.environ, "HOME": "/nonexistent"})
    assert p.stdout, p.stderr  # its exit status is 1 for a page that is none
    return " ".join(p.stdout.split())


def in_order(text, *parts):
    """All of them, each behind the one before."""
    at = 0
    for part in parts:
        found = text.find(part, at)
        assert found >= 0, f"“{part}” is not behind the others in: {text[at:at + 1500]}"
        at = found + len(part)


def text_browser(test):
    """A test that is skipped where there is no lynx."""
    @functools.wraps(test)
    def wrapped():
        return test() if shutil.which("lynx") else "there is no lynx"
    return wrapped


@text_browser
def text_thread():
    """a thread in lynx: who answers whom, each message where it belongs"""
    text = dump(thread_path(ACCESS, "captions-1"))
    in_order(text, "Skip to the text", sample.LISTS[ACCESS]["title"], "Captions at the annual meeting", "20 messages",
             "Ann Okafor", "captions of the main hall", "somebody at the desk",
             "Bob Meyer", "in reply to Ann Okafor", "costs next to nothing",
             "Dev Rao", "in reply to Bob Meyer", "drops names in every script",
             "Ann Okafor", "in reply to Dev Rao", "Which one was it?",
             "Carla Souza", "in reply to Ann Okafor", "add sign language",
             "Rules of conduct")
    for name, *people in (("dc-francophonie", "Luc Ménard", "Awa Diop", "en réponse à", "Luc Ménard"),
                          ("dc-arabic", "عمر حداد", "ليلى منصور", "ردّاً على", "عمر حداد"),
                          ("dc-chinese", "王芳", "李伟", "回复：", "王芳")):
        in_order(dump(thread_path(name, f"{name}-1")), *people)


@text_browser
def text_message():
    """a message in lynx: where one is, the subject, who and when, the text, its place, the rest of the list"""
    text = dump(message_path(ACCESS, "captions-6"))
    in_order(text, sample.LISTS[ACCESS]["title"], "April 2026", "Captions at the annual meeting", "Dev Rao",
             "11 April 2026, 15:00 UTC", "Ann Okafor", "I would rather name what it must do",
             "Eve Lindqvist", "Rules of conduct")
    text = dump(message_path(ACCESS, "troll"))
    in_order(text, "withdrawn", "names a person who did not agree")
    assert "telephone number of somebody" not in text


@text_browser
def text_others():
    """front page, list, month, search and a refusal in lynx: what it is first, then its content, then the way on"""
    title = sample.LISTS[ACCESS]["title"]
    in_order(dump("/"), *(k["title"] for k in sorted(sample.LISTS.values(), key=lambda k: dump("/").find(k["title"]))))
    in_order(dump(f"/{ACCESS}/"), title, sample.LISTS[ACCESS]["description"], "Join", "Leave", "Roll call", "2026", "Rules of conduct")
    in_order(dump(f"/{ACCESS}/2026/04/"), title, "April 2026", "Captions at the annual meeting", "20 messages", "Roll call")
    in_order(dump("/search?q=telephone"), "telephone", "1 message", "Written on a telephone", "Bob Meyer")
    in_order(dump("/nothing"), "There is no such page", "All lists")


if __name__ == "__main__":
    with show_site() as SITE:
        try:
            run([sent, real, small, valid, accessible, fits, alone, watched, targets, keyboard, skipping, text_thread,
                 text_message, text_others])
        except SystemExit as end:  # the site is to end in peace, and is asked how it was
            failed = end.code
    sys.exit(failed)
