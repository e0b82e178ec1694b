#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads every mail of the corpora with message_parse (by mime_dump) and compares structure and bodies with
what Stalwart's mail-parser and Apache mime4j expect of theirs. A mail that is read otherwise must be
listed below with the reason; one that is listed and agrees is reported, too.

Without PLENARY_CORPORA this is skipped: tests/data/mime has our own mails for what matters.
"""
import glob
import hashlib
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

DUMP = os.path.join(os.environ.get("top_builddir", "."), "tests/tools/mime_dump")
CORPORA = os.environ.get("PLENARY_CORPORA", "")
FOLDERS = ("mime", "bounces", "replies", "dkim")

# Disagreements that are meant, by reason and the end of the file's path.
REASONS = {
    "a delimiter is a whole line (RFC 2046 5.1.1); Stalwart also takes one with more behind it, in the middle of "
    "a line, or in other case": [
        "malformed/001.eml", "malformed/004.eml", "malformed/016.eml", "malformed/019.eml", "thirdparty/005.eml"],
    "a delimiter of an outer multipart ends the inner ones (RFC 2046 5.1.2); Stalwart looks for the innermost only": [
        "malformed/009.eml", "malformed/012.eml"],
    "a delimiter ends a header that lacks its empty line; Stalwart looks for none there": [
        "malformed/007.eml", "thirdparty/015.eml"],
    "the first of two Content-Type fields counts, which finds the parts": ["malformed/020.eml", "malformed/021.eml"],
    "a message/rfc822 whose text is no mail has one part, that text": ["malformed/022.eml"],
    "audio said to be base64, which is words: both give the words": ["rfc/000.eml"],
    "uuencoded bodies are decoded; Stalwart does not": ["legacy/048.eml"],
    "bytes that are not the UTF-8 they are said to be are read as windows-1252": ["legacy/033.eml", "legacy/052.eml"],
    "two delimiters in a row have no part between them, and none comes before a close delimiter": [
        "2002_06_12_doublebound.msg", "/double-bound.msg"],
    "a multipart without parts is a text, so that nothing in it is hidden": [
        "multipartnopart.msg", "multipartemptypart.msg", "multipartnestedemptyparts.msg",
        "multipartnestedemptypartsnorfc822.msg", "missing-inner-boundary.msg", "missing-inner-start-boundary.msg"],
    "GUARD_BOUNDARY_MAX": ["very-long-boundary.msg"],
    "blanks at the end of a boundary do not count (RFC 2046 5.1.1: it has none)": ["weird-boundary.msg"],
    "a base64 text cut off in a group gives what the group has; mime4j drops it": ["frag.msg"],
    "a line of one blank and then text: the text is not swallowed by the header": [
        "hdr-fakeout.msg", "basic-plain-with-bad-header-separator.msg"],
    "an encoded message/rfc822 is a leaf, its content an attachment (RFC 2046 5.2.1 forbids the encoding)": [
        "bad-newlines-multiple-parts-base64.msg", "base64encoded-rfc822message-nested.msg",
        "base64encoded-rfc822message.msg"],
}
MEANT = {end: why for why, ends in REASONS.items() for end in ends}


def dump(files):
    """What message_parse sees in each file; dies if the program does."""
    seen = {}
    for i in range(0, len(files), 200):
        p = subprocess.run([DUMP, *files[i:i + 200]], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if p.returncode != 0:
            sys.exit(f"mime_dump: {p.returncode}: {p.stderr.decode(errors='replace')[-2000:]}")
        for line in p.stdout.splitlines():
            mail = json.loads(line)
            seen[mail["file"]] = mail
    return seen


def plain(text):
    """Text as it is compared: line ends alike, none at the end, without what cleaning takes away."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff\ufeff]", "", text).rstrip("\n")


def as_text(data):
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def digest(data):
    return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()


def ours(mail, i=0):
    """A tree of ("multipart", [...]), ("message", tree), ("text", text), ("bytes", hash)."""
    part = mail["parts"][i]
    children = [n for n, p in enumerate(mail["parts"]) if p["parent"] == i]
    if part["kind"] == "multipart":
        return ("multipart", [ours(mail, n) for n in children])
    if part["kind"] == "message":
        return ("message", ours(mail, children[0]))
    if part["type"] == "text":
        return ("text", plain(part["text"]))
    return ("bytes", part["sha256_lf"], plain(part.get("text", "")))


