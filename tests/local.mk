# SPDX-License-Identifier: GPL-2.0-or-later
# Tests. tests/run builds and runs them all and counts; "make check" runs them in one build folder.
TEST_EXTENSIONS = .sh .py
SH_LOG_COMPILER = bash
PY_LOG_COMPILER = python3
AM_TESTS_ENVIRONMENT = top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
	top_builddir='$(abs_top_builddir)'; export top_builddir;
# What tests/run asks for.
.PHONY: print-tests check-programs check-programs-only
print-tests:
	@for t in $(TESTS); do echo $$t; done
# "all" is a make of its own: beside it a second one would write the same libraries.
check-programs: all
	$(AM_V_at)$(MAKE) $(AM_MAKEFLAGS) check-programs-only
check-programs-only: $(check_PROGRAMS)

# Unit tests: each room registers its own.
include tests/unit/base.mk
include tests/unit/mail.mk
include tests/unit/conf.mk
include tests/unit/archive.mk
include tests/unit/web.mk
include tests/unit/daemon.mk
include tests/unit/dmarc.mk
include tests/unit/conduct.mk
include tests/e2e.mk
include tests/web.mk
include tests/bench.mk
include tests/fuzz.mk
