/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * charset_label: the labels of the WHATWG Encoding Standard and those that mailers made up, folded
 * to letters and digits, so that "ISO_8859-1", "iso8859-1" and "ISO-8859-1" are one. Where one
 * encoding is a superset that mailers mean by the name of the smaller one, the superset is used.
 */
#include "config.h"
#include "mail/charset_label.h"

#include <string.h>

/* ISO-2022-CN-EXT is read as its older sibling: glibc's own module for it had CVE-2024-2961. */
const struct charset charset_rows[] = {
    {NULL, " utf8 unicode11utf8 unicode20utf8 xunicode20utf8 utf8mb4 cp65001 65001 ", CHARSET_UTF8},
    {NULL,
     " usascii ascii ansix341968 ansix341986 iso646us iso646irv1991 us 646 cp367 ibm367 csascii "
     "isoir6 iso88591 iso885911987 88591 latin1 l1 isoir100 isolatin1 cp819 ibm819 csisolatin1 "
     "windows1252 cp1252 xcp1252 1252 ansi ",
     CHARSET_LATIN},
    {"ISO-8859-2", " iso88592 iso885921987 88592 latin2 l2 isoir101 isolatin2 csisolatin2 ",
     CHARSET_BYTES},
    {"ISO-8859-3", " iso88593 iso885931988 88593 latin3 l3 isoir109 isolatin3 csisolatin3 ",
     CHARSET_BYTES},
    {"ISO-8859-4", " iso88594 iso885941988 88594 latin4 l4 isoir110 isolatin4 csisolatin4 ",
     CHARSET_BYTES},
    {"ISO-8859-5", " iso88595 iso885951988 88595 cyrillic isoir144 csisolatincyrillic ",
     CHARSET_BYTES},
    {"ISO-8859-6",
     " iso88596 iso88596i iso88596e iso885961987 88596 arabic ecma114 asmo708 isoir127 "
     "csisolatinarabic ",
     CHARSET_BYTES},
    {"ISO-8859-7",
     " iso88597 iso885971987 88597 greek greek8 ecma118 elot928 suneugreek isoir126 "
     "csisolatingreek ",
     CHARSET_BYTES},
    {"ISO-8859-8",
     " iso88598 iso88598i iso88598e iso885981988 88598 hebrew visual logical isoir138 "
     "csisolatinhebrew csiso88598i ",
     CHARSET_BYTES},
    {"CP1254",
     " windows1254 cp1254 xcp1254 1254 iso88599 iso885991989 88599 latin5 l5 isoir148 isolatin5 "
     "csisolatin5 ",
     CHARSET_BYTES},
    {"ISO-8859-10", " iso885910 885910 latin6 l6 isoir157 isolatin6 csisolatin6 ", CHARSET_BYTES},
    {"CP874", " windows874 cp874 874 dos874 iso885911 885911 tis620 thai ", CHARSET_BYTES},
    {"ISO-8859-13", " iso885913 885913 latin7 l7 ", CHARSET_BYTES},
    {"ISO-8859-14", " iso885914 885914 latin8 l8 ", CHARSET_BYTES},
    {"ISO-8859-15", " iso885915 885915 latin9 l9 isolatin9 csisolatin9 latin0 ", CHARSET_BYTES},
    {"ISO-8859-16", " iso885916 885916 latin10 l10 ", CHARSET_BYTES},
    {"CP1250", " windows1250 cp1250 xcp1250 1250 ", CHARSET_BYTES},
    {"CP1251", " windows1251 cp1251 xcp1251 1251 ansi1251 win1251 ", CHARSET_BYTES},
    {"CP1253", " windows1253 cp1253 xcp1253 1253 ", CHARSET_BYTES},
    {"CP1255", " windows1255 cp1255 xcp1255 1255 ", CHARSET_BYTES},
    {"CP1256", " windows1256 cp1256 xcp1256 1256 ", CHARSET_BYTES},
    {"CP1257", " windows1257 cp1257 xcp1257 1257 ", CHARSET_BYTES},
    {"CP1258", " windows1258 cp1258 xcp1258 1258 ", CHARSET_BYTES},
    {"KOI8-R", " koi8r koi8 koi cskoi8r 20866 ", CHARSET_BYTES},
    {"KOI8-U", " koi8u koi8ru 21866 ", CHARSET_BYTES},
    {"KOI8-T", " koi8t ", CHARSET_BYTES},
    {"GB18030",
     " gb18030 gbk xgbk gb2312 gb231280 gb23121980 csgb2312 csiso58gb231280 isoir58 chinese cngb "
     "euccn xeuccn eucgb gb cp936 ms936 windows936 936 54936 ",
     CHARSET_BYTES},
    {"BIG5-HKSCS", " big5 big5hkscs cnbig5 csbig5 xxbig5 xbig5 big5eten cp950 ms950 950 ",
     CHARSET_BYTES},
    {"EUC-TW", " euctw xeuctw cns11643 ", CHARSET_BYTES},
    {"EUC-JP-MS", " eucjp xeucjp ujis eucjpms cp51932 cseucpkdfmtjapanese ", CHARSET_BYTES},
    {"CP932",
     " shiftjis xshiftjis sjis xsjis mskanji csshiftjis windows31j cp932 ms932 windows932 932 ",
     CHARSET_BYTES},
    {"CP949",
     " euckr xeuckr cseuckr ksc5601 ksc56011987 ksc56011989 ksc56011992 csksc56011987 isoir149 "
     "korean windows949 xwindows949 cp949 ms949 uhc 949 ",
     CHARSET_BYTES},
    {"JOHAB", " johab cp1361 ksc56011992johab ", CHARSET_BYTES},
    {"ISO-2022-JP-2",
     " iso2022jp csiso2022jp iso2022jp1 iso2022jp2 csiso2022jp2 iso2022jp3 iso2022jp2004 "
     "iso2022jpms cp50220 cp50221 cp50222 jis ",
     CHARSET_JIS},
    {"ISO-2022-KR", " iso2022kr csiso2022kr ", CHARSET_ESC},
    {"ISO-2022-CN", " iso2022cn csiso2022cn iso2022cnext ", CHARSET_ESC},
    {"GBK", " hzgb2312 hz ", CHARSET_HZ},
    {NULL, " utf7 unicode11utf7 csunicode11utf7 xunicode20utf7 65000 ", CHARSET_UTF7},
    {"UTF-16", " utf16 unicode ucs2 iso10646ucs2 csunicode 1200 ", CHARSET_WIDE},
    {"UTF-16LE", " utf16le ucs2le unicodefeff ", CHARSET_WIDE},
    {"UTF-16BE", " utf16be ucs2be unicodefffe 1201 ", CHARSET_WIDE},
    {"UTF-32", " utf32 ucs4 iso10646ucs4 12000 ", CHARSET_WIDE},
    {"UTF-32LE", " utf32le ucs4le ", CHARSET_WIDE},
    {"UTF-32BE", " utf32be ucs4be 12001 ", CHARSET_WIDE},
    {"MACINTOSH", " macintosh mac macroman xmacroman csmacintosh 10000 ", CHARSET_BYTES},
    {"MAC-CYRILLIC", " maccyrillic xmaccyrillic 10007 ", CHARSET_BYTES},
    {"MAC-UK", " macukraine macukrainian xmacukraine xmacukrainian 10017 ", CHARSET_BYTES},
    {"MAC-CENTRALEUROPE", " macce xmacce maccentraleurope 10029 ", CHARSET_BYTES},
    {"CP437", " cp437 ibm437 437 cspc8codepage437 ", CHARSET_BYTES},
    {"CP737", " cp737 ibm737 737 ", CHARSET_BYTES},
    {"CP775", " cp775 ibm775 775 ", CHARSET_BYTES},
    {"CP850", " cp850 ibm850 850 cspc850multilingual cp858 ibm858 ", CHARSET_BYTES},
    {"CP852", " cp852 ibm852 852 cspcp852 ", CHARSET_BYTES},
    {"CP855", " cp855 ibm855 855 ", CHARSET_BYTES},
    {"CP857", " cp857 ibm857 857 ", CHARSET_BYTES},
    {"CP860", " cp860 ibm860 860 ", CHARSET_BYTES},
    {"CP861", " cp861 ibm861 861 ", CHARSET_BYTES},
    {"CP862", " cp862 ibm862 862 dos862 ", CHARSET_BYTES},
    {"CP863", " cp863 ibm863 863 ", CHARSET_BYTES},
    {"CP864", " cp864 ibm864 864 ", CHARSET_BYTES},
    {"CP865", " cp865 ibm865 865 ", CHARSET_BYTES},
    {"CP866", " cp866 ibm866 866 csibm866 dos866 ", CHARSET_BYTES},
    {"CP869", " cp869 ibm869 869 ", CHARSET_BYTES},
    {"VISCII", " viscii csviscii ", CHARSET_BYTES},
    {"TCVN5712-1", " tcvn tcvn5712 tcvn57121 ", CHARSET_BYTES},
    {"ARMSCII-8", " armscii8 ", CHARSET_BYTES},
    {"GEORGIAN-PS", " georgianps ", CHARSET_BYTES},
};
const size_t charset_count = sizeof(charset_rows) / sizeof(*charset_rows);

#define LABEL_MAX 40 /* the longest label above has 24 letters */

const struct charset *
charset_find(struct slice label)
{
	char key[LABEL_MAX + 3];
	size_t n = 0;

	key[n++] = ' ';
	for (size_t i = 0; i < label.n && label.p[i] != '*'; i++) {
		char c = label.p[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c | 0x20);
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'))
			continue;
		if (n > LABEL_MAX)
			return NULL;
		key[n++] = c;
	}
	if (n == 1)
		return NULL;
	key[n++] = ' ';
	key[n] = '\0';
	for (size_t i = 0; i < charset_count; i++)
		if (strstr(charset_rows[i].labels, key))
			return &charset_rows[i];
	return NULL;
}
