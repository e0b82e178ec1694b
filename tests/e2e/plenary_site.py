# SPDX-License-Identifier: GPL-2.0-or-later
"""A Plenary site for a test: its own folder and loopback ports, a sink for the mail it sends, a mail client's
view of that mail. Everything is stopped by process id at the end.

    with Site(lists={"dc-test": {...}}) as site:
        site.send("ann@example.org", "dc-test-subscribe@lists.example.org", subject="")
        question = site.sink.wait_to("ann@example.org")
"""
import base64
import contextlib
import email
import email.policy
import email.utils
import functools
import hashlib
import http.client
import importlib.machinery
import importlib.util
import itertools
import os
import re
import shutil
import signal
import socket
import socketserver
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

TOP = os.environ.get("top_srcdir") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("top_builddir") or os.path.join(TOP, "build")
PLAIN = os.environ.get("plain_builddir") or os.path.join(TOP, "build")
DOMAIN = "lists.example.org"
PATIENCE = float(os.environ.get("PLENARY_TEST_PATIENCE", "60"))


def dns_server(_found=[]):
    """The class of tests/tools/dns."""
    if not _found:
        loader = importlib.machinery.SourceFileLoader("plenary_dns", os.path.join(TOP, "tests/tools/dns"))
        sys.dont_write_bytecode = True
        module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
        loader.exec_module(module)
        _found.append(module.Dns)
    return _found[0]


def no_names(_found=[]):
    """The address of a name server that knows no name: sites depend on no other."""
    if not _found:
        _found.append(dns_server()())
    return f"127.0.0.1:{_found[0].port}"


def free_ports(n):
    """n ports that were free a moment ago."""
    socks = [socket.socket() for _ in range(n)]
    for s in socks:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in socks]
    for s in socks:
        s.close()
    return ports


def wait_for(what, text="it", patience=None):
    """The first true value of what(); AssertionError when it stays false."""
    end = time.time() + (patience or PATIENCE)
    while True:
        value = what()
        if value:
            return value
        if time.time() > end:
            raise AssertionError(f"waited {patience or PATIENCE:.0f} s for {text}")
        time.sleep(0.02)


class Mail:
    """One transaction that the sink took."""

    def __init__(self, sender, rcpts, data):
        self.sender, self.rcpts, self.data = sender, rcpts, data
        self.head, _, self.body = data.partition(b"\r\n\r\n")
        found = re.search(rb"(?im)^Message-ID:\s*(\S+)", self.head)
        self.msgid = found and found[1].decode("utf-8", "replace")

    @functools.cached_property
    def message(self):
        try:
            return email.message_from_bytes(self.data, policy=email.policy.default)
        except RecursionError:  # Python's parser follows what a sender shaped
            return email.message_from_bytes(self.head + b"\r\n\r\n", policy=email.policy.default)

    def text(self):
        part = self.message.get_body(("plain", "html"))
        return part.get_content() if part else ""

    @property
    def subject(self):
        return str(self.message["Subject"])

    @property
    def reply_address(self):
        return email.utils.parseaddr(str(self.message["Reply-To"] or self.message["From"]))[1]


class SinkHandler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True  # several small replies, and a client that waits for the last

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        with contextlib.suppress(ConnectionError):  # clients are killed in some tests
            self.converse()

    def converse(self):
        sink = self.server.sink
        sink.connections += 1
        self.say("220 sink.example.org ESMTP")
        sender, rcpts = None, []
        while True:
            line = self.rfile.readline(65536)
            if not line:
                return
            verb = line[:4].upper()
            arg = line.decode("utf-8", "replace").strip()
            if verb in (b"EHLO", b"LHLO"):
                for e in sink.extensions:
                    self.say("250-" + e)
                self.say("250 sink.example.org")
            elif verb == b"MAIL":
                sender, rcpts = arg[arg.index("<") + 1:arg.index(">")], []
                self.say("250 2.1.0 ok")
            elif verb == b"RCPT":
                to = arg[arg.index("<") + 1:arg.rindex(">")]
                reply = sink.reply_to(to)
                if reply.startswith("2"):
                    rcpts.append(to)
                self.say(reply)
            elif verb == b"DATA":
                if not rcpts:
                    self.say("554 5.5.1 no recipients")
                    continue
                self.say("354 go on")
                data = self.read_data()
                if data is None:
                    return
                reply = sink.reply_to_data(data)
                if reply.startswith("2"):
                    sink.take(Mail(sender, rcpts, data))
                self.say(reply)
            elif verb == b"QUIT":
                self.say("221 2.0.0 bye")
                return
            else:
                self.say("250 2.0.0 ok")

    def read_data(self):
        lines = []
        while True:
            line = self.rfile.readline()
            if not line:
                return None
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b".") else line)


