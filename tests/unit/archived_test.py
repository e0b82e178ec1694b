#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The archived role by hand on a folder: mail of a feed becomes store, overview, pages and index; killed at any
of its durable steps and started again, it comes to the same end."""
import hashlib
import base64
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

BUILD = os.environ.get("top_builddir") or os.getcwd()
ROLE = os.path.join(BUILD, "plenary-archived")
PATIENCE = 60
MESSAGES = 9


def key_of(msgid):
    return base64.b32encode(hashlib.sha1(msgid.encode()).digest()).decode().lower()


class Folder:
    """A state folder with a feed in it."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="archived-")
        self.state = os.path.join(self.dir, "state")
        self.conf = os.path.join(self.dir, "plenary.conf")
        with open(self.conf, "w") as f:
            f.write(f'domain = "lists.example.org"\nsite-url = "https://lists.example.org"\n'
                    f'owner = "postmaster@example.org"\nstate-dir = "{self.state}"\nuser = "root"\n'
                    f'web-user = "root"\nrelay = {{ "maildir:{self.dir}/out" }}\n'
                    f'list "one" {{ title = "One" }}\nlist "two" {{ title = "Two" }}\n')
        for name in ("one", "two"):
            os.makedirs(os.path.join(self.state, "feed", name, "new"), mode=0o700)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        shutil.rmtree(self.dir)

    def feed(self, name, number, bytes_):
        path = os.path.join(self.state, "feed", name, "new", f"{number:026d}")
        with open(path, "wb") as f:
            f.write(b"from: ann@example.org\nrcpt: one@lists.example.org\nreceived: 1700000000000\nvia: lmtp\n\n" + bytes_)

    def fill(self):
        """Replies before what they answer, in two lists, one message twice, one without a header."""
        for i in reversed(range(MESSAGES)):
            parent = f"In-Reply-To: <m{i // 2}@x>\r\n" if i else ""
            text = (f"From: Ann <ann@example.org>\r\nDate: Sun, {i + 1} Oct 2023 10:00:00 +0000\r\n{parent}"
                    f"Message-ID: <m{i}@x>\r\nSubject: theme {i}\r\n\r\nzebra {i}\r\n")
            self.feed("one" if i % 3 else "two", MESSAGES - i, text.encode())
            self.feed("one", 100 - i, text.encode())
        self.feed("one", 200, b"no header at all\r\n")

    def start(self, **env):
        env = {**os.environ, **env}
        return subprocess.Popen([ROLE, "-f", self.conf, "-d"], env=env, stderr=subprocess.PIPE)

    def waiting(self):
        return [f for name in ("one", "two") for part in ("new", "cur")
                for f in os.listdir(os.path.join(self.state, "feed", name, part))
                if os.path.isdir(os.path.join(self.state, "feed", name, part))]

    def query(self, sql):
        db = sqlite3.connect(f"file:{self.state}/archive/archive.db?mode=ro", uri=True, timeout=10)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    def done(self):
        try:
            return (not self.waiting() and self.query("SELECT (SELECT count(*) FROM dirty), "
                                                      "(SELECT count(*) FROM unindexed)") == [(0, 0)])
        except (OSError, sqlite3.Error):
            return False

    def run(self, **env):
        """Until all is done, or it has died: its exit status."""
        role = self.start(**env)
        end = time.time() + PATIENCE
        while role.poll() is None and not self.done():
            assert time.time() < end, "the role did not come to an end"
            time.sleep(0.02)
        if role.poll() is None:
            role.send_signal(signal.SIGTERM)
        self.log = role.communicate(timeout=PATIENCE)[1].decode(errors="replace")
        assert "Sanitizer" not in self.log, self.log
        return role.returncode

    def outcome(self):
        """What must be the same, however it came about."""
        rows = self.query("SELECT list.name, hex(n.key), n.state, hex(p.key), hex(t.root_key), t.messages "
                          "FROM node n JOIN list ON list.id = n.list JOIN thread t ON t.id = n.thread "
                          "LEFT JOIN node p ON p.id = n.parent")
        files = sorted(os.path.relpath(os.path.join(d, f), self.state)
                       for part in ("archive/msg", "html") for d, _, fs in os.walk(os.path.join(self.state, part))
                       for f in fs)
        bad = [f for name in ("one", "two") for f in os.listdir(os.path.join(self.state, "feed", name, "bad"))]
        return sorted(rows, key=str), files, bad

    def logged(self):
        """Keys in the logs; each line must follow from the one before it."""
        keys = set()
        for name in ("one", "two"):
            before = "0" * 64
            with open(os.path.join(self.state, "archive", "log", name)) as f:
                for number, line in enumerate(f, 1):
                    body, _, digest = line.rstrip("\n").rpartition("\t")
                    assert digest == hashlib.sha256((before + body).encode()).hexdigest(), line
                    assert int(body.split("\t")[0]) == number
                    keys.add((name, body.split("\t")[3]))
                    before = digest
        return keys


