/* SPDX-License-Identifier: GPL-2.0-or-later */
/* charset: labels as mail has them, labels that lie, bytes that are bad. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <cmocka.h>

#include <string.h>

#include "base/utf8.h"
#include "mail/charset.h"
#include "mail/charset_label.h"

static struct arena *arena;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

#define FFFD "\xef\xbf\xbd"

static const struct {
	const char *label;
	struct slice in;
	const char *out;
} rows[] = {
    /* ASCII, UTF-8 and Latin, whatever the label says. */
    {"", SLICE("plain"), "plain"},
    {"utf-8", SLICE("\xc3\xa4"), "ä"},
    {"UTF8", SLICE("\xef\xbb\xbf\xc3\xa4"), "ä"},
    {"iso-8859-1", SLICE("\xc3\xa4"), "ä"},
    {"iso-8859-1", SLICE("\xe4 \x80 \x81"), "ä € " FFFD},
    {"us-ascii", SLICE("caf\xe9"), "café"},
    {"", SLICE("caf\xe9"), "café"},
    {"utf-8", SLICE("caf\xe9"), "café"},
    {"utf-8", SLICE("\xc3\xa4 \xe9!"), "ä é!"},
    {"utf-8", SLICE("\xc3\xa4\xc3\xa4 na\xefve \xef\xbf\xbd"), "ää naïve \xef\xbf\xbd"},
    {"x-never-heard", SLICE("\x93quoted\x94"), "“quoted”"},
    {"unknown-8bit", SLICE("\xc3\xa4"), "ä"},
    {"shift_jis", SLICE("\xe6\x97\xa5"), "日"},
    {"iso-2022-jp", SLICE("\xe6\x97\xa5"), "日"},
    /* One byte a character. */
    {"ISO_8859-2", SLICE("\xb1\xe6"), "ąć"},
    {"latin2", SLICE("\xb1\xe6"), "ąć"},
    {"iso-8859-5", SLICE("\xb0"), "А"},
    {"iso-8859-6", SLICE("\xc7"), "ا"},
    {"iso-8859-7", SLICE("\xe1"), "α"},
    {"iso-8859-8-i", SLICE("\xe0"), "א"},
    {"iso-8859-9", SLICE("\xf0"), "ğ"},
    {"iso-8859-13", SLICE("\xe0"), "ą"},
    {"ISO-8859-15", SLICE("\xa4"), "€"},
    {"windows-1250", SLICE("\x9c"), "ś"},
    {"CP-1251", SLICE("\xc4\xe0"), "Да"},
    {"windows-1253", SLICE("\xe1"), "α"},
    {"windows-1255", SLICE("\xe0"), "א"},
    {"windows-1256", SLICE("\xc7"), "ا"},
    {"windows-1257", SLICE("\xe0"), "ą"},
    {"windows-1258", SLICE("\xf0"), "đ"},
    {"tis-620", SLICE("\xa1"), "ก"},
    {"KOI8-R", SLICE("\xf0\xd2\xc9"), "При"},
    {"koi8-u", SLICE("\xa4"), "є"},
    {"macintosh", SLICE("\x8a\xd2"), "ä“"},
    {"x-mac-cyrillic", SLICE("\x84"), "Д"},
    {"cp437", SLICE("\x84"), "ä"},
    {"ibm850", SLICE("\x84"), "ä"},
    {"cp866", SLICE("\x84\xa0"), "Да"},
    {"viscii", SLICE("\xe2"), "â"},
    /* More bytes a character. */
    {"gb2312", SLICE("\xd6\xd0\xce\xc4"), "中文"},
    {"gbk", SLICE("\xd6\xd0\x81\x30\x81\x30\x80"), "中" FFFD},
    {"GB18030", SLICE("\x81\x30\x81\x30"), ""},
    {"big5", SLICE("\xa4\xa4\xa4\xe5"), "中文"},
    {"big5-hkscs", SLICE("\x88\x67"), "ā"},
    {"euc-tw", SLICE("\xc4\xe3"), "中"},
    {"shift_jis", SLICE("\x93\xfa\x96\x7b \x87\x40"), "日本 ①"},
    {"euc-jp", SLICE("\xc6\xfc\xcb\xdc \xad\xa1"), "日本 ①"},
    {"ks_c_5601-1987", SLICE("\xc7\xd1\xb1\xdb \x8c\x63"), "한글 똠"},
    {"euc-kr", SLICE("\xc7\xd1\xb1\xdb"), "한글"},
    {"iso-2022-jp", SLICE("\x1b$BF|K\\\x1b(B!"), "日本!"},
    {"iso-2022-jp", SLICE("\x1b$B-!\x1b(B"), "①"},
    {"iso-2022-jp", SLICE("\x1b(I1\x1b(B"), "ｱ"},
    {"iso-2022-jp", SLICE("\x1b$BF|K\\\nnext line"), "日本\nnext line"},
    {"iso-2022-jp-2", SLICE("\x1b$AVPND\x1b(B"), "中文"},
    {"iso-2022-jp-3", SLICE("\x1b$(O-!\x1b(B"), "①"},
    {"", SLICE("\x1b$BF|K\\\x1b(B!"), "日本!"},
    {"us-ascii", SLICE("\x1b$BF|K\\\x1b(B!"), "日本!"},
    {"iso-2022-kr", SLICE("\x1b$)C\x0eGQ1[\x0f!"), "한글!"},
    {"iso-2022-cn", SLICE("\x1b$)A\x0eVPND\x0f!"), "中文!"},
    {"hz-gb-2312", SLICE("a~~~{VPND~}b"), "a~中文b"},
    {"hz", SLICE("~{VP\nplain"), "中\nplain"},
    {"utf-7", SLICE("Hi +AOQ-+- 1 +ZeU"), "Hi ä+ 1 日"},
    {"utf-7", SLICE("+2D3eAA-!"), "😀!"},
    {"utf-7", SLICE("+2D0-! + +*"), FFFD "! + +*"},
    {"utf-16", SLICE("\xff\xfe\xe4\0\n\0"), "ä\n"},
    {"utf-16", SLICE("\xfe\xff\0\xe4\0\n"), "ä\n"},
    {"utf-16", SLICE("\0a\0\n"), "a\n"},
    {"utf-16le", SLICE("a\0\n\0"), "a\n"},
    {"utf-16be", SLICE("a\0\n\0"), "a\n"},
    {"utf-16le", SLICE("\x3d\xd8\0\xde\x3d\xd8"), "😀" FFFD},
    {"utf-16", SLICE("a\0b"), "a" FFFD},
    {"utf-16", SLICE("plain ASCII"), "plain ASCII"},
    {"utf-32", SLICE("a\0\0\0\n\0\0\0"), "a\n"},
    {"utf-32", SLICE("\0\0\xfe\xff\0\0\0a"), "a"},
    /* Bad bytes, and what must not come through. */
    {"gb2312", SLICE("\xff.\xd6\xd0"), FFFD ".中"},
    {"gb2312", SLICE("\xd6"), FFFD},
    {"big5", SLICE("\xa4\n\xa4\xa4"), FFFD "\n中"},
    {"euc-kr", SLICE("\xc7\xd1\xff\xff\xb1\xdb"), "한" FFFD FFFD "글"},
    {"windows-1255", SLICE("\xe0\xff"), "א" FFFD},
    {"", SLICE("a\0b\x1b[31m\r\nc\rd\x7f"), "ab[31m\nc\nd"},
    {"koi8-r", SLICE("\xf0\r\n"), "П\n"},
    /* Labels as they are found. */
    {" ISO-8859-2 ", SLICE("\xb1"), "ą"},
    {"\"koi8-r\"", SLICE("\xf0"), "П"},
    {"koi8-r*ru", SLICE("\xf0"), "П"},
    {"windows-1251//TRANSLIT", SLICE("\xc4"), "Ä"},
    {"*", SLICE("x"), "x"},
};