class Sink:
    """An SMTP server that keeps what it is given. replies: address -> reply to its RCPT."""

    extensions = ["PIPELINING", "SIZE 104857600", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]

    def __init__(self, port=0):
        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            request_queue_size = 128

        self.mails, self.replies, self.connections = [], {}, 0
        self.data_reply = None
        self.changed = threading.Condition()
        self.server = Server(("127.0.0.1", port), SinkHandler)
        self.server.sink = self
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def reply_to(self, address):
        reply = self.replies.get(address)
        return (reply() if callable(reply) else reply) or "250 2.1.5 ok"

    def reply_to_data(self, data):
        return (self.data_reply and self.data_reply(data)) or "250 2.0.0 taken"

    def take(self, mail):
        with self.changed:
            self.mails.append(mail)
            self.changed.notify_all()

    def to(self, address):
        return [m for m in self.mails if address in m.rcpts]

    def wait_to(self, address, n=1, where=None, patience=None):
        """The n-th mail to address (that satisfies where), when it has come."""
        def look():
            found = [m for m in self.to(address) if not where or where(m)]
            return found[n - 1] if len(found) >= n else None
        return wait_for(look, f"mail {n} to {address}", patience)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Replies(list):
    """LMTP or SMTP replies as (code, text)."""

    @property
    def codes(self):
        return [c for c, _ in self]


class Client:
    """A bare LMTP or SMTP client that says just what it is told to."""

    def __init__(self, where, lmtp=True):
        self.s = socket.create_connection(where, timeout=PATIENCE) if isinstance(where, tuple) else self.unix(where)
        self.f = self.s.makefile("rb")
        self.lmtp = lmtp
        self.greeting = self.reply()

    @staticmethod
    def unix(path):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(PATIENCE)
        s.connect(path)
        return s

    def reply(self):
        text = []
        while True:
            line = self.f.readline()
            if not line:
                return (0, "connection closed")
            text.append(line[4:].decode("utf-8", "replace").rstrip())
            if line[3:4] != b"-":
                return (int(line[:3]), "\n".join(text))

    def raw(self, data):
        self.s.sendall(data)

    def cmd(self, line):
        self.raw((line if isinstance(line, bytes) else line.encode()) + b"\r\n")
        return self.reply()

    def deliver(self, sender, rcpts, data, options=""):
        """One transaction; the replies to MAIL, RCPT… and to the message (one a recipient taken in LMTP)."""
        out = Replies([self.cmd("LHLO client.example.org" if self.lmtp else "EHLO client.example.org")])
        out.append(self.cmd(f"MAIL FROM:<{sender}>{options}"))
        if out[-1][0] != 250:
            return out
        taken = 0
        for r in rcpts:
            out.append(self.cmd(f"RCPT TO:<{r}>"))
            taken += out[-1][0] // 100 == 2
        if not taken:
            return out
        out.append(self.cmd("DATA"))
        if out[-1][0] != 354:
            return out
        lines = data.replace(b"\r\n", b"\n").split(b"\n")
        if lines and lines[-1] == b"":
            lines.pop()
        self.raw(b"".join((b"." + l if l.startswith(b".") else l) + b"\r\n" for l in lines) + b".\r\n")
        for _ in range(taken if self.lmtp else 1):
            out.append(self.reply())
        return out

    def close(self):
        with contextlib.suppress(OSError):
            self.cmd("QUIT")
        self.drop()

    def drop(self):
        """Gone without a word."""
        self.f.close()
        self.s.close()


def key_of(msgid):
    """A message's key (base32 of SHA-1 of its Message-ID)."""
    return base64.b32encode(hashlib.sha1(msgid.strip("<>").encode()).digest()).decode().lower()


