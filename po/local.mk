# SPDX-License-Identifier: GPL-2.0-or-later
# Catalogues: po/LANG.po is the source, po/LANG.mo is built and installed where gettext keeps them.
# "make update-po" takes new phrases of the sources into each LANG.po.
PO_LANGUAGES = ar es fr ru zh
PO_CATALOGUES = $(PO_LANGUAGES:%=po/%.mo)
EXTRA_DIST += po/extract $(PO_LANGUAGES:%=po/%.po)
CLEANFILES += $(PO_CATALOGUES) po/plenary.pot
noinst_DATA = $(PO_CATALOGUES)

po/%.mo: po/%.po
	$(AM_V_GEN)$(MKDIR_P) po && $(MSGFMT) -c -o $@ $<

# On demand only: which phrases there are depends on every source.
.PHONY: update-pot update-po
update-pot:
	$(AM_V_at)$(MKDIR_P) po
	$(AM_V_GEN)$(srcdir)/po/extract $(srcdir) $(abs_top_builddir)/po/plenary.pot

update-po: update-pot
	for l in $(PO_LANGUAGES); do \
		msgmerge --no-fuzzy-matching --update --backup=none \
			$(srcdir)/po/$$l.po po/plenary.pot || exit 1; \
	done

install-data-hook: install-catalogues install-templates
.PHONY: install-catalogues uninstall-catalogues
install-catalogues: $(PO_CATALOGUES)
	for l in $(PO_LANGUAGES); do \
		$(MKDIR_P) "$(DESTDIR)$(localedir)/$$l/LC_MESSAGES" && \
		$(INSTALL_DATA) po/$$l.mo "$(DESTDIR)$(localedir)/$$l/LC_MESSAGES/plenary.mo" || exit 1; \
	done

uninstall-hook: uninstall-catalogues uninstall-templates
uninstall-catalogues:
	for l in $(PO_LANGUAGES); do rm -f "$(DESTDIR)$(localedir)/$$l/LC_MESSAGES/plenary.mo"; done