static void
conversions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct slice got = charset_to_utf8(arena, rows[i].in, slice_str(rows[i].label));
		if (!slice_is(got, rows[i].out))
			fail_msg("row %zu, %s: \"%.*s\" is not \"%s\"", i, rows[i].label,
				 SLICE_ARG(got), rows[i].out);
	}
}

/* Each row of the table is one that this iconv has, and no two claim a label. */
static void
table(void **state)
{
	(void)state;
	for (size_t i = 0; i < charset_count; i++) {
		struct slice labels = slice_str(charset_rows[i].labels), label;
		assert_int_equal(labels.p[0], ' ');
		assert_int_equal(labels.p[labels.n - 1], ' ');
		while (slice_next_word(&labels, &label))
			if (charset_find(label) != &charset_rows[i])
				fail_msg("label %.*s is another row's", SLICE_ARG(label));
	}
	assert_int_equal(charset_open_all(), 0);
}

/* Any bytes under any label give clean UTF-8, and the converter of a stateful encoding forgets. */
static void
any_bytes_under_any_label(void **state)
{
	(void)state;
	char bytes[512];
	unsigned seed = 1;
	for (int round = 0; round < 8; round++) {
		for (size_t i = 0; i < sizeof(bytes); i++) {
			seed = seed * 1103515245 + 12345;
			bytes[i] = (char)(seed >> 16);
			if (round % 2 && i % 7 == 0)
				bytes[i] = "\x1b$~+\x0e"[seed >> 20 & 3];
		}
		for (size_t i = 0; i < charset_count; i++) {
			struct slice label, labels = slice_str(charset_rows[i].labels);
			slice_next_word(&labels, &label);
			struct slice in = slice_make(bytes, sizeof(bytes));
			struct slice got = charset_to_utf8(arena, in, label);
			assert_true(utf8_valid(got));
			assert_true(slice_eq(got, utf8_cleaned(arena, got)));
			struct slice again = charset_to_utf8(arena, in, label);
			assert_true(slice_eq(got, again));
		}
	}
}

