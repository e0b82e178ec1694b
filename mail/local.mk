# SPDX-License-Identifier: GPL-2.0-or-later
# mail: the message. Nothing here knows of lists, files or databases.
noinst_LIBRARIES += libmail.a
libmail_a_CFLAGS = $(AM_CFLAGS) $(XML_CFLAGS) $(IDN2_CFLAGS)
libmail_a_SOURCES =
libmail_a_SOURCES += mail/field.c mail/field.h
libmail_a_SOURCES += mail/envelope.c mail/envelope.h
libmail_a_SOURCES += mail/msgid.c mail/msgid.h
libmail_a_SOURCES += mail/edit.c mail/edit.h
libmail_a_SOURCES += mail/guard.c mail/guard.h
libmail_a_SOURCES += mail/charset.c mail/charset.h
libmail_a_SOURCES += mail/charset_label.c mail/charset_label.h
libmail_a_SOURCES += mail/charset_shift.c mail/charset_shift.h
libmail_a_SOURCES += mail/transfer.c mail/transfer.h
libmail_a_SOURCES += mail/parameter.c mail/parameter.h
libmail_a_SOURCES += mail/part.c mail/part.h
libmail_a_SOURCES += mail/message.c mail/message.h
libmail_a_SOURCES += mail/mbox.c mail/mbox.h
libmail_a_SOURCES += mail/address.c mail/address.h mail/address_list.c mail/domain.c mail/domain.h
libmail_a_SOURCES += mail/header.c mail/header.h mail/words.h mail/header_put.c mail/subject.c mail/date.c
libmail_a_SOURCES += mail/encode.c mail/encode.h mail/compose.c mail/compose.h
libmail_a_SOURCES += mail/automatic.c mail/automatic.h mail/dsn.c mail/dsn.h
libmail_a_SOURCES += mail/readable.c mail/readable.h mail/flowed.c mail/lines.c mail/attribution.c mail/attribution.h
libmail_a_SOURCES += mail/html.c mail/html.h mail/html_scan.c mail/html_scan.h mail/html_text.c mail/html_clean.c mail/html_out.c mail/html_out.h
MAIL_ONLY_LIBS = $(ETPAN_LIBS) $(XML_LIBS) $(IDN2_LIBS) $(UNISTRING_LIBS)
MAIL_LIBS = libmail.a $(MAIL_ONLY_LIBS) $(BASE_LIBS)
