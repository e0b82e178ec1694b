# SPDX-License-Identifier: GPL-2.0-or-later
# conf: the configuration, and every text a person reads.
noinst_LIBRARIES += libconf.a
libconf_a_CFLAGS = $(AM_CFLAGS) $(CONFUSE_CFLAGS)
libconf_a_SOURCES = conf/conf.h conf/text.h
CONF_LIBS = libconf.a $(CONFUSE_LIBS) libmail.a $(MAIL_ONLY_LIBS) $(BASE_LIBS)
