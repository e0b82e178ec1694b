#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Behind a real Postfix: mail in by SMTP, Postfix and LMTP; out by SMTP through Postfix; bounces come home.

Postfix runs with its own configuration, queue and data folders on loopback ports; the machine's own is not touched.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from plenary_site import DOMAIN, Client, Site, free_ports, key_of, message, run, wait_for  # noqa: E402

ANN, BOB, CAROL, EVE = "ann@example.org", "bob@example.net", "carol@example.org", "eve@example.com"
LIST = f"dc-test@{DOMAIN}"

MAIN = """
compatibility_level = 3.6
queue_directory = {dir}/queue
data_directory = {dir}/data
command_directory = {commands}
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {dir}/log
maillog_file_prefixes = {dir}
myhostname = mx.example.org
mydestination =
alias_maps =
alias_database =
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtp_dns_support_level = disabled
lmtp_dns_support_level = disabled
smtpd_peername_lookup = no
recipient_delimiter = +
relay_domains = {domain}
relay_recipient_maps =
transport_maps = texthash:{dir}/transport
address_verify_poll_delay = 1s
unverified_recipient_reject_code = 550
unverified_recipient_reject_reason = no such address
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtp_tls_security_level =
"""
# The door to the world asks Plenary at RCPT; one that does not; and the one for what Plenary sends.
MASTER = """
127.0.0.1:{world} inet n - n - - smtpd
    -o smtpd_relay_restrictions=reject_unauth_destination
    -o smtpd_recipient_restrictions=reject_unverified_recipient
127.0.0.1:{careless} inet n - n - - smtpd
127.0.0.1:{out} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    def __init__(self, site):
        self.dir = os.path.join(site.root, "postfix")
        self.world, self.careless, self.out = free_ports(3)
        self.lmtp, self.sink = site.lmtp_path, site.sink.port
        os.chmod(site.root, 0o755)  # its own user comes to our socket
        os.makedirs(os.path.join(self.dir, "queue"))
        os.makedirs(os.path.join(self.dir, "data"))
        shutil.chown(os.path.join(self.dir, "data"), "postfix", "postfix")
        self.write("main.cf", MAIN.format(dir=self.dir, domain=DOMAIN, commands=self.default("command_directory"),
                                          daemons=self.default("daemon_directory")))
        self.write("master.cf", MASTER.format(world=self.world, careless=self.careless, out=self.out))
        self.write("transport", f"{DOMAIN} lmtp:unix:{self.lmtp}\n* smtp:[127.0.0.1]:{self.sink}\n")

    @staticmethod
    def default(name):
        return subprocess.run(["postconf", "-d", "-h", name], capture_output=True, text=True, check=True).stdout.strip()

    def write(self, name, text):
        with open(os.path.join(self.dir, name), "w") as f:
            f.write(text)

    def log(self):
        path = os.path.join(self.dir, "log")
        if not os.path.exists(path):
            return ""
        with open(path, errors="replace") as f:
            return f.read()

    def __enter__(self):
        p = subprocess.run(["postfix", "-c", self.dir, "start"], capture_output=True, text=True)
        assert p.returncode == 0, p.stdout + p.stderr + self.log()
        with open(os.path.join(self.dir, "queue/pid/master.pid")) as f:
            self.pid = int(f.read())
        return self

    def __exit__(self, kind, value, trace):
        if kind:
            sys.stderr.write(f"--- log of postfix\n{self.log()[-5000:]}\n")
        os.kill(self.pid, signal.SIGTERM)
        end = time.time() + 30
        while os.path.exists(f"/proc/{self.pid}") and time.time() < end:
            time.sleep(0.05)
        with open(f"/proc/{self.pid}/stat") if os.path.exists(f"/proc/{self.pid}") else open(os.devnull) as f:
            assert f.read().rpartition(")")[2].split()[:1] in ([], ["Z"]), "postfix did not end"


def mail(port, sender, to, data):
    """One SMTP transaction with Postfix; its replies."""
    c = Client(("127.0.0.1", port), lmtp=False)
    try:
        return c.deliver(sender, [to], data)
    finally:
        c.close()


def send(postfix, sender, to, subject="", body="Hello.\n", **headers):
    data = message(sender, to, subject, body, **headers)
    replies = mail(postfix.world, sender, to, data)
    assert replies[-1][0] == 250, replies
    return re.search(rb"Message-ID: (\S+)", data)[1].decode(), data


def join(site, postfix, who, way="subscribe"):
    send(postfix, who, f"dc-test-{way}@{DOMAIN}", "join")
    question = site.sink.wait_to(who, where=lambda m: "-confirm+" in m.reply_address)
    send(postfix, who, question.reply_address, "Re: " + question.subject, "yes\n", In_Reply_To=question.message["Message-ID"])
    site.sink.wait_to(who, where=lambda m: "welcome" in m.subject.lower())


def whole_way(site, postfix):
    for who, way in ((ANN, "subscribe"), (BOB, "join"), (CAROL, "subscribe+digest")):
        join(site, postfix, who, way)
    members = {m["address"]: m["delivery"] for m in site.cli("members", "dc-test", json=True)}
    assert members == {ANN: "mail", BOB: "mail", CAROL: "digest"}, members
    msgid, data = send(postfix, ANN, LIST, "Through Postfix", "Zwölf walnuts.\n.\n..dots\n\nlast line  \n", X_Kept="as  it was")
    copy = site.sink.wait_to(BOB, where=lambda m: m.msgid == msgid)
    assert re.fullmatch(rf"dc-test-bounces\+[a-z2-7]{{26,}}@{DOMAIN}", copy.sender), copy.sender
    assert copy.body == data.replace(b"\n", b"\r\n").partition(b"\r\n\r\n")[2], copy.body
    m = copy.message
    assert m["List-Id"].endswith(f"<dc-test.{DOMAIN}>") and m["List-Post"] == f"<mailto:{LIST}>"
    assert m["X-Kept"] == "as  it was" and m["From"] == ANN and m["Precedence"] == "list"
    assert any("mx.example.org" in r for r in m.get_all("Received")), "it went through Postfix"
    own = site.sink.wait_to(ANN, where=lambda m: m.msgid == msgid)
    assert own.sender != copy.sender
    assert not [m for m in site.sink.to(CAROL) if m.msgid == msgid]
    assert "walnuts" in site.page(f"/dc-test/m/{key_of(msgid)}/")
    # One mail to the address in List-Unsubscribe, subaddress and all.
    leave = re.search(r"<mailto:([^>]+)>", m["List-Unsubscribe"])[1]
    assert "+" in leave
    send(postfix, BOB, leave, "leave")
    site.sink.wait_to(BOB, where=lambda m: "left" in m.subject)
    assert BOB not in {m["address"] for m in site.cli("members", "dc-test", json=True)}


def refusals(site, postfix):
    """Postfix asks Plenary before it says yes; where it is told not to ask, the bounce is its own, not ours."""
    unknown = f"dc-nothing@{DOMAIN}"
    replies = mail(postfix.world, EVE, unknown, message(EVE, unknown))
    assert replies[-1][0] == 550 and "no such address" in replies[-1][1], replies
    forged = f"dc-test-confirm+{'a' * 32}@{DOMAIN}"
    assert mail(postfix.world, EVE, forged, message(EVE, forged))[-1][0] == 550
    assert mail(postfix.world, EVE, "x@elsewhere.example", message(EVE, "x@elsewhere.example"))[-1][0] == 554
    assert mail(postfix.careless, EVE, unknown, message(EVE, unknown))[-1][0] == 250
    bounce = site.sink.wait_to(EVE, where=lambda m: m.sender == "")
    assert b"5.1.1" in bounce.data and b"there is no such address here" in bounce.data, bounce.data


def bounces(site, postfix):
    """A member's server refuses her mail: Postfix's bounce comes back to her own return path and is counted."""
    dead = "dave@example.net"
    site.cli("subscribe", "dc-test", dead)
    site.sink.replies[dead] = "550 5.1.1 no such user here"
    msgid, _ = send(postfix, ANN, LIST, "To a dead address")
    site.sink.wait_to(ANN, where=lambda m: m.msgid == msgid)
    scores = wait_for(lambda: [m for m in site.cli("members", "dc-test", json=True) if m["address"] == dead and m["bounce_score"]],
                      "the bounce to be counted")
    assert scores[0]["bounce_score"] == 1, scores
    listed = site.cli("bounces", "dc-test", json=True)
    assert [m["address"] for m in listed] == [dead], listed
    assert re.search(rf"bounce of {re.escape(dead)} for dc-test \(\w+\): .*5\.1\.1", site.log_text())
    assert not site.cli("held", json=True), "a bounce is no post"


def behind():
    """join, subaddresses, post, copies, page, leave, refusals at RCPT, bounces counted"""
    if os.geteuid() != 0 or not shutil.which("postfix"):
        return "a Postfix of one's own needs root and the package postfix"
    with Site(start=False) as site:
        with Postfix(site) as postfix:
            site.relay = f"smtp://127.0.0.1:{postfix.out}"
            site.write_conf()
            site.start()
            whole_way(site, postfix)
            refusals(site, postfix)
            bounces(site, postfix)
            site.settle()
    return None


if __name__ == "__main__":
    run([behind])
