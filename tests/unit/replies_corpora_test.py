#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How well quotes are told from an author's own words, on mails of many mailers and languages: by line, what
is taken for a quote and is none (precision, which comes first: those words would be folded away), and what is a
quote and not taken for one (recall). tests/data/replies.tsv says whose each line is. And of mails in fifteen
languages and all their charsets: is the text the one that was written, with its quotes found?

Without PLENARY_CORPORA this is skipped: tests/data/lines has our own mails for what matters.
"""
import mailbox
import os
import re
import subprocess
import sys
import tempfile

TOP = os.environ.get("top_srcdir", ".")
DUMP = os.path.join(os.environ.get("top_builddir", "."), "tests/tools/lines_dump")
CORPORA = os.environ.get("PLENARY_CORPORA", "")
PRECISION, RECALL = 0.99, 0.98
LANGUAGES_RIGHT = 0.999


def dump(files):
    """For each file, its lines as (kind, text); dies if the program does."""
    p = subprocess.run([DUMP, *files], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if p.returncode != 0:
        sys.exit(f"lines_dump: {p.returncode}: {p.stderr.decode(errors='replace')[-2000:]}")
    lines = iter(p.stdout.decode().split("\n"))
    seen = {}
    for head in lines:
        if not head:
            continue
        name, count = re.fullmatch(r"=== (.*) (\d+)", head).groups()
        seen[name] = [(line[0], line.split("|", 1)[1]) for line in (next(lines) for _ in range(int(count)))]
    return seen


def truth():
    with open(os.path.join(TOP, "tests/data/replies.tsv"), encoding="utf-8") as f:
        for line in f:
            if not line.startswith("#"):
                name, runs = line.rstrip("\n").split("\t")
                yield name, "".join(run[0] * int(run[1:]) for run in runs.split())


def replies():
    """Quotes found, quotes called so, quotes there are; what differs is printed."""
    want = dict(truth())
    base = os.path.join(CORPORA, "replies/permissive")
    seen = dump([os.path.join(base, name) for name in want])
    right = called = there = 0
    for name, kinds in want.items():
        lines = seen[os.path.join(base, name)]
        if len(lines) != len(kinds):
            print(f"FAIL: {name}: {len(lines)} lines, {len(kinds)} expected")
            return 0, 0, 0
        for (got, text), kind in zip(lines, kinds):
            if not text.strip() or kind == "F":
                continue
            is_quote, is_called = kind in "QA", got in "QA"
            right += is_quote and is_called
            called += is_called
            there += is_quote
            if is_quote != is_called:
                print(f"{name}: {'hidden' if is_called else 'missed'}: {text[:70]}")
    return right, called, there


def letters(text):
    """A text without what mailers break it with, and quote it by."""
    return re.sub(r"[\s>]+", "", text)


def begins_as(lines, start):
    """Is this the text that was written? Truth holds its beginning, line ends as \\n, perhaps cut in one."""
    start = re.sub(r"\\(.|$)", lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), start)
    return letters("".join(text for _, text in lines)).startswith(letters(start))


def languages():
    """Mails whose text and quotes are right, and all; the first that are wrong are printed."""
    folder = os.path.join(CORPORA, "multilang")
    starts = {}
    with open(os.path.join(folder, "TRUTH.tsv"), encoding="utf-8") as f:
        names = next(f).rstrip("\n").split("\t")
        for line in f:
            row = dict(zip(names, line.rstrip("\n").split("\t")))
            starts[row["message_id"]] = row["body_start"]
    good = total = 0
    with tempfile.TemporaryDirectory() as tmp:
        for mbox in sorted(os.listdir(folder)):
            if not mbox.endswith(".mbox"):
                continue
            files = {}
            for i, m in enumerate(mailbox.mbox(os.path.join(folder, mbox))):
                name = os.path.join(tmp, f"{mbox}-{i}.eml")
                with open(name, "wb") as f:
                    f.write(re.sub(rb"(?m)^>(>*From )", rb"\1", m.as_bytes()))
                files[name] = m["Message-ID"].strip("<>")
            for name, lines in dump(list(files)).items():
                total += 1
                quotes = all((kind == "Q") == text.startswith(">") for kind, text in lines)
                if quotes and begins_as(lines, starts[files[name]]):
                    good += 1
                elif total - good < 10:
                    print(f"{mbox}: {files[name]}: {[text for _, text in lines[:2]]}")
    return good, total


def main():
    if not os.path.isdir(os.path.join(CORPORA, "replies")):
        print("SKIP: PLENARY_CORPORA names no folder with replies/: nobody else's quotes were looked at")
        return 77
    right, called, there = replies()
    if not called or not there:
        return 1
    precision, recall = right / called, right / there
    print(f"{there} quoted lines: precision {precision:.4f}, recall {recall:.4f}")
    good, total = languages()
    print(f"{total} mails in many languages: {good} read as they were written")
    if precision < PRECISION or recall < RECALL:
        print(f"FAIL: precision is to be {PRECISION} or more, recall {RECALL}")
        return 1
    if total < 5000 or good < LANGUAGES_RIGHT * total:
        print("FAIL: too many texts differ")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
