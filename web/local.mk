# SPDX-License-Identifier: GPL-2.0-or-later
# web: pages over HTTP. A library, so that tests and the fuzzer drive what the role is made of.
noinst_LIBRARIES += libweb.a
libweb_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(MHD_CFLAGS) $(JANSSON_CFLAGS) $(ZLIB_CFLAGS)
libweb_a_SOURCES = web/request.h web/response.c \
	web/url.c web/url.h web/language.c web/language.h web/fresh.c web/fresh.h \
	web/types.c web/types.h web/squeeze.c web/squeeze.h web/files.c web/files.h \
	web/moved.c web/moved.h web/redirects.c web/redirects.h \
	web/lmtp.c web/lmtp.h web/hand.c web/hand.h \
	web/search.c web/search.h web/results.c web/results_data.c web/narrowing.c \
	web/pages.c web/pages.h web/monitor.c web/monitor.h web/routes.c web/routes.h \
	web/fields.c web/http.h web/guests.c web/guests.h web/pool.c web/pool.h
# Of the archive's library only the pages' frame is linked.
WEB_LIBS = libweb.a libarc.a $(INDEX_LIBS) $(CONF_LIBS) $(JANSSON_LIBS) $(ZLIB_LIBS)
pkglibexec_PROGRAMS += plenary-web
plenary_web_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(MHD_CFLAGS)
plenary_web_SOURCES = web/web.c web/http.c web/visit.c web/visit.h
plenary_web_LDADD = $(WEB_LIBS) $(MHD_LIBS) -lpthread
# For sites whose web server reads the pages itself.
nobase_dist_pkgdata_DATA += conf/nginx.conf conf/apache.conf
