#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Notices and the sources agree: every template that is named exists in every language, none is left over, each has a
value for every name in it, and the help text names the commands that there are. (That the values are given where the
template is filled, the fixture of the list role's tests watches: tests/unit/listsite.h.)"""
import glob
import os
import re
import sys

TOP = os.environ.get("top_srcdir") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
# Not in the help: other words for what it names.
OTHER_WORDS = {"join", "leave"}


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def templates(lang):
    return {os.path.basename(p)[:-4]: read(p) for p in glob.glob(os.path.join(TOP, "conf/templates", lang, "*.txt"))}


def sources():
    return "\n".join(read(p) for p in sorted(glob.glob(os.path.join(TOP, "daemon/*.c"))))


def named(source):
    """Names in calls that send a notice, and in tables of them."""
    names = set(re.findall(r'\.template = "([a-z-]+)"', source))
    for call in re.findall(r"\b(?:tell\w*|answer_moderator|request_ask|refuse|text_template)\(([^;]*)\)", source):
        names |= set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', call))
    for table in re.findall(r"\*template;[^=]*=\s*\{(.*?)\};", source, re.S):
        names |= {pair[1] for pair in re.findall(r'\{"([a-z]+)", "([a-z-]+)"', table)}
    return names


def main():
    source, bad = sources(), []
    words = set(re.findall(r'"([a-z][a-z-]*)"', source))
    en = templates("en")
    values = set(re.findall(r'\{"([a-z-]+)",', source)) | set(re.findall(r'"([a-z]+-[a-z]+)"', source))
    # conduct_mail.c's say() takes the template and then one name and its value.
    for call in re.findall(r"\bsay\(([^;]*)\)", source):
        values |= set(re.findall(r'"([a-z]+)"', call))
    found = named(source)
    if len(found) < 20:
        bad.append(f"only {len(found)} templates are named: has the search gone blind?")
    used_names = {n for text in en.values() for n in re.findall(r"\{[?!/]?([a-z-]+)\}", text)}
    for name in sorted(found - set(en)):
        if name not in used_names:
            bad.append(f"daemon/ names the template {name}, which is not there")
    for lang in sorted(os.listdir(os.path.join(TOP, "conf/templates"))):
        here = templates(lang)
        bad += [f"conf/templates/{lang}/{n}.txt is missing" for n in sorted(set(en) - set(here))]
        for name, text in sorted(here.items()):
            if name not in words:
                bad.append(f"conf/templates/{lang}/{name}.txt is nowhere named in daemon/")
            for value in sorted(set(re.findall(r"(?<!\{)\{[?!/]?([a-z-]+)\}", text)) - values):
                bad.append(f"conf/templates/{lang}/{name}.txt: nothing gives a value for {{{value}}}")
            if "  " in text.split("\n")[0] or text.endswith("\n\n") or not text.endswith("\n"):
                bad.append(f"conf/templates/{lang}/{name}.txt: spaces in its subject, or its end")
            if lang == "fr" and re.search(r"\w'\w", text):
                bad.append(f"conf/templates/{lang}/{name}.txt: an apostrophe as typewriters have it")
        bad += commands(lang, here.get("help", ""))
    print("\n".join(bad) or f"{len(en)} templates, {len(found)} found by their calls")
    return 1 if bad else 0


def commands(lang, text):
    """Rows of the table in command.c, and what the help has behind the address they go to: each has the other."""
    table = re.search(r"\} rows\[\] = \{(.*?)\n\};", read(os.path.join(TOP, "daemon/command.c")), re.S)[1]
    rows = set(re.findall(r'\{"([a-z]+)", \w+', table)) - OTHER_WORDS
    helped = set(re.findall(r"^  ([a-z]+)", text.partition("{request-address}")[2], re.M))
    return [f"help ({lang}) says {w}, which is no command" for w in sorted(helped - rows)] + \
           [f"help ({lang}) does not say {w}" for w in sorted(rows - helped)]


if __name__ == "__main__":
    sys.exit(main())
