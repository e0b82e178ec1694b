# SPDX-License-Identifier: GPL-2.0-or-later
# archive: store, overview, threads, index, pages. index.cc is the one C++ file and stands alone, so
# that who does not search does not link Xapian.
noinst_LIBRARIES += libarc.a libarcindex.a
libarc_a_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS) $(XML_CFLAGS) $(ZLIB_CFLAGS)
libarc_a_SOURCES = archive/archive.c archive/archive.h
libarc_a_SOURCES += archive/store.c archive/store.h archive/verify.c
libarc_a_SOURCES += archive/chain.c archive/chain.h archive/replay.c archive/replay.h
libarc_a_SOURCES += archive/gather.c archive/gather.h archive/import.c archive/import.h
libarc_a_SOURCES += archive/fields.c archive/fields.h
libarc_a_SOURCES += archive/marks.c archive/marks.h archive/lists.c archive/lists.h
libarc_a_SOURCES += archive/threads.c archive/threads.h archive/nodes.c archive/nodes.h
libarc_a_SOURCES += archive/graft.c archive/graft.h archive/forest.c archive/forest.h
libarc_a_SOURCES += archive/planting.c archive/planting.h archive/letters.c archive/letters.h
libarc_a_SOURCES += archive/tree.c archive/tree.h archive/overview.c archive/overview.h
libarcindex_a_CXXFLAGS = $(AM_CXXFLAGS) $(XAPIAN_CFLAGS)
libarcindex_a_CFLAGS = $(AM_CFLAGS)
libarcindex_a_SOURCES = archive/index.cc archive/index.h
libarcindex_a_SOURCES += archive/fold.c archive/fold.h
libarcindex_a_SOURCES += archive/words.c archive/words.h
libarcindex_a_SOURCES += archive/terms.c archive/terms.h archive/pairs.c archive/pairs.h
libarcindex_a_SOURCES += archive/query.c archive/query.h archive/dates.c
libarcindex_a_SOURCES += archive/snippet.c archive/snippet.h
libarcindex_a_SOURCES += archive/spell.c archive/spell.h
INDEX_LIBS = libarcindex.a $(XAPIAN_LIBS) $(CLD2_LIBS) $(UNISTRING_LIBS) $(BASE_LIBS) -lstdc++
ARCHIVE_LIBS = libarc.a $(INDEX_LIBS) $(CONF_LIBS) $(ZLIB_LIBS)
