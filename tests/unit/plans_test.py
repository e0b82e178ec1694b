#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Statements of list.db find their rows by an index.

Each statement of daemon/ is taken out of its source, and SQLite is asked how it would run it on the
schema of daemon/listdb.c. A walk over a whole table is a fault: work per message or per bell would
grow with the lists. So is an index with a condition (WHERE subject <> '') that a statement does not
repeat: SQLite can't know it of a bound value. What may walk is named below, with the reason.
"""
import os
import re
import sqlite3
import sys

SRC = os.environ.get("top_srcdir") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
DAEMON = os.path.join(SRC, "daemon")

# Small by their nature (a row a list, a moderator, a term), or cleared as they are worked on; m is
# the deliver role's own step from mail to mail.
SMALL = {"aside", "announcement", "bouncing", "digest_issue", "list_seq", "m", "moderator",
         "refused_news", "speaking", "term_told"}

# The functions whose walk is meant: who asks for her data or is erased, the record or a list whole,
# an administrator's look at everything, and what waits for a relay, swept and counted once a minute.
MEANT = set("""
bounce_forget flood_each_of flood_forget held_each_of held_forget member_event_forget quota_forget
refused_each_of refused_forget ticket_each_of ticket_forget ways_of each_to queue_forget
conduct_each conduct_each_case member_each queue_each queue_flush queue_sweep queue_count
""".split())

LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"', re.S)
COMMENT = re.compile(r"/\*.*?\*/", re.S)


def unescape(s):
    return s.replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")


def schema():
    with open(os.path.join(DAEMON, "listdb.c"), encoding="utf-8") as f:
        text = COMMENT.sub("", f.read())
    body = text[text.index("steps[] ="):text.index("const struct db_schema")]
    return "".join(unescape(s) for s in LITERAL.findall(body))


def macros(text):
    found = {}
    joined = text.replace("\\\n", " ")
    for m in re.finditer(r'^#define (\w+)[ \t]+((?:"(?:[^"\\]|\\.)*"[ \t]*)+)', joined, re.M):
        found[m[1]] = "".join(unescape(s) for s in LITERAL.findall(m[2]))
    return found


def arguments(text, at):
    """The arguments of the call whose parenthesis opens at `at`."""
    depth, start, i, found = 0, at + 1, at, []
    while True:
        c = text[i]
        if c == '"':
            i = LITERAL.match(text, i).end()
            continue
        if c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
            if depth == 0:
                return found + [text[start:i]]
        elif c == "," and depth == 1:
            found.append(text[start:i])
            start = i + 1
        i += 1


def statements(path):
    with open(path, encoding="utf-8") as f:
        text = COMMENT.sub("", f.read())
    known = macros(text)
    for m in re.finditer(r"\b(?:db_do|db_ask|db_one_int|db_run)\(", text):
        for arg in arguments(text, m.end() - 1):
            sql = ""
            for part in re.finditer(r'"((?:[^"\\]|\\.)*)"|\b([A-Z]\w+)\b', arg.strip()):
                sql += unescape(part[1]) if part[1] is not None else known.get(part[2], "")
            if arg.strip()[:1] == '"' and re.match(r"(SELECT|INSERT|UPDATE|DELETE|WITH)\b", sql):
                yield re.findall(r"^(\w+)\(", text[:m.start()], re.M)[-1], sql


def is_partial(db, index):
    """It has a condition: only what is in hand is in it."""
    row = db.execute("SELECT sql FROM sqlite_master WHERE name = ?", (index,)).fetchone()
    return bool(row and row[0] and " WHERE " in row[0])


def walks(db, sql):
    """Tables, or their aliases, that the plan walks from end to end."""
    numbers = [int(n) for n in re.findall(r"\?(\d+)", sql)]
    values = (1,) * max(numbers + [0 if numbers else sql.count("?")])
    for row in db.execute("EXPLAIN QUERY PLAN " + sql, values):
        m = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", row[3])
        if m and m[1] != "CONSTANT" and not is_partial(db, m[2]):
            name = m[1]
            alias = re.search(r"\b(?:FROM|JOIN)\s+(\w+)\s+%s\b" % name, sql)
            yield alias[1] if alias else name


def main():
    db = sqlite3.connect(":memory:")
    db.executescript(schema())
    seen, bad, met = 0, 0, set()
    for name in sorted(os.listdir(DAEMON)):
        if not name.endswith(".c"):
            continue
        for function, sql in statements(os.path.join(DAEMON, name)):
            seen += 1
            try:
                found = set(walks(db, sql))
            except sqlite3.Error as error:
                print("%s: %s: %s" % (name, error, sql))
                bad += 1
                continue
            met.add(function if found - SMALL else "")
            for table in found - SMALL if function not in MEANT else ():
                print("%s: %s walks over all of %s: %s" %
                      (name, function, table, " ".join(sql.split())))
                bad += 1
    for function in sorted(MEANT - met):
        print("%s walks no more: take it out of MEANT" % function)
        bad += 1
    print("%d statements, %d of them at fault" % (seen, bad))
    return 1 if bad or seen < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
