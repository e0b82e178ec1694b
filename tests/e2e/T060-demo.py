#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The demonstration comes up with its sample lists, does what it says of itself, and ends well."""
import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from plenary_site import BUILD, PATIENCE, PLAIN, TOP, run, wait_for  # noqa: E402

BUILT = PLAIN if os.path.exists(os.path.join(PLAIN, "plenary-web")) else BUILD
DEMO = os.path.join(TOP, "tests/tools/demo")


@contextlib.contextmanager
def ground():
    """A top folder as a checkout has it, but of its own, so that no demonstration of a person is touched."""
    with tempfile.TemporaryDirectory(prefix="plenary-test-") as top:
        os.symlink(os.path.join(TOP, "conf"), os.path.join(top, "conf"))
        os.symlink(BUILT, os.path.join(top, "build"))
        yield top


def check():
    """demo --check comes up, is looked at, and ends with 0; and again on the same folder"""
    with ground() as top:
        for _ in range(2):
            p = subprocess.run([sys.executable, DEMO, top, "--check"], capture_output=True, text=True, timeout=4 * PATIENCE)
            assert p.returncode == 0, p.stdout + p.stderr
            assert "Plenary's demonstration is up." in p.stdout, p.stdout
            bad = [line for line in p.stderr.splitlines() if re.search("warning:|error:", line)]
            assert not bad, bad


def by_hand():
    """what it prints works when it is typed: read, join, post, search; Ctrl-C ends it"""
    with ground() as top:
        out = open(os.path.join(top, "out"), "w+")
        p = subprocess.Popen([sys.executable, DEMO, top], stdout=out, stderr=subprocess.STDOUT, start_new_session=True)

        def said():
            with open(out.name) as f:
                return f.read()

        def sh(line):
            done = subprocess.run(["sh", "-c", line], cwd=top, capture_output=True, text=True, timeout=PATIENCE)
            assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
            return done.stdout

        try:
            text = wait_for(lambda: "Ctrl-C" in said() and said() or (p.poll() is not None and sys.exit(said())), "the demonstration", 4 * PATIENCE)
            url = re.search(r"(http://127\.0\.0\.1:\d+/)\s", text)[1]

            def page(path=""):
                with urllib.request.urlopen(url + path, timeout=PATIENCE) as r:
                    return r.read().decode()
            lists = re.findall(r"^(\S+)\s", sh("demo/plenary lists"), re.M)[1:]
            assert len(lists) >= 4 and all(name in page() for name in lists), lists
            assert all(re.search(r"/t/[a-z2-7]{32}/", page(f"{name}/")) for name in lists), "every list has threads"
            join, = re.findall(r"^ +(echo \| demo/send .*)$", text, re.M)
            sh(join)
            question = wait_for(lambda: re.search(r"dc-accessibility-confirm\+[a-z2-7]+@\S+?(?=[>\s])", sh("demo/read you@example.org")), "the question")
            sh(f'echo yes | demo/send you@example.org {question[0]} "Re: yes"')
            wait_for(lambda: "you@example.org" in sh("demo/plenary members dc-accessibility"), "the member")
            post, = re.findall(r"(echo \"Hello.*? Hello)$", text, re.M)
            sh(post)
            wait_for(lambda: "Hello, all." in sh("demo/read you@example.org"), "the copy")
            wait_for(lambda: "Hello" in page("dc-accessibility/"), "the page")
            assert "captions" in sh("demo/plenary search captions").lower()
            assert "captions" in page("search?q=captions").lower()
            sh("echo | demo/send stranger@example.org dc-accessibility@lists.example.org Outside")
            wait_for(lambda: "Outside" in sh("demo/plenary held"), "the held post")
            wait_for(lambda: "Outside" in sh("demo/read mod@example.org"), "the moderator's notice")
        finally:
            os.killpg(p.pid, signal.SIGINT)  # as a terminal does
            p.wait(PATIENCE)
            sys.stderr.write(said()[-3000:])
            out.close()
        assert p.returncode == 0, p.returncode


if __name__ == "__main__":
    run([check, by_hand])
