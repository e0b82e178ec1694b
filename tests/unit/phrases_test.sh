#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every phrase of the sources has a French one, and every catalogue is well formed: msgcmp says what
# is missing. "make update-po" takes new phrases into po/LANG.po.
set -eu
src=$(cd "${srcdir:-.}" && pwd)
dir=$(mktemp -d "${TMPDIR:-/tmp}/plenary-phrases-XXXXXX")
trap 'rm -rf "$dir"' EXIT
"$src/po/extract" "$src" "$dir/plenary.pot"
# A rule that finds no phrases would find none missing.
test "$(grep -c '^msgid ' "$dir/plenary.pot")" -gt 30
for po in "$src"/po/*.po; do
	msgfmt -c -o /dev/null "$po"
	msgcmp "$po" "$dir/plenary.pot"
done
