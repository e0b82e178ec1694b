#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Conduct: checks, hooks, the ladder, appeals, cooling, all by mail through the real daemon."""
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from plenary_site import BUILD, DOMAIN, PLAIN, Site, key_of, run, wait_for  # noqa: E402

ANN, BOB, MOD, MOD2 = "ann@example.org", "bob@example.net", "mod@example.org", "second@example.org"
LIST = f"dc-test@{DOMAIN}"


def script(site, name, text):
    folder = os.path.join(site.root, "hooks")
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name)
    with open(path, "w") as f:
        f.write("#!/bin/sh\n" + text)
    os.chmod(path, 0o755)
    return path


def hooks_on(build):
    with Site(start=False, build=build, lists={"dc-test": {}, "dc-free": {}}) as site:
        site.lists["dc-test"]["hooks"] = [
            script(site, "words", 'cat "$0" >/dev/null || exit 1\n'
                   f'cat {site.state}/list.db >/dev/null 2>&1 && exit 2\n'
                   'text=$(cat)\ncase $text in\n*zebra*) echo "it speaks of zebras"; exit 10;;\n'
                   '*lion*) echo "no lions here"; exit 20;;\n*rat*) exit 30;;\n'
                   '*slow*) sleep 100;;\n*crash*) kill -9 $$;;\nesac\n')]
        site.write_conf()
        site.start()
        for name in ("dc-test", "dc-free"):
            site.cli("subscribe", name, ANN, "--quiet")
            site.cli("subscribe", name, BOB, "--quiet")
        # A post whose hook hangs holds up neither the list's next one nor another list.
        site.send(ANN, LIST, "first", "a slow one\n")
        second = site.send(BOB, LIST, "second", "a good one\n")
        other = site.send(ANN, f"dc-free@{DOMAIN}", "third", "a slow one\n")
        for msgid in (second, other):
            site.sink.wait_to(ANN, where=lambda m: m.message["Message-ID"] == msgid)
        assert not [h for h in site.cli("held", json=True) if h["subject"] == "first"], "it is still asked about"
        site.send(ANN, LIST, "zebra", "a zebra\n")
        notice = site.sink.wait_to(MOD, where=lambda m: "zebra" in m.subject)
        assert "it speaks of zebras" in notice.text()
        site.send(ANN, LIST, "lion", "a lion\n")
        refusal = site.sink.wait_to(ANN, where=lambda m: "was not sent on" in m.subject)
        assert "no lions here" in refusal.text(), refusal.text()
        site.send(ANN, LIST, "vermin", "a rat\n")
        site.send(ANN, LIST, "crash", "a crash\n")
        held = wait_for(lambda: (lambda h: h if len(h) == 3 else None)(site.cli("held", json=True)), "three held posts")
        by = {h["subject"]: h["reasons"] for h in held}
        assert "in time" in by["first"][0] and "broke down" in by["crash"][0] and "zebras" in by["zebra"][0], by
        # What a moderator accepts is asked nothing more.
        site.reply(notice, MOD, "accept\n")
        site.sink.wait_to(BOB, where=lambda m: m.subject == "zebra")
        assert not [m for m in site.sink.to(BOB) if m.subject in ("vermin", "lion", "first")]
        assert "hook words of dc-test: pass" in site.log_text() and ": discard" in site.log_text()


def hooks():
    """hooks hold, refuse, drop, hang and break; nothing is lost (with sanitizers)"""
    hooks_on(BUILD)


def hooks_plain():
    """the same as installed (with seccomp walls)"""
    if PLAIN == BUILD:
        return "there is one build only"
    hooks_on(PLAIN)


def quota():
    """posts over the day's number go out by themselves when the day turns"""
    with Site(lists={"dc-test": {"posts-per-day": 1}}, clock=True) as site:
        site.cli("subscribe", "dc-test", ANN, "--quiet")
        site.cli("subscribe", "dc-test", BOB, "--quiet")
        site.send(ANN, LIST, "one")
        site.sink.wait_to(BOB, where=lambda m: m.subject == "one")
        site.send(ANN, LIST, "two")
        told = site.sink.wait_to(ANN, where=lambda m: "goes out later" in m.subject)
        assert "as much today" in told.text() and "until" in told.text(), told.text()
        assert not site.sink.to(MOD)
        site.shift_clock(86400)
        site.sink.wait_to(BOB, where=lambda m: m.subject == "two")
        assert not site.cli("held", json=True)


TESTS = [hooks, hooks_plain, quota]

if __name__ == "__main__":
    run(TESTS)
