#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""plenary-web as a process: pages, search, leave links, old links, and what strangers send it.

Run in the build folder (make check does). The pages are a small tree of files, intake is a server
of our own that can be told what to answer, and most requests are written byte by byte.
"""
import gzip
import hashlib
import base64
import http.client
import json
import os
import resource
import shutil
import signal
import socket
import socketserver
import subprocess
import tempfile
import threading
import time
import unittest
import xml.etree.ElementTree

ROLE = os.path.abspath("plenary-web")
PATIENCE = float(os.environ.get("PLENARY_TEST_PATIENCE", "60"))
DOMAIN = "lists.example.org"
GOOD = "a" * 26
OLD = "b" * 26
KEY = base64.b32encode(hashlib.sha1(b"one@example.org").digest()).decode().lower()
GONE = base64.b32encode(hashlib.sha1(b"gone@example.org").digest()).decode().lower()
SLASH = base64.b32encode(hashlib.sha1(b"a/b+c@example.org").digest()).decode().lower()

CONFIG = """
domain = "{domain}"
site-url = "https://{domain}"
owner = "postmaster@example.org"
state-dir = "{state}"
user = "{user}"
web-user = "{user}"
listen-lmtp = {{ "unix:{lmtp}" }}
relay = {{ "maildir:{state}/out" }}
list "dc" {{ title = "Dynamic <Coalitions>" }}
list "dc-small" {{ title = "Small" }}
"""

PAGES = {
    "index.html": "<!DOCTYPE html><title>Lists</title>",
    "static/plenary.css": "body { color: black }\n" * 200,
    "dc/index.html": "<!DOCTYPE html><title>DC</title>" + "<p>many words of a page\n" * 400,
    "dc/atom.xml": "<feed/>",
    "dc/2017/10/index.html": "october",
    "dc/2017/10/mbox.gz": gzip.compress(b"From x\n"),
    f"dc/m/{KEY}/index.html": "the message",
    f"dc/m/{KEY}/raw": "Subject: x\r\n\r\n" + "raw bytes\r\n" * 200,
    f"dc/m/{KEY}/1/p<a>ge.html": "<script>alert(1)</script>",
    f"dc/m/{KEY}/2/picture.png": "\x89PNG",
    f"dc/m/{SLASH}/index.html": "a message with a slash in its id",
    f"dc/m/{GONE}/gone.html": "<p>withdrawn",
    f"dc/t/{KEY}/index.html": "the thread",
    ".redirects": "/pipermail/dc/2017-October/000123.html\t/dc/m/%s/\n"
                  "/evil\t//evil.example/\n/group/old?x\t/dc/\n/group/old\t/dc/\n" % KEY,
    ".hidden/index.html": "nobody's business",
}


class LmtpHandler(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        lmtp = self.server
        self.say("220 lists.example.org LMTP")
        while True:
            line = self.rfile.readline(4096)
            if not line:
                return
            text = line.decode().strip()
            lmtp.commands.append(text)
            verb = text[:4].upper()
            if verb == "LHLO":
                self.say("250-lists.example.org\r\n250 PIPELINING")
            elif verb == "RCPT":
                if lmtp.slow:
                    time.sleep(lmtp.slow)
                self.say(lmtp.rcpt or ("250 2.1.5 ok" if GOOD in text else "550 5.1.1 no such address"))
            elif verb == "DATA":
                self.say("354 go on")
                data = b""
                while not data.endswith(b"\r\n.\r\n"):
                    data += self.rfile.readline()
                lmtp.messages.append(data[:-3])
                self.say("250 2.0.0 taken")
            elif verb == "QUIT":
                self.say("221 2.0.0 bye")
                return
            else:
                self.say("250 2.0.0 ok")


class Lmtp(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path):
        self.commands, self.messages, self.rcpt, self.slow = [], [], None, 0
        super().__init__(path, LmtpHandler)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode("latin-1"))


class Site:
    """One run of the role."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="plenary-web-")
        self.state = os.path.join(self.dir, "state")
        self.html = os.path.join(self.state, "html")
        for name, text in PAGES.items():
            write(os.path.join(self.html, name), text)
        os.makedirs(os.path.join(self.state, "archive", "xapian"))
        write(os.path.join(self.state, "metrics", "intake"),
              "plenary_intake_messages_total 7\nevil <script> 1\nplenary_x{list=\"dc\"} 1.5\n")
        write(os.path.join(self.state, "secret", "token.key"), "the key")
        os.symlink(KEY, os.path.join(self.html, "dc", "t", "a" * 32))
        os.symlink("../../../secret", os.path.join(self.html, "dc", "t", "b" * 32))
        os.symlink("/etc", os.path.join(self.html, "dc", "t", "c" * 32))
        self.sock = os.path.join(self.dir, "lmtp.sock")
        self.lmtp = Lmtp(self.sock)
        conf = os.path.join(self.dir, "plenary.conf")
        with open(conf, "w", encoding="ascii") as f:
            f.write(CONFIG.format(state=self.state, domain=DOMAIN, lmtp=self.sock,
                                  user="root" if os.geteuid() == 0 else "nobody"))
        self.http, self.monitor = socket.socket(), socket.socket()
        for s in (self.http, self.monitor):
            s.bind(("127.0.0.1", 0))
            s.listen(1024)
        self.port, self.monitor_port = (s.getsockname()[1] for s in (self.http, self.monitor))
        self.conf = conf
        self.log = open(os.path.join(self.dir, "log"), "w+b")
        self.process = self.start()

    def start(self):
        fds = [self.http.fileno(), self.monitor.fileno()]
        environment = dict(os.environ, PLENARY_LISTEN="http:%d,monitor:%d" % tuple(fds))
        return subprocess.Popen([ROLE, "-f", self.conf, "-d", "-v"], pass_fds=fds, env=environment,
                                stderr=self.log)

    def connect(self, port=None):
        return socket.create_connection(("127.0.0.1", port or self.port), timeout=PATIENCE)

    def raw(self, data, end=False):
        """All that comes back until the other side closes (so ask for that, or end our own)."""
        with self.connect() as s:
            s.sendall(data)
            if end:
                s.shutdown(socket.SHUT_WR)
            out = b""
            while True:
                try:
                    part = s.recv(65536)
                except ConnectionResetError:
                    return out
                if not part:
                    return out
                out += part

    def ask(self, path, method="GET", body=None, port=None, **headers):
        c = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=PATIENCE)
        c.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
        r = c.getresponse()
        r.body = r.read()
        c.close()
        return r

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        self.log.seek(0)
        return code, self.log.read().decode()

    def clean(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for s in (self.http, self.monitor):
            s.close()
        self.lmtp.shutdown()
        self.lmtp.server_close()
        self.log.close()
        shutil.rmtree(self.dir)


class Base(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Site()

    @classmethod
    def tearDownClass(cls):
        code, log = cls.site.end()
        cls.site.clean()
        if code != 0:
            raise AssertionError(f"it ended with {code}:\n{log}")

    def status(self, path, **kw):
        return self.site.ask(path, **kw).status

    def moved(self, path):
        r = self.site.ask(path)
        return r.status, r.getheader("Location")


class Files(Base):
    def test_pages(self):
        for path in ("/", "/dc/", f"/dc/m/{KEY}/", "/dc/atom.xml"):
            with self.subTest(path):
                self.assertEqual(self.status(path), 200)
        r = self.site.ask("/dc/")
        self.assertEqual(r.body.decode(), PAGES["dc/index.html"])
        self.assertEqual(r.getheader("Content-Type"), "text/html; charset=utf-8")
        self.assertEqual(self.site.ask("/dc/atom.xml").getheader("Content-Type"), "application/atom+xml")
        self.assertEqual(self.site.ask("/dc/2017/10/mbox.gz").getheader("Content-Type"), "application/gzip")

    def test_headers(self):
        for path in ("/dc/", "/nothing", "/search", f"/dc/m/{KEY}/raw"):
            r = self.site.ask(path)
            with self.subTest(path):
                self.assertIn("default-src 'none'", r.getheader("Content-Security-Policy"))
                self.assertIn("frame-ancestors 'none'", r.getheader("Content-Security-Policy"))
                self.assertEqual(r.getheader("X-Content-Type-Options"), "nosniff")
                self.assertEqual(r.getheader("Referrer-Policy"), "no-referrer")
                self.assertTrue(r.getheader("Cache-Control"))
                self.assertIsNone(r.getheader("Server"))
                self.assertIsNone(r.getheader("Set-Cookie"))

    def test_slash(self):
        self.assertEqual(self.moved("/dc"), (301, "/dc/"))
        self.assertEqual(self.moved("/dc?x=1"), (301, "/dc/?x=1"))
        self.assertEqual(self.status("/dc/m/"), 404)
        self.assertEqual(self.status("//evil.example/"), 404)
        self.assertEqual(self.status("//evil.example"), 404)

    def test_case(self):
        self.assertEqual(self.moved(f"/DC/m/{KEY.upper()}/"), (301, f"/dc/m/{KEY}/"))

    def test_raw_and_attachments(self):
        r = self.site.ask(f"/dc/m/{KEY}/raw")
        self.assertEqual(r.getheader("Content-Type"), "text/plain")
        self.assertEqual(r.body.decode(), PAGES[f"dc/m/{KEY}/raw"])
        r = self.site.ask(f"/dc/m/{KEY}/1/p%3Ca%3Ege.html")
        self.assertEqual(r.status, 200)
        self.assertEqual(r.getheader("Content-Disposition"), "attachment")
        self.assertEqual(r.getheader("Content-Type"), "application/octet-stream")
        self.assertIn("sandbox", r.getheader("Content-Security-Policy"))
        self.assertEqual(self.site.ask(f"/dc/m/{KEY}/2/picture.png").getheader("Content-Type"), "image/png")

    def test_gone(self):
        for rest in ("", "raw", "1/name.pdf", "gone.html"):
            r = self.site.ask(f"/dc/m/{GONE}/{rest}")
            with self.subTest(rest):
                self.assertEqual((r.status, r.body), (410, b"<p>withdrawn"))
                self.assertEqual(r.getheader("Content-Type"), "text/html; charset=utf-8")

    def test_links(self):
        self.assertEqual(self.site.ask(f"/dc/t/{'a' * 32}/").body, b"the thread")
        self.assertEqual(self.status(f"/dc/t/{'b' * 32}/token.key"), 404)
        self.assertEqual(self.status(f"/dc/t/{'c' * 32}/passwd"), 404)

    def test_traversal(self):
        for path in ("/../secret/token.key", "/%2e%2e/secret/token.key", "/..%2fsecret/token.key",
                     "/%2E%2E%2Fsecret/token.key", "/dc/../../secret/token.key", "/.hidden/",
                     "/dc/%2e%2e/%2e%2e/secret/token.key", "/.redirects", "/%2eredirects",
                     "/..%c0%afsecret/token.key", "/%252e%252e/secret/token.key", "/./dc/",
                     "/dc/..%5c..%5csecret%5ctoken.key", "/dc%00/", "/dc/%00", "/%", "/%4", "/%zz",
                     "/dc/%0d%0aSet-Cookie:x", "/..;/secret/token.key"):
            with self.subTest(path):
                r = self.site.ask(path)
                self.assertIn(r.status, (400, 404))
                self.assertNotIn(b"the key", r.body)
                self.assertNotIn(b"token.key", r.body)
                self.assertIsNone(r.getheader("Set-Cookie"))

    def test_gzip(self):
        r = self.site.ask("/dc/", Accept_Encoding="br, gzip;q=0.5")
        self.assertEqual(r.getheader("Content-Encoding"), "gzip")
        self.assertEqual(gzip.decompress(r.body).decode(), PAGES["dc/index.html"])
        self.assertEqual(r.getheader("Vary"), "Accept-Encoding")
        again = self.site.ask("/dc/", Accept_Encoding="gzip")
        self.assertEqual(again.body, r.body)
        self.assertNotEqual(r.getheader("ETag"), self.site.ask("/dc/").getheader("ETag"))
        for no in ("", "gzip;q=0", "gzip;q=0.000", "x-gzip, br"):
            self.assertIsNone(self.site.ask("/dc/", Accept_Encoding=no).getheader("Content-Encoding"), no)
        self.assertIsNone(self.site.ask("/", Accept_Encoding="gzip").getheader("Content-Encoding"))

    def test_gzip_of_a_changed_file(self):
        path = os.path.join(self.site.html, "dc", "changing.html")
        for text in ("one " * 1000, "two " * 1000):
            write(path + ".new", text)
            os.rename(path + ".new", path)
            r = self.site.ask("/dc/changing.html", Accept_Encoding="gzip")
            self.assertEqual(gzip.decompress(r.body).decode(), text)

    def test_conditional(self):
        r = self.site.ask("/dc/")
        for headers in ({"If_None_Match": r.getheader("ETag")}, {"If_None_Match": '"x", W/' + r.getheader("ETag")},
                        {"If_Modified_Since": r.getheader("Last-Modified")}):
            again = self.site.ask("/dc/", **headers)
            with self.subTest(headers):
                self.assertEqual((again.status, again.body), (304, b""))
                self.assertEqual(again.getheader("ETag"), r.getheader("ETag"))
        self.assertEqual(self.status("/dc/", If_None_Match='"x"',
                                     If_Modified_Since=r.getheader("Last-Modified")), 200)

    def test_ranges(self):
        whole = PAGES["dc/index.html"].encode()
        for want, part in (("0-9", whole[:10]), ("10-", whole[10:]), ("-5", whole[-5:]),
                           ("5-99999999", whole[5:]), ("-99999999", whole)):
            r = self.site.ask("/dc/", Range="bytes=" + want)
            with self.subTest(want):
                self.assertEqual((r.status, r.body), (206, part))
                self.assertRegex(r.getheader("Content-Range"), rf"^bytes \d+-\d+/{len(whole)}$")
        self.assertEqual(self.status("/dc/", Range=f"bytes={len(whole)}-"), 416)
        for ignored in ("bytes=0-1,3-4", "lines=1-2", "bytes=9-3", "bytes=x"):
            self.assertEqual(self.status("/dc/", Range=ignored), 200, ignored)
        self.assertEqual(self.status("/dc/", Range="bytes=0-1", If_Range='"other"'), 200)

    def test_head(self):
        r = self.site.ask("/dc/", method="HEAD")
        self.assertEqual((r.status, r.body), (200, b""))
        self.assertEqual(int(r.getheader("Content-Length")), len(PAGES["dc/index.html"]))
        self.assertEqual(self.site.ask("/nothing", method="HEAD").status, 404)

    def test_languages(self):
        self.assertIn(b'<html lang="en"', self.site.ask("/nothing").body)
        r = self.site.ask("/nothing", Accept_Language="de, fr-CA;q=0.9, en;q=0.8")
        self.assertIn(b'<html lang="fr"', r.body)
        self.assertEqual(r.getheader("Content-Language"), "fr")


class Redirects(Base):
    def test_message_ids(self):
        to = (302, f"/dc/m/{KEY}/")
        for path in ("/dc/id/one@example.org", "/dc/id/%3Cone@example.org%3E", "/dc/id/one%40example.org",
                     "/dc/id/one@example.org/", "/DC/id/one@example.org"):
            self.assertEqual(self.moved(path), to, path)
        slash = (302, f"/dc/m/{SLASH}/")
        self.assertEqual(self.moved("/dc/id/a/b+c@example.org"), slash)
        self.assertEqual(self.moved("/dc/id/a%2Fb%2Bc@example.org"), slash)
        self.assertEqual(self.moved("/dc/id/gone@example.org"), (302, f"/dc/m/{GONE}/"))
        self.assertEqual(self.status("/dc/id/other@example.org"), 404)
        self.assertEqual(self.status("/dc/id/"), 404)
        self.assertEqual(self.status("/no-such-list/id/one@example.org"), 404)

    def test_mailman2(self):
        for path, to in (("/pipermail/dc/2017-October/000123.html", (301, f"/dc/m/{KEY}/")),
                         ("/pipermail/dc/2017-October/000999.html", (302, "/dc/2017/10/")),
                         ("/pipermail/dc/2017-October/thread.html", (302, "/dc/2017/10/")),
                         ("/pipermail/dc/2017-October.txt.gz", (301, "/dc/2017/10/mbox.gz")),
                         ("/pipermail/dc/2017-November/", (404, None)),
                         ("/pipermail/dc/", (301, "/dc/")), ("/pipermail/nope/", (404, None)),
                         ("/mailman/listinfo/dc", (301, "/dc/")), ("/mailman/listinfo", (301, "/")),
                         ("/mailman/listinfo/nope", (404, None))):
            self.assertEqual(self.moved(path), to, path)

    def test_mailman3(self):
        at = f"/archives/list/dc@{DOMAIN}"
        for path, to in ((at + "/", (301, "/dc/")), (at + "/latest", (301, "/dc/")),
                         (f"{at}/message/{KEY.upper()}/", (301, f"/dc/m/{KEY}/")),
                         (f"{at}/thread/{KEY.upper()}/", (301, f"/dc/t/{KEY}/")),
                         (f"{at}/thread/{SLASH.upper()}/", (301, f"/dc/m/{SLASH}/")),
                         (f"{at}/message/{'Z' * 32}/", (404, None)),
                         (f"{at}/2017/10/", (301, "/dc/2017/10/")), (f"{at}/2017/11/", (404, None)),
                         (f"/hyperkitty/list/dc@{DOMAIN}/message/{KEY.upper()}/", (301, f"/dc/m/{KEY}/")),
                         (f"/mailman3/hyperkitty/list/dc@{DOMAIN}/thread/{KEY.upper()}/", (301, f"/dc/t/{KEY}/")),
                         (f"/mailman3/lists/dc.{DOMAIN}/", (301, "/dc/")),
                         (f"/archives/list/dc@other.example/message/{KEY.upper()}/", (404, None))):
            self.assertEqual(self.moved(path), to, path)

    def test_map(self):
        self.assertEqual(self.moved("/group/old"), (301, "/dc/"))
        self.assertEqual(self.status("/evil"), 404)
        path = os.path.join(self.site.html, ".redirects")
        write(path + ".new", "/b\t/dc/\n/a\t/dc/2017/10/\nnonsense\n/b\t/dc-small/\n")
        with open(path, "rb") as f:
            before = f.read()
        os.rename(path + ".new", path)
        try:
            self.assertEqual(self.moved("/b"), (301, "/dc-small/"))
            self.assertEqual(self.moved("/a"), (301, "/dc/2017/10/"))
            self.assertEqual(self.status("/group/old"), 404)
        finally:
            write(path + ".new", before)
            os.rename(path + ".new", path)


class Search(Base):
    def test_page(self):
        r = self.site.ask("/search?q=%3Cscript%3E%22x")
        self.assertEqual(r.status, 200)
        self.assertIn(b'value="&lt;script&gt;&quot;x"', r.body)
        self.assertNotIn(b"<script", r.body)
        self.assertIn(b"noindex", r.body)
        self.assertIn(b"0 messages", r.body)
        self.assertIn(b"Dynamic &lt;Coalitions&gt;", self.site.ask("/dc/search?q=x").body)
        self.assertIn(b"<form", self.site.ask("/search").body)
        self.assertEqual(self.status("/nope/search?q=x"), 404)
        self.assertEqual(self.status("/search?l=nope&q=x"), 404)
        self.assertEqual(self.status("/search?q=%00&o=-1&sort=x&format=y"), 200)

    def test_json(self):
        r = self.site.ask("/search?q=x&format=json")
        self.assertEqual(r.getheader("Content-Type"), "application/json")
        self.assertEqual(json.loads(r.body), [])
        self.assertEqual(r.getheader("X-Total-Count"), "0")

    def test_gzip(self):
        r = self.site.ask("/search?q=x", Accept_Encoding="gzip")
        self.assertEqual(r.getheader("Content-Encoding"), "gzip")
        self.assertEqual(gzip.decompress(r.body), self.site.ask("/search?q=x").body)

    def test_atom(self):
        r = self.site.ask("/dc/search?q=%26%01%FF&format=atom")
        self.assertEqual(r.getheader("Content-Type"), "application/atom+xml")
        self.assertTrue(xml.etree.ElementTree.fromstring(r.body).tag.endswith("feed"))

    def test_json_with_facets(self):
        r = self.site.ask("/search?q=from:ann&format=json&facets=1")
        found = json.loads(r.body)
        self.assertEqual((found["total"], found["exact"], found["hits"]), (0, True, []))
        self.assertEqual(set(found["facets"]), {"list", "year", "author", "has"})


class Links(Base):
    def setUp(self):
        self.lmtp = self.site.lmtp
        self.lmtp.commands.clear()
        self.lmtp.messages.clear()
        self.lmtp.rcpt, self.lmtp.slow = None, 0

    def test_get_only_asks(self):
        for what, function in (("u", "unsubscribe"), ("c", "confirm")):
            r = self.site.ask(f"/{what}/{GOOD}")
            self.assertEqual(r.status, 200)
            self.assertIn(b'<form method="post"', r.body)
            self.assertEqual(r.getheader("Cache-Control"), "no-store")
            self.assertIn("MAIL FROM:<>", self.lmtp.commands)
            self.assertIn(f"RCPT TO:<plenary-{function}+{GOOD}@{DOMAIN}>", self.lmtp.commands)
        self.assertEqual(self.lmtp.messages, [])
        self.assertNotIn("DATA", self.lmtp.commands)

    def test_invalid(self):
        self.assertEqual(self.status(f"/u/{OLD}"), 404)
        self.assertEqual(self.status(f"/u/{OLD}", method="POST"), 404)
        self.lmtp.commands.clear()
        for token in ("x", GOOD + "a", GOOD[:-1] + "%0a", GOOD[:-1] + "1", "%3E%20" + GOOD[2:]):
            self.assertIn(self.status(f"/u/{token}"), (400, 404), token)
        self.assertEqual(self.lmtp.commands, [])
        self.assertEqual(self.lmtp.messages, [])

    def test_one_click(self):
        r = self.site.ask(f"/u/{GOOD}", method="POST", body="List-Unsubscribe=One-Click",
                          Content_Type="application/x-www-form-urlencoded")
        self.assertEqual(r.status, 200)
        self.assertEqual(len(self.lmtp.messages), 1)
        text = self.lmtp.messages[0].decode("ascii")
        self.assertIn("\r\nSubject: unsubscribe\r\n", text)
        self.assertIn(f"\r\nTo: <plenary-unsubscribe+{GOOD}@{DOMAIN}>\r\n", text)
        self.assertTrue(text.startswith(f"From: <plenary@{DOMAIN}>\r\n"))
        self.assertNotIn("Auto-Submitted", text)
        self.assertIn(f"MAIL FROM:<plenary@{DOMAIN}>", self.lmtp.commands)

    def test_button(self):
        r = self.site.ask(f"/c/{GOOD.upper()}", method="POST", body="", Accept_Language="fr")
        self.assertEqual(r.status, 404)  # our server of tests knows it in small letters only
        r = self.site.ask(f"/c/{GOOD}", method="POST", body="", Accept_Language="fr")
        self.assertEqual(r.status, 200)
        self.assertIn(b'lang="fr"', r.body)
        self.assertIn("\r\nSubject: confirm\r\n", self.lmtp.messages[-1].decode())

    def test_trouble(self):
        self.lmtp.rcpt = "451 4.3.0 later"
        for method in ("GET", "POST"):
            r = self.site.ask(f"/u/{GOOD}", method=method)
            self.assertEqual(r.status, 503)
            self.assertTrue(r.getheader("Retry-After"))
            self.assertIn(f"plenary-unsubscribe+{GOOD}@{DOMAIN}".encode(), r.body)
        self.assertEqual(self.lmtp.messages, [])

    def test_no_intake(self):
        os.rename(self.site.sock, self.site.sock + ".away")
        try:
            self.assertEqual(self.status(f"/u/{GOOD}"), 503)
        finally:
            os.rename(self.site.sock + ".away", self.site.sock)

    def test_pages_do_not_wait(self):
        self.lmtp.slow = 1
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(self.status(f"/u/{GOOD}"))) for _ in range(3)]
        for t in threads:
            t.start()
        time.sleep(0.2)
        for _ in range(20):
            self.assertEqual(self.status("/dc/"), 200)
        self.assertEqual(answers, [])
        for t in threads:
            t.join()
        self.assertEqual(answers, [200] * 3)


