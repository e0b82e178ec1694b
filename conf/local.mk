# SPDX-License-Identifier: GPL-2.0-or-later
# conf: the configuration, and every text a person reads.
noinst_LIBRARIES += libconf.a
libconf_a_CPPFLAGS = $(AM_CPPFLAGS) \
	-DTOP_SRCDIR='"$(abs_top_srcdir)"' -DTOP_BUILDDIR='"$(abs_top_builddir)"'
libconf_a_SOURCES = \
	conf/amount.c \
	conf/catalogue.c conf/catalogue.h \
	conf/complain.c conf/complain.h conf/advice.c conf/advice.h \
	conf/conf.c conf/conf.h \
	conf/data.c conf/data.h \
	conf/include.c conf/include.h \
	conf/keys.c conf/keys.h \
	conf/ladder.c conf/ladder.h \
	conf/lists.c conf/lists.h \
	conf/names.c \
	conf/places.c \
	conf/rules.c conf/rules.h \
	conf/plural.c conf/plural.h \
	conf/scan.c conf/scan.h \
	conf/speakers.c conf/speakers.h \
	conf/syntax.c conf/syntax.h \
	conf/template.c conf/template.h \
	conf/text.c conf/text.h \
	conf/values.c conf/values.h
CONF_LIBS = libconf.a libmail.a $(MAIL_ONLY_LIBS) $(BASE_LIBS)

# Samples and templates: whole folders, so that a new template needs no line here.
nobase_dist_pkgdata_DATA += conf/plenary.conf conf/lists.d/example.conf conf/dmarc-enforcing
EXTRA_DIST += conf/templates
.PHONY: install-templates uninstall-templates
install-templates:
	for l in en $(PO_LANGUAGES); do \
		$(MKDIR_P) "$(DESTDIR)$(pkgdatadir)/conf/templates/$$l" && \
		$(INSTALL_DATA) "$(srcdir)/conf/templates/$$l"/*.txt \
			"$(DESTDIR)$(pkgdatadir)/conf/templates/$$l" || exit 1; \
	done
uninstall-templates:
	rm -rf "$(DESTDIR)$(pkgdatadir)/conf/templates"

# The frame of the plenary command: a library of its own, since only the command speaks JSON.
noinst_LIBRARIES += libcli.a
libcli_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
libcli_a_SOURCES = conf/cli.c conf/cli.h conf/cli_table.c
CLI_LIBS = libcli.a $(JANSSON_LIBS)
EXTRA_DIST += conf/demo
