/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * charset: bytes in any encoding to clean UTF-8. Labels are the WHATWG aliases as mail uses them
 * ("us-ascii" and "iso-8859-1" read as windows-1252, "gb2312" as gb18030, "ks_c_5601-1987" as
 * cp949, "x-sjis", "utf-7", "iso-2022-jp" …). A missing, unknown or lying label is guessed.
 */
#ifndef MAIL_CHARSET_H
#define MAIL_CHARSET_H

#include "base/arena.h"
#include "base/slice.h"

/*
 * Never fails: UTF-8 valid bytes are taken as UTF-8 whatever an ASCII-compatible label says (except
 * where the label's own reading is plainly right: ISO-2022-*, UTF-7, UTF-16), else the label; where
 * it says nothing, ASCII or Latin-1, a guess (charset_guess.h), else windows-1252; what can't be
 * mapped becomes U+FFFD. Result cleaned as utf8_clean does.
 */
struct slice charset_to_utf8(struct arena *a, struct slice bytes, struct slice label);
/*
 * Opens every converter now. For roles that parse mail behind walls: glibc loads a module for each
 * encoding at its first use, which the walls may forbid (what can't be loaded is read as
 * windows-1252). Returns how many could not be.
 */
size_t charset_open_all(void);

#endif
