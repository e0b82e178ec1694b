# SPDX-License-Identifier: GPL-2.0-or-later
# End to end: a real plenaryd on loopback ports and a folder of its own, real LMTP, SMTP and HTTP.
EXTRA_DIST += tests/run tests/e2e/plenary_site.py tests/tools/dns
E2E_TESTS = tests/e2e/T000-structure.py tests/e2e/T010-main.py tests/e2e/T012-digest.py
EXTRA_DIST += $(E2E_TESTS)
TESTS += $(E2E_TESTS)
