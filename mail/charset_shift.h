/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * charset_shift: the 7-bit encodings of mail that shift between sets, which glibc lacks (UTF-7 as
 * mailers write it, HZ) or reads more strictly than they were written (ISO-2022-JP with NEC's and
 * IBM's characters and half-width kana).
 */
#ifndef MAIL_CHARSET_SHIFT_H
#define MAIL_CHARSET_SHIFT_H

#include "base/buf.h"
#include "base/slice.h"

/* UTF-7 (RFC 2152) to UTF-8; bytes above 0x7f are passed on. */
void shift_put_utf7(struct buf *out, struct slice s);
/* HZ (RFC 1843) to GBK. */
void shift_hz_to_gbk(struct buf *out, struct slice s);
/* ISO-2022-JP (RFC 1468) to EUC-JP. */
void shift_jis_to_euc(struct buf *out, struct slice s);
/* iconv's name for an ISO-2022-JP text that has sets which EUC-JP lacks; NULL if it has none. */
const char *shift_jis_foreign(struct slice s);

#endif