def stalwart(message, i=0):
    kind, body = next(iter(message["parts"][i]["body"].items()))
    if kind == "Multipart":
        return ("multipart", [stalwart(message, n) for n in body])
    if kind == "Message":
        return ("message", stalwart(body))
    if kind in ("Text", "Html"):
        return ("text", plain(body))
    return ("bytes", digest(bytes(body)), None)


def mime4j(node, folder):
    """From NAME_decoded.xml, whose leaves are files."""
    for child in node:
        if child.tag == "multipart":
            return ("multipart", [mime4j(p, folder) for p in child if p.tag == "body-part"])
        if child.tag == "message":
            return ("message", mime4j(child, folder))
        if child.tag in ("text-body", "binary-body"):
            with open(os.path.join(folder, child.get("name")), "rb") as f:
                data = f.read()
            if child.tag == "text-body":
                return ("text", plain(as_text(data)))
            return ("bytes", digest(data), None)
    return ("text", "")


def difference(a, b, where=""):
    """The first place where two trees differ, or None."""
    kinds = {a[0], b[0]}
    if kinds == {"text", "bytes"}:
        return None if a[1] == b[1] or a[-1] == b[-1] else f"{where}: a leaf is text for one only"
    if len(kinds) > 1:
        return f"{where}: {a[0]} is not {b[0]}"
    if a[0] == "message":
        return difference(a[1], b[1], where + "/message")
    if a[0] == "multipart":
        if len(a[1]) != len(b[1]):
            return f"{where}: {len(a[1])} parts are not {len(b[1])}"
        for i, (x, y) in enumerate(zip(a[1], b[1])):
            d = difference(x, y, f"{where}/{i}")
            if d:
                return d
        return None
    if a[1] == b[1]:
        return None
    return f"{where}: {a[0]} {a[1][:60]!r} is not {b[1][:60]!r}"


def expectations():
    """Pairs of a mail and the tree that others see in it."""
    base = os.path.join(CORPORA, "mime/permissive")
    for name in sorted(glob.glob(base + "/stalwart/*/*.json")):
        eml = re.sub(r"(\.crlf)?\.json$", ".eml", name)
        if not name.endswith(".crlf.json") and os.path.exists(eml):
            with open(name) as f:
                yield "Stalwart", eml, stalwart(json.load(f))
    for name in sorted(glob.glob(base + "/mime4j/*/*_decoded.xml")):
        msg = name[:-len("_decoded.xml")] + ".msg"
        if not os.path.exists(msg):
            continue
        try:
            root = ElementTree.parse(name).getroot()
        except ElementTree.ParseError:
            continue
        yield "mime4j", msg, mime4j(root, os.path.dirname(name))


def main():
    if not os.path.isdir(os.path.join(CORPORA, "mime")):
        print("SKIP: PLENARY_CORPORA names no folder with mime/: nobody else's mail was read")
        return 77
    files = [os.path.join(root, name) for folder in FOLDERS
             for root, _, names in os.walk(os.path.join(CORPORA, folder)) for name in names
             if not re.search(r"\.(json|xml|out|plist|tsv)$", name)]
    seen = dump(sorted(files))
    print(f"{len(seen)} files read, {sum(m['verdict'] == 'ok' for m in seen.values())} with a header, "
          f"{sum(len(m['parts']) for m in seen.values())} parts")
    if len(seen) != len(files) or len(files) < 1000:
        print(f"FAIL: {len(files)} files, {len(seen)} read")
        return 1
    count, agreed, wrong = {}, {}, 0
    for who, name, tree in expectations():
        count[who] = count.get(who, 0) + 1
        d = difference(ours(seen[name]), tree)
        why = next((r for end, r in MEANT.items() if name.endswith(end)), None)
        if d is None:
            agreed[who] = agreed.get(who, 0) + 1
            if why:
                print(f"note: {name} agrees now; take it off the list")
        elif not why:
            print(f"FAIL: {name}: {who} differs {d}")
            wrong += 1
    for who in count:
        print(f"{who}: {agreed.get(who, 0)} of {count[who]} agree, the others differ as listed")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main())
