# SPDX-License-Identifier: GPL-2.0-or-later
# archive: store, overview, threads, index, pages. The shim over Xapian, the only C++, stands alone,
# so that who does not search does not link it.
noinst_LIBRARIES += libarc.a libarcindex.a
libarc_a_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS) $(XML_CFLAGS) $(ZLIB_CFLAGS)
libarc_a_SOURCES = archive/archive.c archive/archive.h
libarc_a_SOURCES += archive/store.c archive/store.h archive/verify.c
libarc_a_SOURCES += archive/chain.c archive/chain.h archive/replay.c archive/replay.h
libarc_a_SOURCES += archive/suspects.c archive/suspects.h
libarc_a_SOURCES += archive/gather.c archive/gather.h archive/indexing.c archive/indexing.h
libarc_a_SOURCES += archive/import.c archive/import.h archive/export.c archive/export.h
libarc_a_SOURCES += archive/settle.c archive/settle.h
libarc_a_SOURCES += archive/inbox.c archive/inbox.h archive/git.c archive/git.h
libarc_a_SOURCES += archive/fields.c archive/fields.h
libarc_a_SOURCES += archive/marks.c archive/marks.h archive/lists.c archive/lists.h
libarc_a_SOURCES += archive/threads.c archive/threads.h archive/nodes.c archive/nodes.h
libarc_a_SOURCES += archive/graft.c archive/graft.h archive/forest.c archive/forest.h
libarc_a_SOURCES += archive/wanted.c archive/wanted.h archive/digests.c archive/digests.h
libarc_a_SOURCES += archive/digest_reply.c archive/digest_reply.h archive/trace.c archive/trace.h
libarc_a_SOURCES += archive/digest_quote.c archive/digest_quote.h
libarc_a_SOURCES += archive/digest_parts.c archive/digest_parts.h
libarc_a_SOURCES += archive/planting.c archive/planting.h archive/letters.c archive/letters.h
libarc_a_SOURCES += archive/urls.c archive/urls.h
libarc_a_SOURCES += archive/tree.c archive/tree.h archive/overview.c archive/overview.h
# Pages: everything below STATE/html.
libarc_a_SOURCES += archive/html.c archive/html.h archive/mask.c archive/mask.h
libarc_a_SOURCES += archive/links.c archive/links.h archive/blocks.c archive/blocks.h
libarc_a_SOURCES += archive/columns.c archive/columns.h archive/tongue.c archive/tongue.h
libarc_a_SOURCES += archive/body.c archive/body.h archive/body_writer.h
libarc_a_SOURCES += archive/quotes.c archive/quotes.h archive/rich.c archive/rich.h
libarc_a_SOURCES += archive/cards.c archive/cards.h archive/pictures.c archive/pictures.h
libarc_a_SOURCES += archive/render.c archive/render.h archive/press.c archive/press.h
libarc_a_SOURCES += archive/posting.c archive/posting.h
libarc_a_SOURCES += archive/outline.c archive/outline.h archive/place.c archive/place.h
libarc_a_SOURCES += archive/passage.c archive/passage.h
libarc_a_SOURCES += archive/frame.c archive/frame.h archive/conversation.c archive/conversation.h
libarc_a_SOURCES += archive/elsewhere.c archive/elsewhere.h
libarc_a_SOURCES += archive/message_page.c archive/message_page.h archive/files.c archive/files.h
libarc_a_SOURCES += archive/thread_bar.c archive/thread_bar.h
libarc_a_SOURCES += archive/thread_page.c archive/thread_page.h
libarc_a_SOURCES += archive/brought.c archive/brought.h
libarc_a_SOURCES += archive/month_page.c archive/month_page.h archive/listing.c archive/listing.h
libarc_a_SOURCES += archive/list_page.c archive/list_page.h archive/chart.c archive/chart.h
libarc_a_SOURCES += archive/refused_part.c archive/refused_part.h archive/checks_part.c archive/checks_part.h
libarc_a_SOURCES += archive/rules_page.c archive/rules_page.h archive/prose.c archive/prose.h
libarc_a_SOURCES += archive/record.c archive/record.h archive/record_page.c archive/record_page.h
libarc_a_SOURCES += archive/conduct_words.c archive/conduct_words.h
libarc_a_SOURCES += archive/speakers_part.c archive/speakers_part.h
libarc_a_SOURCES += archive/site_page.c archive/site_page.h
libarc_a_SOURCES += archive/atom.c archive/atom.h archive/boxes.c archive/boxes.h
libarc_a_SOURCES += archive/pages.c archive/pages.h archive/style.h
nodist_libarc_a_SOURCES = archive/style.c
EXTRA_DIST += archive/plenary.css
CLEANFILES += archive/style.c
# The style sheet as a C string, without comments, indents and empty lines.
archive/style.c: archive/plenary.css
	$(AM_V_GEN)$(MKDIR_P) archive && { echo '#include "archive/style.h"' && \
		echo 'const char style_sheet[] =' && \
		sed -e '/^\/\*.*\*\/$$/d' -e 's/^[	 ]*//' -e '/^$$/d' -e 's/\\/\\\\/g' -e 's/"/\\"/g' \
			-e 's/^/"/' -e 's/$$/\\n"/' $(srcdir)/archive/plenary.css && echo ';'; } > $@-tmp && mv $@-tmp $@
libarcindex_a_CXXFLAGS = $(AM_CXXFLAGS) $(XAPIAN_CFLAGS)
libarcindex_a_CFLAGS = $(AM_CFLAGS)
libarcindex_a_SOURCES = archive/index.h archive/shim.cc archive/shim.hh
libarcindex_a_SOURCES += archive/index_writer.cc archive/index_dense.cc archive/index_reader.cc
libarcindex_a_SOURCES += archive/index_asker.cc archive/index_asker.hh archive/index_pairs.hh
libarcindex_a_SOURCES += archive/index_hits.cc archive/index_hits.hh
libarcindex_a_SOURCES += archive/index_facets.cc archive/index_facets.hh
libarcindex_a_SOURCES += archive/index_language.cc archive/language.h
libarcindex_a_SOURCES += archive/fold.c archive/fold.h
libarcindex_a_SOURCES += archive/words.c archive/words.h
libarcindex_a_SOURCES += archive/terms.c archive/terms.h archive/pairs.c archive/pairs.h
libarcindex_a_SOURCES += archive/query.c archive/query.h archive/dates.c
libarcindex_a_SOURCES += archive/snippet.c archive/snippet.h
libarcindex_a_SOURCES += archive/spell.c archive/spell.h
INDEX_LIBS = libarcindex.a $(XAPIAN_LIBS) $(CLD2_LIBS) $(UNISTRING_LIBS) $(BASE_LIBS) -lstdc++
ARCHIVE_LIBS = libarc.a $(INDEX_LIBS) $(CONF_LIBS) $(ZLIB_LIBS)
pkglibexec_PROGRAMS += plenary-archive
plenary_archive_SOURCES = archive/verbs.c
plenary_archive_LDADD = $(CLI_LIBS) $(ARCHIVE_LIBS)
# The role.
pkglibexec_PROGRAMS += plenary-archived
plenary_archived_SOURCES = archive/archived.c
plenary_archived_LDADD = $(ARCHIVE_LIBS)
