/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * charset_label: what a mail's word for an encoding means. Only what stands in this table is ever
 * given to iconv: a sender must not be able to load any of its hundred modules.
 */
#ifndef MAIL_CHARSET_LABEL_H
#define MAIL_CHARSET_LABEL_H

#include <stddef.h>

#include "base/slice.h"

enum charset_kind {
	CHARSET_BYTES, /* ASCII is ASCII in it; by iconv */
	CHARSET_LATIN, /* windows-1252, by our own table */
	CHARSET_UTF8,
	CHARSET_UTF7,
	CHARSET_WIDE, /* units of two or four bytes */
	CHARSET_JIS,  /* ISO-2022-JP and its kin: turned into EUC-JP, then by iconv */
	CHARSET_ESC,  /* other ISO 2022, by iconv */
	CHARSET_HZ    /* RFC 1843: turned into GBK, then by iconv */
};

struct charset {
	const char *iconv;  /* its name for iconv_open, or NULL */
	const char *labels; /* " label label " of lower-case letters and digits only */
	enum charset_kind kind;
};

/* The table, and the row of a label (case, punctuation, RFC 2231's "*language" do not count); NULL
 * if it is unknown. */
extern const struct charset charset_rows[];
extern const size_t charset_count;
const struct charset *charset_find(struct slice label);

#endif