def check_plain():
    """Nobody dies: what there is at the end, and which steps were passed."""
    with Folder() as folder:
        folder.fill()
        steps = os.path.join(folder.state, "archive", "steps")
        os.makedirs(os.path.dirname(steps), mode=0o711)
        assert folder.run(PLENARY_CRASH_LOG=steps) == 0, folder.log
        passed = []
        if os.path.exists(steps):
            with open(steps) as f:
                passed = sorted({line.split(":")[-1].strip() for line in f})
            os.unlink(steps)
        rows, files, bad = folder.outcome()
        assert not bad, bad
        present = [r for r in rows if r[2] == 0]
        assert len(present) == MESSAGES + 1 + (MESSAGES + 2) // 3, present
        for i in range(MESSAGES):
            assert f"html/one/m/{key_of(f'm{i}@x')}/index.html" in files, files
        assert f"html/one/t/{key_of('m0@x')}/index.html" in files
        roots = {r[4] for r in present if r[0] == "one"}
        assert len(roots) == 2, "all of list one but the headless message hang on m0"
        assert len(folder.logged()) == len(present)
        for path, mode in (("archive", 0o711), ("archive/msg", 0o700), ("archive/log", 0o700),
                           ("archive/xapian", 0o755), ("html", 0o755)):
            got = os.stat(os.path.join(folder.state, path)).st_mode & 0o777
            assert got == mode, f"{path}: {got:o}"
        return (rows, files, bad), passed


def check_killed(step, nth, expected):
    with Folder() as folder:
        folder.fill()
        os.makedirs(os.path.join(folder.state, "archive"), mode=0o711)
        status = folder.run(PLENARY_CRASH=f"archived:{step}:{nth}")
        if status == 0:
            return False
        assert status == -signal.SIGKILL, (status, folder.log)
        assert folder.run() == 0, folder.log
        got = folder.outcome()
        for what, a, b in zip(("overview", "files", "bad"), got, expected):
            assert a == b, f"{step}:{nth}: {what}: {sorted(set(a) ^ set(b), key=str)}"
        folder.logged()
        return True


def check_bad_entry():
    """An entry that is none is set aside; the others go on."""
    with Folder() as folder:
        folder.fill()
        with open(os.path.join(folder.state, "feed", "one", "new", "0" * 26), "wb") as f:
            f.write(b"\0\1\2")
        folder.feed("one", 300, b"\r\n")
        assert folder.run() == 0, folder.log
        assert len(folder.outcome()[2]) == 2
        assert "set aside" in folder.log


def deaths(folder, poison):
    """How often the role dies over it before it comes to its end."""
    n = 0
    while folder.run(PLENARY_CRASH_ON=poison) == -signal.SIGKILL:
        n += 1
        assert n < 20, folder.log
    return n


def content(folder, path):
    with open(os.path.join(folder.state, path), encoding="utf-8") as f:
        return f.read()


