#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The parent with roles that are not the real ones: starting, back-off, reload, lock, end.
# plenaryd finds its roles beside itself, so a copy of it among scripts is all that is needed.
set -u
T=$(mktemp -d "${TMPDIR:-/tmp}/plenaryd-XXXXXX") || exit 99
export T
pids=
trap 'kill $pids 2>/dev/null; wait; rm -rf "$T"' EXIT
failures=0

check() { # TEXT COMMAND…
	local text=$1
	shift
	if "$@"; then
		echo "ok - $text"
	else
		echo "NOT OK - $text"
		failures=$((failures + 1))
	fi
}
soon() { # COMMAND…: true as soon as it is, false after 20 s
	local i
	for ((i = 0; i < 400; i++)); do
		"$@" && return 0
		sleep 0.05
	done
	return 1
}
count() { grep -c -- "$1" "$T/roles"; }
is() { [ "$("${@:2}")" = "$1" ]; }
at_least() { [ "$("${@:2}")" -ge "$1" ]; }
logged() { grep -q -- "$1" "$T/log"; }
line_of() { grep -n -- "$1" "$T/roles" | tail -1 | cut -d: -f1; }
before() { [ "$(line_of "$1")" -lt "$(line_of "$2")" ]; }
now_pid() { grep "^start $1 " "$T/roles" | tail -1 | cut -d' ' -f3; }
answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
silent() { ! answers "$1"; }
gone() { ! grep -q '^State:[[:space:]]*[^Z[:space:]]' "/proc/$1/status" 2>/dev/null; } # a zombie is gone
free_port() {
	perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(LocalAddr => "127.0.0.1")->sockport'
}

mkdir "$T/bin" && cp ./plenaryd "$T/bin/" || exit 99
cat >"$T/bin/fake" <<'EOF'
#!/bin/bash
role=${0##*/plenary-}
bells=$(env | grep -c '^PLENARY_BELL_')
sockets=$(find /proc/$$/fd -lname 'socket:*' | wc -l)
trap 'sleep "$(cat "$T/linger" 2>/dev/null || echo 0)"; echo "term $role $$" >>"$T/roles"; exit 0' TERM
echo "start $role $$ args=$* listen=$PLENARY_LISTEN bells=$bells sockets=$sockets" >>"$T/roles"
[ -e "$T/die-$role" ] && exit 3
while :; do
	if read -r -t 0 -u "$PLENARY_BELL"; then
		head -c 100 <&"$PLENARY_BELL" >/dev/null 2>&1
		echo "rung $role $$" >>"$T/roles"
	fi
	sleep 0.05
done
EOF
chmod +x "$T/bin/fake"
for role in intake list deliver archived web; do
	ln "$T/bin/fake" "$T/bin/plenary-$role"
done

port=$(free_port)
write_conf() { # HTTP-PORT
	cat >"$T/plenary.conf" <<EOF
domain = "lists.example.org"
site-url = "http://lists.example.org"
owner = "postmaster@example.org"
state-dir = "$T/state"
user = "root"
web-user = "root"
listen-lmtp = { "unix:$T/run/lmtp" }
listen-smtp = { }
listen-http = { "127.0.0.1:$1" }
listen-monitor = { }
EOF
}
write_conf "$port"
start() {
	: >"$T/roles"
	"$T/bin/plenaryd" -d -f "$T/plenary.conf" >>"$T/log" 2>&1 &
	daemon=$!
	pids="$pids $daemon"
	soon at_least 5 count '^start'
}

# --- options
check "a good configuration" "$T/bin/plenaryd" -n -f "$T/plenary.conf"
check "checking starts nothing" test ! -e "$T/state"
echo 'nonsense = 1' >"$T/bad.conf"
"$T/bin/plenaryd" -n -f "$T/bad.conf" 2>"$T/out"
check "a bad configuration" test $? = 1
check "its error has file and line" grep -q "$T/bad.conf:1: " "$T/out"
"$T/bin/plenaryd" -x 2>/dev/null
check "wrong usage" test $? = 2

# --- start
perl -MIO::Socket::UNIX -MSocket -e '
	my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => "$ENV{T}/notify") or die;
	open my $ready, ">", "$ENV{T}/notify-up"; close $ready;
	while (defined $s->recv(my $m, 100)) { open my $o, ">>", "$ENV{T}/told"; print $o "$m\n"; }
