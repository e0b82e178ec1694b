#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Mails whose every field that reaches a page tries to get markup or a program into it.

messages() gives them as (name, bytes); "hostile.py FOLDER" writes them there as one mailbox, hostile.mbox, with
a configuration, plenary.conf, whose list is called so, too: for page tests and for a browser. Whatever runs of it
would set "window.hostile" or show a dialog.
"""
import base64
import os
import sys
from email.header import Header

RUN = "window.hostile=1;alert(1)"

PAYLOADS = [
    f"<script>{RUN}</script>",
    f"</title><script>{RUN}</script>",
    f"\"><script>{RUN}</script>",
    f"'><img src=x onerror={RUN}>",
    f"<img src=x onerror={RUN}>",
    f"<IMG SRC=x ONERROR=\"{RUN}\">",
    f"<img src=\"x\" onerror\n=\"{RUN}\">",
    f"<svg onload={RUN}>",
    f"<svg/onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<math><mi xlink:href=\"javascript:{RUN}\">x</mi></math>",
    f"<iframe src=\"javascript:{RUN}\"></iframe>",
    f"<iframe srcdoc=\"&lt;script&gt;{RUN}&lt;/script&gt;\"></iframe>",
    f"<object data=\"data:text/html,<script>{RUN}</script>\"></object>",
    f"<embed src=\"javascript:{RUN}\">",
    f"<a href=\"javascript:{RUN}\">x</a>",
    f"<a href=\"JaVaScRiPt:{RUN}\">x</a>",
    f"<a href=\" javascript:{RUN}\">x</a>",
    f"<a href=\"java\tscript:{RUN}\">x</a>",
    f"<a href=\"java&#10;script:{RUN}\">x</a>",
    f"<a href=\"&#106;avascript:{RUN}\">x</a>",
    f"<a href=\"&#x6A;avascript&colon;{RUN}\">x</a>",
    f"<a href=\"java\0script:{RUN}\">x</a>",
    f"<a href=\"\x01javascript:{RUN}\">x</a>",
    f"<a href=\"vbscript:{RUN}\">x</a>",
    f"<a href=\"data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==\">x</a>",
    f"<a href=\"https://e.org/\" onclick=\"{RUN}\">x</a>",
    f"<a href='https://e.org/\" onmouseover=\"{RUN}'>x</a>",
    f"https://e.org/\"onmouseover=\"{RUN}",
    f"https://e.org/<script>{RUN}</script>",
    f"javascript:{RUN}//https://e.org/",
    f"mailto:a@e.org?subject=\"><script>{RUN}</script>",
    f"<body onload={RUN}>",
    f"<style>@import 'javascript:{RUN}';</style>",
    f"<div style=\"background:url(javascript:{RUN})\">x</div>",
    f"<link rel=stylesheet href=\"https://e.org/x.css\">",
    f"<meta http-equiv=refresh content=\"0;url=javascript:{RUN}\">",
    f"<base href=\"https://e.org/\">",
    f"<form action=\"javascript:{RUN}\"><input type=submit autofocus onfocus={RUN}></form>",
    f"<input autofocus onfocus={RUN}>",
    f"<details open ontoggle={RUN}><summary>x</summary></details>",
    f"<video><source onerror={RUN}></video>",
    f"<marquee onstart={RUN}>x</marquee>",
    f"<template><script>{RUN}</script></template>",
    f"<noscript><p title=\"</noscript><img src=x onerror={RUN}>\">",
    f"<!--><script>{RUN}</script>-->",
    f"<![CDATA[<script>{RUN}</script>]]>",
    f"<?xml version=\"1.0\"?><script>{RUN}</script>",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"&#60;script&#62;{RUN}&#60;/script&#62;",
    f"+ADw-script+AD4-{RUN}+ADw-/script+AD4-",
    f"\uff1cscript\uff1e{RUN}\uff1c/script\uff1e",
    f"\u202e<script>{RUN}</script>\u202c",
    f"\u2028<script>{RUN}</script>\u2029",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<<script>{RUN}//<</script>",
    f"</pre></p></div></article></main><script>{RUN}</script>",
    f"{{{{constructor.constructor('{RUN}')()}}}}",
    f"]]></content><script xmlns=\"http://www.w3.org/1999/xhtml\">{RUN}</script>",
    "<img src=\"https://tracker.example/x.gif\">",
    "<img src=\"//tracker.example/x.gif\" srcset=\"//tracker.example/y.gif 2x\">",
    "<img src=\"cid:x\" onerror=alert(1)><img src='cid:x\" onerror=\"alert(1)'>",
    "<p style=\"background-image:url(https://tracker.example/x.gif)\">x</p>",
]

PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def word(text):
    """In a header: as an encoded word, which may hold anything."""
    return Header(text.encode(), "utf-8", maxlinelen=400).encode(linesep="\n")


def quoted(text):
    """Raw, as a careless or hostile mailer writes it, in quotes of a header."""
    return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", " ").replace("\0", "")


def raw(text):
    return text.replace("\n", " ").replace("\0", "")


def mail(number, body, content="text/plain; charset=utf-8", **fields):
    head = {
        "From": "Mallory <mallory@example.net>",
        "Date": f"Sun, 22 Nov 2026 {number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d} +0000",
        "Message-ID": f"<hostile-{number}@example.net>",
        "Subject": f"A mail, number {number}",
        "MIME-Version": "1.0",
        "Content-Type": content,
    }
    head.update((k.replace("_", "-"), v) for k, v in fields.items())
    return "".join(f"{k}: {v}\n" for k, v in head.items()).encode() + b"\n" + body


def multipart(*parts):
    return b"".join(b"--b\n" + head.encode() + b"\n\n" + body + b"\n" for head, body in parts) + b"--b--\n"


def one_by_one(n, p):
    """A mail for each field of its own."""
    q, b = quoted(p), p.encode()
    mixed = "multipart/mixed; boundary=b"
    text = ("Content-Type: text/plain", b"See below.")
    yield mail(n, b"x", Subject=word(p))
    yield mail(n + 1, b"x", Subject=raw(p), In_Reply_To="<hostile-0@example.net>")
    yield mail(n + 2, b"x", From=f"{word(p)} <mallory@example.net>")
    yield mail(n + 3, b"x", From=f"\"{q}\" <\"{q}\"@example.net>")
    yield mail(n + 4, b, Message_ID=f"<{raw(p).replace(' ', '').replace('>', '')}{n}@example.net>")
    yield mail(n + 5, b + b"\n\n> " + b.replace(b"\n", b"\n> ") + b"\n> 2\n> 3\n> 4\n> 5\n> 6\n> 7\n\n-- \n" + b)
    yield mail(n + 6, b, "text/html; charset=utf-8")
    yield mail(n + 7, b"<p>On Sun, 22 Nov 2026, " + b + b" wrote:</p><blockquote type=cite cite='" + b + b"'>" +
               b"<p>x</p>" * 9 + b + b"</blockquote>", "text/html; charset=utf-8")
    yield mail(n + 8, b, f"text/plain; charset=\"{q}\"; format=\"{q}\"; delsp=\"{q}\"")
    yield mail(n + 9, multipart(text, (
        f"Content-Type: image/png; name=\"{q}\"\nContent-ID: <x>\n"
        f"Content-Disposition: inline; filename=\"{q}.png\"\nContent-Transfer-Encoding: base64",
        base64.b64encode(PIXEL)), ("Content-Type: text/html", b + b"<img src='cid:x' alt='" + b + b"'>")), mixed)
    yield mail(n + 10, multipart(text, (f"Content-Type: {raw(p)}/{raw(p)}\nContent-Disposition: attachment; "
                                        f"filename*=utf-8''{'%3C'.join(q.split('<')).replace(' ', '%20')}", b)), mixed)
    calendar = (f"BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:{raw(p)}\nLOCATION:{raw(p)}\n"
                f"ORGANIZER;CN=\"{raw(p)}\":mailto:{raw(p)}\nDTSTART;TZID=\"{raw(p)}\":20261122T140000\n"
                f"DTEND:20261122T150000\nEND:VEVENT\nEND:VCALENDAR\n")
    yield mail(n + 11, multipart(text, (f"Content-Type: text/calendar; method=\"{q}\"", calendar.encode())), mixed)
    card = f"BEGIN:VCARD\nFN:{raw(p)}\nORG:{raw(p)};{raw(p)}\nTITLE:{raw(p)}\nEMAIL:{raw(p)}\nEND:VCARD\n"
    yield mail(n + 12, multipart(text, ("Content-Type: text/vcard", card.encode())), mixed)
    yield mail(n + 13, multipart(text, ("Content-Type: message/rfc822", mail(n, b, Subject=word(p), From=f"\"{q}\" <a@b.c>",
                                                                            Date=raw(p)))), mixed)
    status = (f"Reporting-MTA: dns; {raw(p)}\n\nFinal-Recipient: rfc822; {raw(p)}@example.net\nAction: failed\n"
              f"Status: 5.1.1\nDiagnostic-Code: smtp; 550 {raw(p)}\n")
    yield mail(n + 14, multipart(text, ("Content-Type: message/delivery-status", status.encode()),
                                 ("Content-Type: text/rfc822-headers", b"Subject: " + raw(p).encode())),
               "multipart/report; report-type=delivery-status; boundary=b")
    yield mail(n + 15, f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: {raw(p)}\n\n{p}\n-----BEGIN PGP SIGNATURE-----\n"
               f"{raw(p)}\n-----END PGP SIGNATURE-----\n".encode())
    yield mail(n + 16, b"x", f"multipart/signed; protocol=\"{q}\"; micalg=\"{q}\"; boundary=\"{q}\"")


def messages():
    number = 0
    for i, payload in enumerate(PAYLOADS):
        for bytes_ in one_by_one(number, payload):
            yield f"{i:02d}-{number:04d}", bytes_
            number += 1


def configuration(folder, payload):
    """A list whose own words are hostile: an administrator's mistake must not be a hole."""
    def setting(text):
        return "".join(c for c in text.replace("\\", "\\\\").replace("\"", "\\\"") if c >= " ")
    return (f"domain = \"lists.example.org\"\nsite-url = \"https://lists.example.org\"\nowner = \"postmaster@example.org\"\n"
            f"state-dir = \"{folder}/state\"\nuser = \"root\"\nweb-user = \"root\"\nrelay = {{ \"maildir:{folder}/out\" }}\n"
            f"list \"hostile\" {{ title = \"{setting(payload)}\"  description = \"{setting(payload)}\" }}\n")


def main():
    folder = os.path.abspath(sys.argv[1])
    os.makedirs(os.path.join(folder, "state"), exist_ok=True)
    with open(os.path.join(folder, "plenary.conf"), "w") as f:
        f.write(configuration(folder, PAYLOADS[2]))
    with open(os.path.join(folder, "hostile.mbox"), "wb") as f:
        for _, bytes_ in messages():
            f.write(b"From mallory@example.net Sun Nov 22 00:00:00 2026\n" + bytes_.replace(b"\nFrom ", b"\n>From ") + b"\n")


if __name__ == "__main__":
    main()
