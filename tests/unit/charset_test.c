/* SPDX-License-Identifier: GPL-2.0-or-later */
/* charset: labels as mail has them, labels that lie, bytes that are bad. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <cmocka.h>

#include <iconv.h>
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

static struct slice
encoded(const char *charset, const char *text)
{
	char *in = (char *)(uintptr_t)text, *out = arena_alloc(arena, strlen(text) * 4 + 16),
	     *at = out;
	size_t left = strlen(text), room = left * 4 + 16;
	iconv_t cd = iconv_open(charset, "UTF-8");
	assert_true(cd != (iconv_t)-1);
	assert_true(iconv(cd, &in, &left, &at, &room) != (size_t)-1);
	iconv_close(cd);
	return slice_make(out, (size_t)(at - out));
}

/* What is in none of the encodings that its label names, or has none. */
static const struct {
	const char *charset, *text;
} unnamed[] = {
    {"KOI8-R", "Добрый день! Когда мы встретимся, чтобы обсудить устав?"},
    {"CP1251", "Добрый день! Когда мы встретимся, чтобы обсудить устав?"},
    {"CP866", "Добрый день! Когда мы встретимся, чтобы обсудить устав?"},
    {"ISO-8859-5", "Добрый день! Когда мы встретимся, чтобы обсудить устав?"},
    {"CP1251", "Subject of the text\n\nЯ согласен с предложением, но не с датой.\n\n-- "
	       "\nhttp://example.org/"},
    {"GB18030", "我们下个星期在北京开会，请大家把自己的意见写出来。这个问题很重要。"},
    {"BIG5", "我們下個星期在台北開會，請大家把自己的意見寫出來。這個問題很重要。"},
    {"SHIFT_JIS", "お世話になっております。来週の会議について、ご意見をお願いします。"},
    {"EUC-JP", "お世話になっております。来週の会議について、ご意見をお願いします。"},
    {"EUC-KR", "안녕하세요. 다음 주 회의에 대하여 여러분의 의견을 보내 주시기 바랍니다."},
    {"CP1253", "Καλημέρα σας, πότε θα γίνει η επόμενη συνάντηση της επιτροπής;"},
    {"CP1256", "السلام عليكم، متى يكون الاجتماع القادم للجنة وما هو جدول الأعمال؟"},
    {"CP1255", "שלום לכולם, מתי תתקיים הפגישה הבאה של הוועדה ומה סדר היום?"},
    /* Western letters are never so many. */
    {"CP1252", "Déjà vu: l’été dernier, où étiez-vous? À bientôt, Françoise"},
    {"CP1252", "Für Größe und Übermut: äußerst schöne Grüße"},
    {"CP1252", "Ação, coração, não, você"},
};

static void
guesses(void **state)
{
	static const char *const labels[] = {"",      "us-ascii", "iso-8859-1", "windows-1252",
					     "utf-8", "x-unknown"};
	(void)state;
	for (size_t i = 0; i < sizeof unnamed / sizeof *unnamed; i++)
		for (size_t k = 0; k < sizeof labels / sizeof *labels; k++) {
			struct slice in = encoded(unnamed[i].charset, unnamed[i].text);
			struct slice got = charset_to_utf8(arena, in, slice_str(labels[k]));
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
