# SPDX-License-Identifier: GPL-2.0-or-later
# Pages as their readers meet them: a real browser, a text browser, validators (tests/web/package.json).
TESTS += tests/e2e/T070-web.py
EXTRA_DIST += tests/e2e/T070-web.py tests/web/browser.js tests/web/chromium.py tests/web/contact-sheet tests/web/npm.py \
	tests/web/package.json tests/web/package-lock.json tests/web/sample.py tests/web/showsite.py

# Pictures of all kinds of pages on a few sheets, for people to look at: contact-sheet/index.html.
.PHONY: contact-sheet
contact-sheet: all
	top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' \
		python3 $(abs_top_srcdir)/tests/web/contact-sheet '$(abs_top_builddir)/contact-sheet'
