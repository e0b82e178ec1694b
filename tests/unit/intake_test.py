#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""plenary-intake as a process: real sockets, a real spool, many clients at once, its end, its death.

Run in the build folder (make check does). What clients were told is compared with what is on disk.
"""
import importlib.machinery
import importlib.util
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROLE = os.path.join(os.path.abspath(os.environ.get("top_builddir", ".")), "plenary-intake")
CLIENTS = 50
EACH = 4
PATIENCE = 60


def load_client():
    path = os.path.join(HERE, "..", "tools", "lmtpclient")
    loader = importlib.machinery.SourceFileLoader("lmtpclient", path)
    spec = importlib.util.spec_from_loader("lmtpclient", loader)
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


lmtp = load_client()

CONFIG = """
domain = "lists.example.org"
site-url = "https://lists.example.org"
owner = "postmaster@example.org"
state-dir = "{state}"
user = "{user}"
web-user = "{user}"
relay = {{ "maildir:{state}/out" }}
max-message-size = "6M"
list "dc" {{ title = "DC" }}
list "dc-small" {{ title = "Small" max-message-size = "1K" }}
"""


class Intake:
    """One run of the role on its own folder."""

    def __init__(self, env=None):
        self.told = False
        self.dir = tempfile.mkdtemp(prefix="intake-")
        self.state = os.path.join(self.dir, "state")
        conf = os.path.join(self.dir, "plenary.conf")
        with open(conf, "w", encoding="ascii") as f:
            f.write(CONFIG.format(state=self.state, user="root"))
        self.sockets = [socket.socket(socket.AF_UNIX), socket.socket(), socket.socket()]
        self.unix = "unix:" + os.path.join(self.dir, "lmtp.sock")
        self.sockets[0].bind(self.unix[5:])
        for s in self.sockets[1:]:
            s.bind(("127.0.0.1", 0))
        for s in self.sockets:
            s.listen(128)
        self.lmtp, self.smtp = ("127.0.0.1:%d" % s.getsockname()[1] for s in self.sockets[1:])
        self.bell, ring = os.pipe()
        os.set_blocking(self.bell, False)
        fds = [s.fileno() for s in self.sockets] + [ring]
        environment = dict(os.environ, **(env or {}))
        environment["PLENARY_LISTEN"] = "lmtp:%d,lmtp:%d,smtp:%d" % tuple(fds[:3])
        environment["PLENARY_BELL_list"] = str(ring)
        self.log = open(os.path.join(self.dir, "log"), "w+b")
        self.process = subprocess.Popen([ROLE, "-f", conf, "-d", "-v"], pass_fds=fds,
                                        env=environment, stderr=self.log)
        os.close(ring)

    def spool(self, folder="new"):
        path = os.path.join(self.state, "spool", folder)
        return sorted(os.listdir(path)) if os.path.isdir(path) else []

    def entry(self, name):
        """(lines of the envelope, message)"""
        with open(os.path.join(self.state, "spool", "new", name), "rb") as f:
            head, message = f.read().split(b"\n\n", 1)
        return head.decode().split("\n"), message

    def rung(self):
        try:
            return len(os.read(self.bell, 65536)) > 0
        except BlockingIOError:
            return False

    def metrics(self):
        with open(os.path.join(self.state, "metrics", "intake"), encoding="ascii") as f:
            return {k: int(v) for k, v in (line.split() for line in f)}

    def terminate(self):
        self.told = True
        self.process.send_signal(signal.SIGTERM)

    def end(self):
        """Ends it politely; its exit code and what it logged."""
        if not self.told and self.process.poll() is None:
            self.terminate()
        code = self.process.wait(PATIENCE)
        self.log.seek(0)
        return code, self.log.read().decode()

    def clean(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for s in self.sockets:
            s.close()
        os.close(self.bell)
        self.log.close()
        shutil.rmtree(self.dir)


OPEN = []


def session(address, smtp=False):
    client = lmtp.Client(address, smtp, PATIENCE)
    OPEN.append(client.sock)
    assert client.greeting[0] == 220, client.greeting
    assert client.hello()[0] == 250
    return client


def post(client, message, sender="ann@example.com", rcpt=("dc@lists.example.org",)):
    """All replies after DATA."""
    assert client.mail(sender)[0] == 250
    for r in rcpt:
        assert client.rcpt(r)[0] == 250
    return client.data(message, len(rcpt))


class IntakeTest(unittest.TestCase):
    def intake(self, env=None):
        role = Intake(env)
        self.addCleanup(role.clean)
        self.addCleanup(self.hang_up)
        return role

    def hang_up(self):
        while OPEN:
            OPEN.pop().close()

    def end(self, role):
        self.hang_up()
        code, log = role.end()
        self.assertEqual(code, 0, log)
        self.assertNotIn("ERROR: ", log)  # a sanitizer's

    def test_many_at_once(self):
        role = self.intake()
        told, trouble = {}, []

        def run(number):
            try:
                client = session([role.unix, role.lmtp, role.smtp][number % 3], number % 3 == 2)
                for i in range(EACH):
                    text = b"Subject: %d of %d\r\n\r\nHello.\r\n" % (i, number)
                    code, answer = post(client, text)[0]
                    if code != 250:
                        raise ValueError(answer)
                    told[answer.split()[-1]] = text
                client.quit()
            except (OSError, ValueError, AssertionError) as problem:
                trouble.append(repr(problem))

        threads = [threading.Thread(target=run, args=(n,)) for n in range(CLIENTS)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(trouble, [])
        self.assertEqual(len(told), CLIENTS * EACH)
        self.assertEqual(role.spool(), sorted(told))
        self.assertEqual(role.spool("tmp"), [])
        for name, text in told.items():
            self.assertEqual(role.entry(name)[1], text)
        self.assertTrue(role.rung())
        self.end(role)
        counted = role.metrics()
        self.assertEqual(counted["plenary_intake_messages_total"], CLIENTS * EACH)
        self.assertEqual(counted["plenary_intake_connections_total"], CLIENTS)
        self.assertEqual(counted["plenary_intake_connections"], 0)

    def test_pipelined_burst(self):
        role = self.intake()
        client = lmtp.Client(role.unix, timeout=PATIENCE)
        self.addCleanup(client.sock.close)
        one = (b"MAIL FROM:<>\r\nRCPT TO:<dc@lists.example.org>\r\n"
               b"RCPT TO:<nobody@lists.example.org>\r\nDATA\r\nSubject: x\r\n\r\n..\r\n.\r\n")
        client.send(b"LHLO me\r\n" + one * 20 + b"QUIT\r\n")
        codes = [client.reply()[0] for _ in range(1 + 20 * 5 + 1)]
        self.assertEqual(codes, [250] + [250, 250, 550, 354, 250] * 20 + [221])
        self.assertEqual(len(role.spool()), 20)
        self.assertEqual(role.entry(role.spool()[0])[1], b"Subject: x\r\n\r\n.\r\n")
        self.end(role)

    def test_large(self):
        role = self.intake()
        rng = random.Random(1)
        lines = [rng.choice([b"", b".", b"..", b".x", rng.randbytes(40).hex().encode()])
                 for _ in range(120000)]
        message = b"Subject: large\r\n\r\n" + b"\r\n".join(lines) + b"\r\n"
        client = session(role.lmtp)
        both = ("dc-small@lists.example.org", "dc@lists.example.org")
        replies = post(client, message, rcpt=both)
        self.assertEqual([code for code, _ in replies], [552, 250])
        head, stored = role.entry(role.spool()[0])
        self.assertEqual(stored, message)
        self.assertEqual([h for h in head if h.startswith("rcpt: ")], ["rcpt: " + both[1]])
        client = session(role.smtp, True)
        self.assertEqual(post(client, message, rcpt=both)[0][0], 250)
        head, stored = role.entry(role.spool()[1])
        self.assertEqual(stored, message)
        self.assertIn("rejected: " + both[0], head)
        self.assertEqual([h for h in head if h.startswith("rcpt: ")], ["rcpt: " + both[1]])
        self.assertEqual(post(client, message * 4)[0][0], 552)
        self.assertEqual(len(role.spool()), 2)
        self.assertEqual(role.spool("tmp"), [])
        self.end(role)

    def test_storage_fails(self):
        role = self.intake()
        client = session(role.lmtp)
        os.rmdir(os.path.join(role.state, "spool", "tmp"))
        self.assertEqual(post(client, b"x\r\n")[0][0], 451)
        self.assertEqual(client.command("NOOP")[0], 250)
        self.assertEqual(role.spool(), [])
        self.end(role)

    def test_who_goes_away_in_data(self):
        role = self.intake()
        client = session(role.lmtp)
        client.mail("ann@example.com")
        client.rcpt("dc@lists.example.org")
        self.assertEqual(client.command("DATA")[0], 354)
        client.send(b"Subject: half\r\n")
        client.sock.close()
        other = session(role.lmtp)
        self.assertEqual(post(other, b"whole\r\n")[0][0], 250)
        self.end(role)
        self.assertEqual(len(role.spool()), 1)
        self.assertEqual(role.spool("tmp"), [])

    def test_sigterm(self):
        role = self.intake()
        idle, busy = session(role.unix), session(role.lmtp)
        busy.mail("ann@example.com")
        busy.rcpt("dc@lists.example.org")
        self.assertEqual(busy.command("DATA")[0], 354)
        role.terminate()
        self.assertEqual(idle.reply()[0], 421)
        self.assertEqual(idle.sock.recv(1), b"")
        busy.send(b"Subject: last\r\n\r\n.\r\n")
        self.assertEqual(busy.reply()[0], 250)
        self.assertEqual(busy.reply()[0], 421)
        busy.sock.close()
        idle.sock.close()
        self.end(role)
        self.assertEqual(len(role.spool()), 1)

    def test_killed_at_each_step(self):
        """No 250 without a file in new/; an unacknowledged one may be there, or in tmp/."""
        for point in ("spool.written", "spool.renamed", "spool.synced", "intake.committed"):
            role = self.intake({"PLENARY_CRASH": "intake:" + point})
            client = session(role.lmtp)
            try:
                replies = post(client, b"Subject: x\r\n\r\n")
            except OSError:
                replies = []
            if replies:
                self.assertEqual(replies[0][0], 250)
                self.end(role)
                self.skipTest("built without crash points")
            self.assertEqual(role.process.wait(PATIENCE), -signal.SIGKILL)
            where = "tmp" if point == "spool.written" else "new"
            self.assertEqual(len(role.spool(where)), 1, point)

    def test_usage(self):
        run = subprocess.run([ROLE, "-x"], capture_output=True, check=False)
        self.assertEqual(run.returncode, 2)
        run = subprocess.run([ROLE, "-f", "/nonexistent", "-d"], capture_output=True, check=False)
        self.assertEqual(run.returncode, 1)


if __name__ == "__main__":
    unittest.main()
