#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Digests: true messages in one mail, in the member's language and form, by time and by size."""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from plenary_site import DOMAIN, Site, message, run, wait_for  # noqa: E402

ANN, BOB, CARL, EVE = "ann@example.org", "bob@example.net", "carl@example.org", "eve@example.com"
LIST = f"dc-test@{DOMAIN}"


def by_time():
    """a day's posts in one mail: MIME, plain, French; then none twice"""
    clock = os.path.join("/tmp", f"plenary-clock-{os.getpid()}")
    with open(clock, "w") as f:
        f.write("0")
    try:
        with Site(env={"PLENARY_CLOCK_FILE": clock}) as site:
            for who in (ANN, BOB, CARL, EVE):
                site.cli("subscribe", "dc-test", who, "--quiet")
            site.cli("member", "dc-test", ANN, "delivery=digest")
            site.cli("member", "dc-test", BOB, "digest=plain", "language=fr")
            site.cli("member", "dc-test", CARL, "delivery=nomail")
            subjects = ["Captions", "Höhe über alles", "Third"]
            for s in subjects:
                site.lmtp(EVE, LIST, message(f"Eve Ericson <{EVE}>", LIST, s.encode("ascii", "replace").decode(), f"Body of {s}.\n-- \nEve\n"))
            site.sink.wait_to(EVE, 3, where=lambda m: m.message["List-Id"])
            assert not [m for m in site.sink.to(ANN) if m.message["List-Id"]]
            with open(clock, "w") as f:
                f.write("90000")
            ring(site)
            mime = site.sink.wait_to(ANN, where=lambda m: "Digest" in m.subject, patience=120)
            plain = site.sink.wait_to(BOB, where=lambda m: "recueil" in m.subject)
            assert mime.sender.startswith("dc-test-bounces+") and "/u/" in mime.message["List-Unsubscribe"]
            parts = list(mime.message.iter_parts())
            assert [p.get_content_type() for p in parts] == ["text/plain", "multipart/digest"], parts
            assert "1. Captions (Eve Ericson)" in parts[0].get_content()
            inside = [p.get_content() for p in parts[1].iter_parts()]
            assert [i["From"] for i in inside] == [f"Eve Ericson <{EVE}>"] * 3
            assert "Body of Captions." in inside[0].get_body().get_content()
            text = plain.text()
            assert plain.message["Content-Language"] == "fr" and "Body of Third." in text and "-" * 30 in text
            assert not [m for m in site.sink.to(CARL) if m.message["List-Id"]]
            state = os.path.join(site.state, "digest", "dc-test")
            wait_for(lambda: os.listdir(state) == [] or ring(site, "150000", clock), "the files to go", 120)
            assert len([m for m in site.sink.to(ANN) if "Digest" in m.subject]) == 1
    finally:
        os.unlink(clock)


def ring(site, shift=None, clock=None):
    """Rings the bells, with the clock moved on."""
    if shift:
        with open(clock, "w") as f:
            f.write(str(int(shift) + int(time.time()) % 50000))
    os.kill(site.daemon.pid, 10)
    time.sleep(0.2)


def by_size():
    """a digest goes out when it is large enough"""
    with Site(lists={"dc-test": {"digest-size": "4K"}}) as site:
        site.cli("subscribe", "dc-test", ANN, "--digest", "--quiet")
        site.cli("subscribe", "dc-test", EVE, "--quiet")
        for i in range(4):
            site.send(EVE, LIST, f"Long {i}", "word " * 400 + "\n")
        mail = site.sink.wait_to(ANN, where=lambda m: "Digest" in m.subject, patience=100)
        assert "Long 0" in mail.text()


if __name__ == "__main__":
    run([by_time, by_size])
