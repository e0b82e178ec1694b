#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The example hooks: what they let pass and what they hold, with false clients of spam filters.
set -u
src=$(cd "${srcdir:-.}" && pwd)/conf/hooks
dir=$(mktemp -d "${TMPDIR:-/tmp}/plenary-hooks-XXXXXX")
trap 'rm -rf "$dir"' EXIT
failed=0

# expect NAME STATUS TEXT: runs the hook on standard input.
expect()
{
	out=$(PATH=$dir/bin:/usr/bin:/bin "$src/$1")
	status=$?
	case $out in
	*"$3"*) ;;
	*) status="$status, \"$out\"" ;;
	esac
	if [ "$status" != "$2" ]; then
		echo "not ok: $1: $status instead of $2 and \"$3\""
		failed=1
	fi
}

mail()
{
	printf 'From: a@example.org\r\nSubject: %s\r\n%s\r\n%s\r\n' "$1" "$2" "$3"
}

mkdir "$dir/bin"
mail hello '' 'A good word.' | expect words 0 ''
mail hello '' 'Play at our CASINO.' | expect words 10 'CASINO'
mail hello '' 'Occasionally casinos.' | expect words 0 ''
mail 'viagra here' '' 'x' | expect words 10 'viagra'
mail hello '' 'Play at our CASINO.' | "$src/words" | grep -q '^case:' && failed=1
cp "$src/words" "$dir/words"
printf '# a comment\n!fool\nbar\n' >"$dir/words.txt"
mail hello '' 'You Fool!' | "$dir/words" | grep -q '^case: the word "Fool"' || failed=1
mail hello '' 'In a bar.' | "$dir/words" | grep -q '^case:' && failed=1

english='We think that the agenda of the next meeting is good for all of us, and we want to add one item
to it in time. It is about the captions, which some members asked for in the last year, and it is short.'
other='Mi pensas ke la tagordo de nia venonta kunveno estas bona, kaj mi volas aldoni ion. Temas pri la
subtekstoj kiujn kelkaj membroj petis lastjare. Mi esperas ke vi konsentos kun mi pri tio, karaj amikoj.'
mail hi '' "$english" | expect language 0 ''
mail hi '' "$other" | expect language 10 'language'
mail hi '' 'Short: mi konsentas.' | expect language 0 ''
mail hi 'Content-Transfer-Encoding: base64
' "$(printf '%s' "$english" | base64)" | expect language 0 ''
mail hi 'Content-Transfer-Encoding: base64
' "$(printf '%s' "$other" | base64)" | expect language 10 'language'

# No client, or one that nobody answers: the list goes on.
if ! PATH=/usr/bin:/bin command -v rspamc >/dev/null && ! PATH=/usr/bin:/bin command -v spamc >/dev/null; then
	mail hi '' x | expect spam 0 ''
fi
printf '#!/bin/sh\ncat >/dev/null\necho "9.1/5.0"\nexit 1\n' >"$dir/bin/spamc"
printf '#!/bin/sh\ncat >/dev/null\nprintf "Results\\nSpam: true\\nScore: 12.30 / 15.00\\n"\n' >"$dir/bin/rspamc"
chmod +x "$dir/bin/spamc" "$dir/bin/rspamc"
mail hi '' x | expect spam 10 'rspamd: 12.30 / 15.00'
printf '#!/bin/sh\nprintf "Spam: false\\nScore: 1 / 15\\n"\n' >"$dir/bin/rspamc"
mail hi '' x | expect spam 0 ''
printf '#!/bin/sh\nexit 1\n' >"$dir/bin/rspamc"
mail hi '' x | expect spam 0 ''
if ! PATH=/usr/bin:/bin command -v rspamc >/dev/null; then
	rm "$dir/bin/rspamc"
	mail hi '' x | expect spam 10 'SpamAssassin: 9.1/5.0'
	printf '#!/bin/sh\necho "0/0"\nexit 1\n' >"$dir/bin/spamc"
	mail hi '' x | expect spam 0 ''
fi
exit $failed