class Abuse(Base):
    GET = b"GET /dc/ HTTP/1.1\r\nHost: x\r\n"
    NEXT = b"GET /dc/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    def refused(self, data, statuses=(400,)):
        """One answer, then the end, whatever follows on the same connection."""
        out = self.site.raw(data + self.NEXT)
        self.assertIn(int(out[9:12] or 0), statuses, out[:200])
        self.assertNotIn(b"many words of a page", out)
        return out

    def test_smuggling(self):
        post = b"POST /u/" + GOOD.encode() + b" HTTP/1.1\r\nHost: x\r\n"
        self.refused(post + b"Content-Length: 3\r\nContent-Length: 5\r\n\r\nabc")
        self.refused(post + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc")
        self.refused(post + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        self.refused(post + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n")
        self.refused(post + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")
        self.refused(post + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n")
        self.refused(post + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        self.refused(post + b"Content-Length : 3\r\n\r\nabc")
        self.refused(post + b"Content-Length: +3\r\n\r\nabc")
        self.refused(post + b"Content-Length: 0x3\r\n\r\nabc")
        self.refused(post.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        self.refused(self.GET + b"Content-Length: 3\r\n\r\nabc")
        self.refused(self.GET + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        self.refused(self.GET + b"X: a\rY: b\r\n\r\n")
        self.refused(self.GET + b"Host: y\r\n\r\n")
        self.refused(b"GET /dc/ HTTP/1.1\r\n\r\n")
        self.refused(b"GET /dc/ HTTP/2.0\r\nHost: x\r\n\r\n", (400, 505))
        self.assertEqual(self.site.lmtp.messages, [])

    def test_old_http(self):
        out = self.site.raw(b"GET /dc/\r\n\r\n")
        self.assertNotIn(b"many words", out)
        out = self.site.raw(b"GET /dc/ HTTP/1.0\r\n\r\n")
        self.assertIn(b"many words", out)

    def test_odd_lines(self):
        for data in (b"GET /dc/\0x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                     b"GET http://evil/%2e%2e/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                     b"GET * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                     b"GET dc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                     bytes(range(256)) * 8 + b"\r\n\r\n", b"\r\n" * 1000 + self.NEXT):
            self.assertNotIn(b"the key", self.site.raw(data, end=True))
        self.assertEqual(self.status("/dc/"), 200)

    def test_absolute_form(self):
        out = self.site.raw(b"GET http://x.example/dc/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        self.assertIn(b"many words", out)

    def test_methods(self):
        for method in ("PUT", "DELETE", "OPTIONS", "TRACE", "BREW", "POST", "CONNECT", "get"):
            out = self.refused(f"{method} /dc/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode(), (405,))
            self.assertIn(b"\r\nAllow: GET, HEAD\r\n", out)
        r = self.site.ask(f"/u/{GOOD}", method="PUT")
        self.assertEqual((r.status, r.getheader("Allow")), (405, "GET, HEAD, POST"))

    def test_sizes(self):
        def uri(n):
            return self.site.ask("/" + "a" * (n - 1)).status
        self.assertEqual(uri(8192), 404)
        self.assertEqual(uri(8193), 414)
        self.refused(b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", (414, 431))
        self.refused(self.GET + b"X: y\r\n" * 20000 + b"\r\n", (431,))
        self.refused(self.GET + b"X: " + b"y" * 50000 + b"\r\n\r\n", (431,))
        path = f"/u/{GOOD}"
        self.assertEqual(self.site.ask(path, method="POST", body=b"x" * 65536).status, 200)
        self.assertEqual(self.site.raw(b"POST " + path.encode() + b" HTTP/1.1\r\nHost: x\r\n"
                                       b"Content-Length: 65537\r\n\r\n")[9:12], b"413")
        self.assertEqual(self.site.raw(b"POST " + path.encode() + b" HTTP/1.1\r\nHost: x\r\n"
                                       b"Content-Length: 99999999999999999999\r\n\r\n")[9:12], b"413")
        self.site.lmtp.messages.clear()
        chunk = b"1000\r\n" + b"x" * 4096 + b"\r\n"
        out = self.site.raw(b"POST " + path.encode() + b" HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
                            chunk * 17 + b"0\r\n\r\n")
        self.assertNotIn(b" 200 ", out)
        self.assertEqual(self.site.lmtp.messages, [])

    def test_pipeline(self):
        out = self.site.raw((self.GET + b"\r\n") * 20 + self.NEXT)
        self.assertEqual(out.count(b"HTTP/1.1 200 OK"), 21)

    def test_abandoned(self):
        """Those who go in the middle of a response, or of a request, leave nothing behind."""
        for _ in range(50):
            with self.site.connect() as s:
                s.sendall(self.GET + b"\r\n")
            with self.site.connect() as s:
                s.sendall(b"GET /dc/ HT")
            with self.site.connect() as s:
                s.sendall(b"\0" * 100 + b"\r\n\r\n")
            with self.site.connect() as s:
                s.sendall(b"POST /u/" + GOOD.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc")
            with self.site.connect() as s:
                s.sendall(b"GET /search?q=x HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertEqual(self.status("/dc/"), 200)

    def test_idle_crowd(self):
        """A page is served while a thousand others say nothing."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard < 2000:
            self.skipTest("SKIP: no 2000 open files here")
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2000), hard))
        crowd = []
        try:
            for i in range(1000):
                crowd.append(self.site.connect())
                if i % 2:
                    crowd[-1].sendall(b"GET /dc/ HTTP/1.1\r\nHo")
            begun = time.monotonic()
            self.assertEqual(self.status("/dc/"), 200)
            self.assertLess(time.monotonic() - begun, 10)
        finally:
            for s in crowd:
                s.close()


class Monitor(Base):
    def test_only_there(self):
        for path in ("/metrics", "/healthz"):
            self.assertEqual(self.status(path), 404)
            self.assertEqual(self.site.ask(path, port=self.site.monitor_port).status, 200)
        self.assertEqual(self.site.ask("/dc/", port=self.site.monitor_port).status, 404)

    def test_metrics(self):
        self.status("/dc/")
        r = self.site.ask("/metrics", port=self.site.monitor_port)
        lines = r.body.decode().split("\n")
        self.assertIn("plenary_intake_messages_total 7", lines)
        self.assertIn('plenary_x{list="dc"} 1.5', lines)
        self.assertNotIn("script", r.body.decode())
        values = dict(line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
        self.assertGreater(int(values["plenary_web_requests_total"]), 0)
        self.assertGreater(int(values['plenary_web_responses_total{class="2xx"}']), 0)
        self.assertGreater(int(values["plenary_free_bytes"]), 0)


class End(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.clean)

    def test_finishes_what_is_in_hand(self):
        self.site.lmtp.slow = 1.5
        answers = []
        t = threading.Thread(target=lambda: answers.append(self.site.ask(f"/u/{GOOD}").status))
        t.start()
        while not any(c.startswith("RCPT") for c in self.site.lmtp.commands):
            time.sleep(0.02)
        code, log = self.site.end()
        t.join()
        self.assertEqual((answers, code), ([200], 0), log)

    def test_the_socket_outlives_it(self):
        self.assertEqual(self.site.ask("/dc/").status, 200)
        idle = self.site.connect()
        code, log = self.site.end()
        self.assertEqual(code, 0, log)
        idle.close()
        self.site.process = self.site.start()
        self.assertEqual(self.site.ask("/dc/").status, 200)

    def test_beside_its_successor(self):
        """A reload starts the new one before the old one has ended: no request is lost."""
        self.assertEqual(self.site.ask("/dc/").status, 200)
        old = self.site.process
        self.site.process = self.site.start()
        bad = []

        def reader():
            for _ in range(100):
                r = self.site.ask("/dc/", Connection="close")
                if r.status != 200:
                    bad.append(r.status)
        t = threading.Thread(target=reader)
        t.start()
        time.sleep(0.1)
        old.send_signal(signal.SIGTERM)
        t.join()
        self.assertEqual(old.wait(PATIENCE), 0)
        self.assertEqual(bad, [])

    def test_idles_without_a_socket(self):
        p = subprocess.Popen([ROLE, "-f", self.site.conf, "-d"], stderr=self.site.log,
                             env={k: v for k, v in os.environ.items() if k != "PLENARY_LISTEN"})
        try:
            with self.assertRaises(subprocess.TimeoutExpired):
                p.wait(0.5)
        finally:
            p.send_signal(signal.SIGTERM)
        self.assertEqual(p.wait(PATIENCE), 0)


if __name__ == "__main__":
    unittest.main()
