# SPDX-License-Identifier: GPL-2.0-or-later
EXTRA_DIST += tests/unit/web_test.py
TESTS += tests/unit/web_test.py
