# SPDX-License-Identifier: GPL-2.0-or-later
# End to end: a real plenaryd on loopback ports and a folder of its own, real LMTP, SMTP and HTTP.
EXTRA_DIST += tests/run tests/e2e/plenary_site.py tests/e2e/crash.py tests/tools/dns
E2E_TESTS = tests/e2e/T000-structure.py tests/e2e/T010-main.py tests/e2e/T012-digest.py \
	tests/e2e/T014-dmarc.py tests/e2e/T016-life.py tests/e2e/T018-conduct.py tests/e2e/T019-held.py \
	tests/e2e/T020-postfix.py tests/e2e/T021-record.py tests/e2e/T022-month.py tests/e2e/T030-bad.py \
	tests/e2e/T040-import.py tests/e2e/T050-crash.py tests/e2e/T060-demo.py
EXTRA_DIST += $(E2E_TESTS) tests/data/month/record.txt tests/tools/demo tests/data/mbox/small.mbox
TESTS += $(E2E_TESTS)

# Every scenario killed at every point, at its first and at later passages; prints the table. Wants
# a build with --enable-crash-points.
.PHONY: crash-sweep
crash-sweep: all
	top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' \
		python3 $(abs_top_srcdir)/tests/e2e/T050-crash.py --all
	top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' \
		python3 $(abs_top_srcdir)/tests/e2e/T022-month.py --all

# All real archives whole, in another order, and out and in again: minutes.
.PHONY: import-all
import-all: all
	top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' plain_builddir='$(abs_top_builddir)' \
		python3 $(abs_top_srcdir)/tests/e2e/T040-import.py --all