def check_poison(expected):
    """A stored message on which a parser dies is read three times; then it is set aside, and everything else goes on."""
    key = key_of("m4@x")
    raw = f"html/one/m/{key}/raw"
    with Folder() as folder:
        folder.fill()
        assert deaths(folder, f"pages:{key}") == 3, folder.log
        rows, files, bad = folder.outcome()
        assert rows == expected[0] and set(expected[1]) - set(files) == {raw}, set(expected[1]) ^ set(files)
        page = content(folder, f"html/one/m/{key}/index.html")
        assert "could not be shown" in page and "zebra" not in page and 'href="raw"' not in page, page
        thread = content(folder, f"html/one/t/{key_of('m0@x')}/index.html")
        assert "could not be shown" in thread and "zebra 3" in thread and "zebra 4" not in thread
        assert len(bad) == 1, bad
        with open(os.path.join(folder.state, "feed", "one", "bad", bad[0]), "rb") as f:
            copy = f.read()
        assert f"key: {key}\nstep: pages\n\nFrom: Ann".encode() in copy and b"zebra 4" in copy, copy
        # New mail in the same thread is shown; nobody dies any more, and nothing more is set aside.
        folder.feed("one", 400, b"From: Eve <eve@example.org>\r\nMessage-ID: <late@x>\r\nIn-Reply-To: <m4@x>\r\n\r\nyak\r\n")
        assert deaths(folder, f"pages:{key}") == 0
        assert "yak" in content(folder, f"html/one/t/{key_of('m0@x')}/index.html")
        assert folder.outcome()[2] == bad
        # The repaired program, asked to make it anew, shows it.
        command = os.path.join(BUILD, "plenary-archive")
        if os.path.exists(command):
            subprocess.run([command, "-f", folder.conf, "rebuild", "one"], check=True, capture_output=True, timeout=PATIENCE)
            assert folder.done() or folder.run() == 0, folder.log
            assert not os.path.exists(os.path.join(folder.state, "archive", "suspects"))
            assert "zebra 4" in content(folder, f"html/one/t/{key_of('m0@x')}/index.html")
    with Folder() as folder:
        folder.fill()
        assert deaths(folder, f"index:{key}") == 3, folder.log
        rows, files, bad = folder.outcome()
        assert rows == expected[0] and files == expected[1] and len(bad) == 1
    # Nobody knows which of several it is: they are taken singly the next time, and none is condemned.
    with Folder() as folder:
        folder.fill()
        assert deaths(folder, "index:*") == 1, folder.log
        assert folder.outcome() == expected
        assert not os.path.exists(os.path.join(folder.state, "archive", "suspects"))
    # Two deaths, then it is got through: the count begins anew.
    with Folder() as folder:
        folder.fill()
        for _ in range(2):
            assert folder.run(PLENARY_CRASH_ON=f"pages:{key}") == -signal.SIGKILL, folder.log
        assert folder.run() == 0 and folder.outcome() == expected, folder.log
        assert not os.path.exists(os.path.join(folder.state, "archive", "suspects"))
        # Read from the log, after the overview was lost.
        for end in ("", "-wal", "-shm"):
            if os.path.exists(f"{folder.state}/archive/archive.db{end}"):
                os.unlink(f"{folder.state}/archive/archive.db{end}")
        for _ in range(3):
            role = folder.start(PLENARY_CRASH_ON=f"read:{key}")
            role.communicate(timeout=PATIENCE)
            assert role.returncode == -signal.SIGKILL
        role = folder.start(PLENARY_CRASH_ON=f"read:{key}")
        end, wanted = time.time() + PATIENCE, len([r for r in expected[0] if r[2] == 0]) - 1
        while not (folder.done() and len([r for r in folder.outcome()[0] if r[2] == 0]) == wanted):
            assert role.poll() is None and time.time() < end
            time.sleep(0.05)
        role.send_signal(signal.SIGTERM)
        role.communicate(timeout=PATIENCE)


def check_reload():
    """Started again with another configuration (that is what a reload does), the role writes at once what no
    message changes: all pages of a new list, and the changed charter, rules and titles of the others."""
    with Folder() as folder:
        charter = os.path.join(folder.dir, "charter.txt")
        with open(charter, "w") as f:
            f.write("We speak of ramps.\n")
        with open(folder.conf) as f:
            first = f.read().replace('title = "One" }', f'title = "One" charter = "{charter}" }}')
        with open(folder.conf, "w") as f:
            f.write(first)
        folder.fill()
        html = os.path.join(folder.state, "html")

        def content(path):
            try:
                with open(os.path.join(html, path), encoding="utf-8") as f:
                    return f.read()
            except FileNotFoundError:
                return ""

        def run_until(expected):
            role = folder.start()
            end = time.time() + PATIENCE
            try:
                while any(words not in content(path) for path, words in expected):
                    missing = [(path, words) for path, words in expected if words not in content(path)]
                    assert role.poll() is None and time.time() < end, missing
                    time.sleep(0.02)
            finally:
                role.send_signal(signal.SIGTERM)
                role.communicate(timeout=PATIENCE)

        run_until([("one/about/index.html", "ramps"), ("one/index.html", "One"), ("index.html", "Two")])
        assert "three" not in content("index.html") and not content("three/index.html")
        with open(charter, "w") as f:
            f.write("We speak of captions.\n")
        with open(folder.conf, "w") as f:
            f.write(first.replace('title = "Two"', 'title = "Zwei" language = "fr" conduct { step "word" '
                                  '{ by = "moderator" audience = "member" } }')
                    + 'list "three" { title = "The Third" description = "on trees" }\n')
        run_until([("one/about/index.html", "captions"), ("index.html", "The Third"), ("index.html", "Zwei"),
                   ("two/index.html", "Zwei"), ("two/conduct/index.html", "word"),
                   ("two/about/index.html", 'lang="fr"'), ("three/index.html", "on trees"),
                   ("three/about/index.html", "The Third"), ("three/conduct/index.html", "The Third"),
                   ("three/opens/index.html", "The Third"), ("three/atom.xml", "The Third")])
        assert "ramps" not in content("one/about/index.html")


def main():
    if not os.path.exists(ROLE):
        print(f"SKIP: {ROLE} is not built")
        return 77
    expected, steps = check_plain()
    check_bad_entry()
    check_reload()
    if not steps:
        print("SKIP: built without crash points; kills are not tried")
    else:
        check_poison(expected)
    tried = 0
    for step in steps:
        for nth in (1, 2, 7):
            tried += check_killed(step, nth, expected)
    print(f"killed at {tried} places of {len(steps)} steps: {' '.join(steps)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