' &
pids="$pids $!"
soon test -e "$T/notify-up"
export NOTIFY_SOCKET=$T/notify
check "five roles start" start
unset NOTIFY_SOCKET
check "the service manager is told" soon grep -q '^READY=1$' "$T/told"
check "the pid is written" is "$daemon" cat "$T/state/plenaryd.pid"
check "roles are told the file and -d" is 5 count "args=-f $T/plenary.conf -d listen"
check "intake gets its socket" grep -q '^start intake .* listen=lmtp:[0-9]*, bells=5 sockets=1$' "$T/roles"
check "web gets its own, and no bells" grep -q '^start web .* listen=http:[0-9]*, bells=0 sockets=1$' "$T/roles"
check "list gets no socket" grep -q '^start list .* listen= bells=5 sockets=0$' "$T/roles"
check "HTTP is bound" answers "$port"
check "the LMTP socket is there" test -S "$T/run/lmtp"

# --- a second one
"$T/bin/plenaryd" -d -f "$T/plenary.conf" 2>"$T/out"
check "a second daemon is refused" test $? = 1
check "it says why" grep -q "another plenaryd ($daemon) works on $T/state" "$T/out"

# --- bells
kill -USR1 "$daemon"
check "every bell is rung" soon is 5 count '^rung'

# --- death and back-off
old=$(now_pid list)
: >"$T/die-list"
kill -KILL "$old"
check "a dead role is noticed" soon logged "list ($old) was killed by signal 9"
check "it starts again after a second" soon logged 'list starts again in 1 s'
check "when it dies at once, after two" soon logged 'list starts again in 2 s'
rm "$T/die-list"
check "and then it lives" soon is 3 count '^start list'
check "the others did not notice" is 4 grep -c -E '^start (intake|deliver|archived|web)' "$T/roles"

# --- reload
echo 'nonsense = 1' >>"$T/plenary.conf"
kill -HUP "$daemon"
check "a bad file is logged" soon logged 'the one in force stays'
check "with file and line" logged "$T/plenary.conf:11: "
check "and changes nothing" is 0 count '^term'
port2=$(free_port)
write_conf "$port2"
sed -i "s,$T/state,$T/elsewhere," "$T/plenary.conf"
kill -HUP "$daemon"
check "state-dir is not changed while running" soon logged 'state-dir can only be changed by a restart'
check "and nothing else is" is 0 count '^term'
echo 0.3 >"$T/linger"
write_conf "$port2"
: >"$T/roles"
kill -HUP "$daemon"
check "roles are started anew" soon is 5 count '^start'
check "the old ones are ended" soon is 5 count '^term'
for role in list deliver archived; do
	check "$role never ran twice" before "^term $role" "^start $role"
done
check "intake was there all the time" before '^start intake' '^term intake'
check "web was there all the time" before '^start web' '^term web'
check "the new address is bound" answers "$port2"
check "the old one is not" soon silent "$port"
check "the kept one is still there" test -S "$T/run/lmtp"
check "nothing was taken for a death" is 2 grep -c 'starts again in' "$T/log"

# --- kill -9 of the parent alone
echo 0.8 >"$T/linger"
old=$(now_pid list)
: >"$T/log"
kill -KILL "$daemon"
wait "$daemon" 2>/dev/null
check "the next daemon starts" start
check "it waited for the old roles" logged 'waiting for the roles of an earlier plenaryd'
check "which have all gone" gone "$old"
check "its socket replaced the stale one" test -S "$T/run/lmtp"
rm "$T/linger"
sed -i '/^term/d' "$T/roles"

# --- end
kill -TERM "$daemon"
wait "$daemon"
check "it ends with 0" test $? = 0
check "after its roles" is 5 count '^term'
check "the pid file is gone" test ! -e "$T/state/plenaryd.pid"
check "the socket file is gone" test ! -e "$T/run/lmtp"

# --- in the background
: >"$T/roles"
"$T/bin/plenaryd" -f "$T/plenary.conf"
check "it goes into the background" test $? = 0
daemon=$(cat "$T/state/plenaryd.pid")
pids="$pids $daemon"
check "the pid is that of the daemon" kill -0 "$daemon"
check "its roles run" soon is 5 count '^start'
check "without -d" is 0 count ' -d '
kill -TERM "$daemon"
check "and it ends" soon gone "$daemon"

if [ $failures -gt 0 ]; then
	echo "$failures failed; the log:"
	cat "$T/log" "$T/roles"
	exit 1
fi
