#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# plenary.conf(5) has every key of the table in conf/keys.c, and no other; mandoc, where there is one,
# finds nothing wrong with it; the sample configuration shows every key, and loads.
set -eu
src=$(cd "${srcdir:-.}" && pwd)
page=$src/man/plenary.conf.5
dir=$(mktemp -d "${TMPDIR:-/tmp}/plenary-manual-XXXXXX")
trap 'rm -rf "$dir"' EXIT
tests/unit/conf_keys >"$dir/keys"
test "$(wc -l <"$dir/keys")" -gt 40
sed -n 's/^\.It Ic \([a-z-]*\).*/\1/p' "$page" | LC_ALL=C sort >"$dir/page"
cut -d' ' -f2 "$dir/keys" | LC_ALL=C sort >"$dir/table"
diff -u "$dir/table" "$dir/page"
for key in $(cat "$dir/table"); do
	grep -qE "(^|[^a-z-])$key( =| \"|\(| \{)" "$src/conf/plenary.conf" "$src/conf/lists.d/example.conf" || {
		echo "the sample configuration does not show $key"
		exit 1
	}
done
if command -v mandoc >/dev/null; then
	mandoc -T lint -W warning "$page"
fi
# The sample is a working site.
tests/unit/conf_keys "$src/conf/plenary.conf"