def message(sender, to, subject="", body="Hello.\n", **headers):
    """A plain mail as a person's client writes it. Header names with _ for -."""
    counter = next(message.count)
    head = {"From": sender, "To": to, "Subject": subject, "Date": email.utils.formatdate(time.time()),
            "Message-ID": f"<{counter}.{os.getpid()}@client.example.org>", "MIME-Version": "1.0",
            "Content-Type": "text/plain; charset=utf-8", "Content-Transfer-Encoding": "8bit"}
    head.update({k.replace("_", "-"): v for k, v in headers.items()})
    text = "".join(f"{k}: {v}\n" for k, v in head.items() if v is not None) + "\n" + body
    return text.encode()


message.count = itertools.count(1)


class Site:
    def __init__(self, lists=None, build=None, site=None, start=True, root=None, env=None, relay=None, clock=False):
        self.root = root or tempfile.mkdtemp(prefix="plenary-test-")
        self.build = build or BUILD
        self.state = os.path.join(self.root, "state")
        self.conf = os.path.join(self.root, "plenary.conf")
        self.lmtp_port, self.smtp_port, self.http_port, self.monitor_port = free_ports(4)
        self.lmtp_path = os.path.join(self.root, "lmtp.sock")
        self.log = os.path.join(self.root, "log")
        self.sink = Sink()
        self.relay = relay or f"smtp://127.0.0.1:{self.sink.port}"
        self.lists = {"dc-test": {}} if lists is None else lists
        self.settings = site or {}
        self.clock_file = os.path.join(self.root, "clock")
        self.env = dict(os.environ, **(env or {}))
        if clock:
            self.shift_clock(0)
            self.env["PLENARY_CLOCK_FILE"] = self.clock_file
        self.daemon = None
        self.persistent = False  # send() tries again as a mail server does
        self.url = f"http://127.0.0.1:{self.http_port}"
        self.write_conf()
        if start:
            self.start()

    def write_conf(self):
        def value(v):
            if isinstance(v, (list, tuple)):
                return "{ " + ", ".join(f'"{x}"' for x in v) + " }"
            return str(v) if isinstance(v, int) else f'"{v}"'

        site = {"domain": DOMAIN, "site-url": self.url, "owner": "postmaster@example.org",
                "state-dir": self.state, "user": "root", "web-user": "root",
                "listen-lmtp": ["unix:" + self.lmtp_path, f"127.0.0.1:{self.lmtp_port}"],
                "listen-smtp": [f"127.0.0.1:{self.smtp_port}"], "listen-http": [f"127.0.0.1:{self.http_port}"],
                "listen-monitor": [f"127.0.0.1:{self.monitor_port}"], "relay": [self.relay],
                "resolver": no_names()}
        site.update(self.settings)
        with open(self.conf, "w") as f:
            for k, v in site.items():
                f.write(f"{k} = {value(v)}\n")
            for name, keys in self.lists.items():
                keys = dict({"title": f"List {name}", "moderators": ["mod@example.org"]}, **keys)
                f.write(f'\nlist "{name}" {{\n')
                for k, v in keys.items():
                    f.write(f"    {v}\n" if k in ("conduct", "blocks") else f"    {k} = {value(v)}\n")
                f.write("}\n")

    def start(self):
        with open(self.log, "ab") as log:
            self.daemon = subprocess.Popen([os.path.join(self.build, "plenaryd"), "-f", self.conf, "-d"],
                                           stdout=log, stderr=log, env=self.env, start_new_session=True)
        wait_for(self.is_up, "the site to come up: " + self.log_text()[-2000:])

    def is_up(self):
        if self.daemon.poll() is not None:
            raise AssertionError(f"plenaryd ended with {self.daemon.returncode}:\n{self.log_text()[-4000:]}")
        for port in (self.lmtp_port, self.http_port):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                return False
        return True

    def stop(self, sig=signal.SIGTERM):
        if self.daemon and self.daemon.poll() is None:
            self.daemon.send_signal(sig)
            try:
                self.daemon.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(self.daemon.pid, signal.SIGKILL)
                self.daemon.wait()
                raise AssertionError("plenaryd did not end at SIGTERM")
        return self.daemon.returncode if self.daemon else None

    def kill(self):
        """kill -9 for the daemon and its roles: nothing is finished."""
        for pid in [self.daemon.pid, *self.roles()]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.daemon.wait()

    def remove(self):
        """Ends whatever is left, without a question."""
        if self.daemon and self.daemon.poll() is None:
            self.kill()
        self.sink.close()
        shutil.rmtree(self.root, ignore_errors=True)

    def shift_clock(self, seconds):
        """All processes of a site made with clock=True; written in place, since they keep the file open."""
        with open(self.clock_file, "r+" if os.path.exists(self.clock_file) else "w") as f:
            f.write(f"{seconds:+012d}\n")

    def roles(self, name=None):
        """The processes below plenaryd: {pid: role}, or the pid of the one that has this name (None: it is not up)."""
        parents, names = {}, {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                with open(f"/proc/{pid}/stat") as f:
                    stat = f.read()
                with open(f"/proc/{pid}/cmdline") as f:
                    program = os.path.basename(f.read().split("\0")[0])
                state, parent = stat.rsplit(")", 1)[1].split()[:2]
                if state != "Z":
                    parents[int(pid)], names[int(pid)] = int(parent), program
        below, more = {}, [self.daemon.pid]
        while more:
            parent = more.pop()
            for pid in (p for p, of in parents.items() if of == parent):
                below[pid] = names[pid].removeprefix("plenary-")
                more.append(pid)
        if name:
            return next((pid for pid, n in below.items() if n == name), None)
        return below

    def reload(self):
        """SIGHUP; waits for the daemon's word about it, which is returned."""
        before = len(self.log_text())
        self.daemon.send_signal(signal.SIGHUP)
        return wait_for(lambda: (lambda t: t if "was read again" in t or "was not reloaded" in t else None)(
            self.log_text()[before:]), "the reload")

    def rows(self, sql, *args, file="list.db"):
        """A look into a database of the site."""
        db = sqlite3.connect(f"file:{os.path.join(self.state, file)}?mode=ro", uri=True, timeout=30)
        try:
            return db.execute(sql, args).fetchall()
        finally:
            db.close()

    def residue(self):
        """What has not come to its end yet: files of the folders that are queues, rows that wait."""
        left = []
        for folder in ("spool/tmp", "spool/new", "spool/cur", "spool/bad", "out", "held", "feed"):
            for where, _, files in os.walk(os.path.join(self.state, folder)):
                left += [os.path.relpath(os.path.join(where, f), self.state) for f in files]
        with contextlib.suppress(sqlite3.OperationalError):
            left += [f"delivery of {r} ({e})" for r, e in self.rows("SELECT recipient, error FROM delivery")]
        with contextlib.suppress(sqlite3.OperationalError):
            for table in ("dirty", "unindexed"):
                n = self.rows(f"SELECT count(*) FROM {table}", file="archive/archive.db")[0][0]
                left += [f"{n} {table} in archive.db"] if n else []
        return left

    def settle(self, but=(), patience=None):
        """Waits until nothing is on its way any more, but for what begins with one of `but`."""
        last = []

        def still():
            last[:] = [r for r in self.residue() if not r.startswith(tuple(but))]
            return not last
        try:
            wait_for(still, "the site to settle", patience)
        except AssertionError:
            raise AssertionError(f"still there: {last[:20]}") from None

    def archived(self, name="dc-test"):
        """{key: bytes} of every message in the store of a list."""
        found = {}
        for where, _, files in os.walk(os.path.join(self.state, "archive/msg", name)):
            for key in files:
                with open(os.path.join(where, key), "rb") as f:
                    found[key] = f.read()
        return found

    def log_text(self):
        with contextlib.suppress(OSError):
            with open(self.log, errors="replace") as f:
                return f.read()
        return ""

    def cli(self, *args, ok=True, stdin=None, json=False):
        """plenary ARGS…; its standard output. ok None: (code, stdout, stderr) whatever they are."""
        argv = [os.path.join(self.build, "plenary"), "-f", self.conf, *(["--json"] if json else []), *args]
        p = subprocess.run(argv, input=stdin, capture_output=True, env=self.env, timeout=600)
        out, err = p.stdout.decode("utf-8", "replace"), p.stderr.decode("utf-8", "replace")
        if ok is None:
            return p.returncode, out, err
        assert (p.returncode == 0) == ok, f"plenary {' '.join(args)}: exit {p.returncode}\n{out}\n{err}"
        if json:
            import json as j
            return j.loads(out)
        return out

    def lmtp(self, sender, rcpts, data, options=""):
        c = Client(("127.0.0.1", self.lmtp_port))
        try:
            return c.deliver(sender, [rcpts] if isinstance(rcpts, str) else rcpts, data, options)
        finally:
            c.close()

    def hand_in(self, sender, to, data, patience=None):
        """As a mail server does it: again, until it is told 250. How many attempts it took; AssertionError at 5xx."""
        end = time.time() + (patience or PATIENCE)
        for attempt in itertools.count(1):
            try:
                replies = self.lmtp(sender, to, data)
            except OSError as e:
                replies = Replies([(0, str(e))])
            if replies[-1][0] == 250:
                return attempt
            assert replies[-1][0] < 500 and time.time() < end, f"{to}: {replies}"
            time.sleep(0.1)

    def send(self, sender, to, subject="", body="Hello.\n", **headers):
        """A mail from sender's client to an address of the site; it must be taken. Its Message-ID."""
        data = message(sender, to, subject, body, **headers)
        envelope = email.utils.parseaddr(sender)[1]
        if self.persistent:
            self.hand_in(envelope, to, data)
        else:
            replies = self.lmtp(envelope, to, data)
            assert replies[-1][0] == 250, f"{to}: {replies}"
        return email.message_from_bytes(data)["Message-ID"]

    def reply(self, mail, sender, body="yes\n", **headers):
        """Answers a mail as a client does: to its From (or Reply-To), Re:, with the mail quoted."""
        quoted = "".join(f"> {l}\n" for l in mail.text().splitlines())
        when = mail.message["Date"]
        return self.send(sender, mail.reply_address, "Re: " + mail.subject,
                         f"{body}\nOn {when}, {mail.message['From']} wrote:\n{quoted}",
                         In_Reply_To=mail.message["Message-ID"], References=mail.message["Message-ID"], **headers)

    def join(self, address, name="dc-test"):
        """The whole way of a new member. Her welcome mail."""
        before = len(self.sink.to(address))
        self.send(address, f"{name}-subscribe@{DOMAIN}", "subscribe")
        question = wait_for(lambda: self.sink.to(address)[before:], f"a question to {address}")[0]
        self.reply(question, address)
        return wait_for(lambda: self.sink.to(address)[before + 1:], f"the welcome to {address}")[0]

    def get(self, path, method="GET", body=None, headers=None, port=None):
        """(status, headers, body) of one HTTP request."""
        c = http.client.HTTPConnection("127.0.0.1", port or self.http_port, timeout=PATIENCE)
        try:
            c.request(method, path, body, headers or {})
            r = c.getresponse()
            return r.status, r.headers, r.read()
        finally:
            c.close()

    def page(self, path):
        """The text of a page that must be there (soon)."""
        return wait_for(lambda: (lambda r: r[2].decode() if r[0] == 200 else None)(self.get(path)), f"the page {path}")

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind:
            sys.stderr.write(f"--- log of the site\n{self.log_text()[-6000:]}\n--- end of log\n")
        try:
            code = self.stop() if self.daemon else 0
            if not kind:
                assert code == 0, f"plenaryd ended with {code}:\n{self.log_text()[-4000:]}"
                for word in ("AddressSanitizer", "runtime error:", "LeakSanitizer"):
                    assert word not in self.log_text(), f"{word}:\n{self.log_text()[-8000:]}"
        finally:
            self.sink.close()
            shutil.rmtree(self.root, ignore_errors=True)


def run(tests):
    """Runs functions (those whose names are arguments, or all), prints "ok NAME" or "not ok NAME" for each, exits 1
    if one failed."""
    import traceback
    failed = 0
    for t in [t for t in tests if not sys.argv[1:] or t.__name__ in sys.argv[1:]]:
        name = (t.__doc__ or t.__name__).strip().splitlines()[0]
        try:
            result = t()
        except Exception:
            failed += 1
            traceback.print_exc()
            print(f"not ok - {name}", flush=True)
        else:
            print(f"SKIP - {name}: {result}" if isinstance(result, str) else f"ok - {name}", flush=True)
    sys.exit(1 if failed else 0)