/* What is in none of the encodings that its label names, or has none. */
static const struct {
	struct slice in;
	const char *charset, *text;
} unnamed[] = {
    {SLICE("\344\317\302\322\331\312 \304\305\316\330! \353\317\307\304\301 \315\331 "
	   "\327\323\324\322\305\324\311\315\323\321, \336\324\317\302\331 "
	   "\317\302\323\325\304\311\324\330 \325\323\324\301\327\077"),
     "KOI8-R", "Добрый день! Когда мы встретимся, чтобы обсудить устав?"},
    {SLICE("\304\356\341\360\373\351 \344\345\355\374! \312\356\343\344\340 \354\373 "
	   "\342\361\362\360\345\362\350\354\361\377, \367\362\356\341\373 "
	   "\356\341\361\363\344\350\362\374 \363\361\362\340\342\077"),
     "CP1251", "Добрый день! Когда мы встретимся, чтобы обсудить устав?"},
    {SLICE("\204\256\241\340\353\251 \244\245\255\354! \212\256\243\244\240 \254\353 "
	   "\242\341\342\340\245\342\250\254\341\357, \347\342\256\241\353 "
	   "\256\241\341\343\244\250\342\354 \343\341\342\240\242\077"),
     "CP866", "Добрый день! Когда мы встретимся, чтобы обсудить устав?"},
    {SLICE("\264\336\321\340\353\331 \324\325\335\354! \272\336\323\324\320 \334\353 "
	   "\322\341\342\340\325\342\330\334\341\357, \347\342\336\321\353 "
	   "\336\321\341\343\324\330\342\354 \343\341\342\320\322\077"),
     "ISO-8859-5", "Добрый день! Когда мы встретимся, чтобы обсудить устав?"},
    {SLICE("Subject of the text\n\n\337 \361\356\343\353\340\361\345\355 \361 "
	   "\357\360\345\344\353\356\346\345\355\350\345\354, \355\356 \355\345 \361 "
	   "\344\340\362\356\351.\n\n-- \nhttp://example.org/"),
     "CP1251",
     "Subject of the text\n\nЯ согласен с предложением, но не с датой.\n\n-- "
     "\nhttp://example.org/"},
    {SLICE("\316\322\303\307\317\302\270\366\320\307\306\332\324\332\261\261\276\251\277\252\273"
	   "\341\243\254\307\353\264\363\274\322\260\321\327\324\274\272\265\304\322\342\274\373"
	   "\320\264\263\366\300\264\241\243\325\342\270\366\316\312\314\342\272\334\326\330\322"
	   "\252\241\243"),
     "GB18030", "我们下个星期在北京开会，请大家把自己的意见写出来。这个问题很重要。"},
    {SLICE("\247\332\255\314\244U\255\323\254P\264\301\246b\245x\245_\266}\267|"
	   "\241A\275\320\244j\256a\247\342\246\333\244v\252\272\267N\250\243\274g\245X\250\323\241"
	   "C\263o\255\323\260\335\303D\253\334\255\253\255n\241C"),
     "BIG5", "我們下個星期在台北開會，請大家把自己的意見寫出來。這個問題很重要。"},
    {SLICE("\202\250\220\242\230b\202\311\202\310\202\301\202\304\202\250\202\350\202\334\202\267"
	   "\201B\227\210\217T\202\314\211\357\213c\202\311\202\302\202\242\202\304\201A\202\262"
	   "\210\323\214\251\202\360\202\250\212\350\202\242\202\265\202\334\202\267\201B"),
     "SHIFT_JIS", "お世話になっております。来週の会議について、ご意見をお願いします。"},
    {SLICE("\244\252\300\244\317\303\244\313\244\312\244\303\244\306\244\252\244\352\244\336\244"
	   "\271\241\243\315\350\275\265\244\316\262\361\265\304\244\313\244\304\244\244\244\306"
	   "\241\242\244\264\260\325\270\253\244\362\244\252\264\352\244\244\244\267\244\336\244"
	   "\271\241\243"),
     "EUC-JP", "お世話になっております。来週の会議について、ご意見をお願いします。"},
    {SLICE("\276\310\263\347\307\317\274\274\277\344. \264\331\300\275 \301\326 "
	   "\310\270\300\307\277\241 \264\353\307\317\277\251 \277\251\267\257\272\320\300\307 "
	   "\300\307\260\337\300\273 \272\270\263\273 \301\326\275\303\261\342 "
	   "\271\331\266\370\264\317\264\331."),
     "EUC-KR", "안녕하세요. 다음 주 회의에 대하여 여러분의 의견을 보내 주시기 바랍니다."},
    {SLICE(
	 "\312\341\353\347\354\335\361\341 \363\341\362, \360\374\364\345 \350\341 "
	 "\343\337\355\345\351 \347 \345\360\374\354\345\355\347 "
	 "\363\365\355\334\355\364\347\363\347 \364\347\362 \345\360\351\364\361\357\360\336\362;"),
     "CP1253", "Καλημέρα σας, πότε θα γίνει η επόμενη συνάντηση της επιτροπής;"},
    {SLICE("\307\341\323\341\307\343 \332\341\355\337\343\241 \343\312\354 \355\337\346\344 "
	   "\307\341\307\314\312\343\307\332 \307\341\336\307\317\343 \341\341\314\344\311 "
	   "\346\343\307 \345\346 \314\317\346\341 \307\341\303\332\343\307\341\277"),
     "CP1256", "السلام عليكم، متى يكون الاجتماع القادم للجنة وما هو جدول الأعمال؟"},
    {SLICE("\371\354\345\355 \354\353\345\354\355, \356\372\351 \372\372\367\351\351\355 "
	   "\344\364\342\351\371\344 \344\341\340\344 \371\354 \344\345\345\362\343\344 "
	   "\345\356\344 \361\343\370 \344\351\345\355\077"),
     "CP1255", "שלום לכולם, מתי תתקיים הפגישה הבאה של הוועדה ומה סדר היום?"},
    /* Western letters are never so many. */
    {SLICE("D\351j\340 vu: l\222\351t\351 dernier, o\371 \351tiez-vous\077 \300 bient\364t, "
	   "Fran\347oise"),
     "CP1252", "Déjà vu: l’été dernier, où étiez-vous? À bientôt, Françoise"},
    {SLICE("F\374r Gr\366\337e und \334bermut: \344u\337erst sch\366ne Gr\374\337e"), "CP1252",
     "Für Größe und Übermut: äußerst schöne Grüße"},
    {SLICE("A\347\343o, cora\347\343o, n\343o, voc\352"), "CP1252", "Ação, coração, não, você"},
};

static void
guesses(void **state)
{
	static const char *const labels[] = {"",      "us-ascii", "iso-8859-1", "windows-1252",
					     "utf-8", "x-unknown"};
	(void)state;
	for (size_t i = 0; i < sizeof unnamed / sizeof *unnamed; i++)
		for (size_t k = 0; k < sizeof labels / sizeof *labels; k++) {
			struct slice got =
			    charset_to_utf8(arena, unnamed[i].in, slice_str(labels[k]));
			if (!slice_is(got, unnamed[i].text))
				fail_msg("%s under \"%s\": %.*s", unnamed[i].charset, labels[k],
					 SLICE_ARG(got));
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(conversions, setup, teardown),
	    cmocka_unit_test(table),
	    cmocka_unit_test_setup_teardown(guesses, setup, teardown),
	    cmocka_unit_test_setup_teardown(any_bytes_under_any_label, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
