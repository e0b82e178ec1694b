/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What mail programs do to a command's line, and what is a person's own and must stay. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "daemon/habits.h"

static void
assert_slice(struct slice got, const char *want)
{
	if (!slice_is(got, want))
		fail_msg("'%.*s' instead of '%s'", SLICE_ARG(got), want);
}

static void
test_bare_line(void **state)
{
	static const struct {
		const char *line, *bare;
	} rows[] = {
	    {"subscribe", "subscribe"},
	    {"  subscribe\t", "subscribe"},
	    {"*subscribe*", "subscribe"},
	    {"**subscribe digest**", "subscribe digest"},
	    {"_help_", "help"},
	    {"\"set digest\"", "set digest"},
	    {"\xe2\x80\x9cset digest\xe2\x80\x9d", "set digest"},
	    {"\xc2\xab status \xc2\xbb", "status"},
	    {"- help", "help"},
	    {"\xe2\x80\xa2 help", "help"},
	    {"* help", "help"},
	    {"\xe2\x80\x8bhelp\xc2\xa0", "help"},
	    {"\xc2\xa0", ""},
	    {"", ""},
	    {"**", "**"},
	    {"search \"open lists\"", "search \"open lists\""},
	    {"*subscribe* digest", "*subscribe* digest"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_slice(habits_bare_line(slice_str(rows[i].line)), rows[i].bare);
}

static void
test_bare_word(void **state)
{
	(void)state;
	assert_slice(habits_bare_word(SLICE("*subscribe*")), "subscribe");
	assert_slice(habits_bare_word(SLICE("*subscribe*,")), "subscribe");
	assert_slice(habits_bare_word(SLICE("Help!!")), "Help");
	assert_slice(habits_bare_word(SLICE("\"help\"")), "help");
	assert_slice(habits_bare_word(SLICE("help\xe3\x80\x82")), "help");
	assert_slice(habits_bare_word(SLICE("***")), "");
	assert_slice(habits_bare_end(SLICE("2026-12-31.")), "2026-12-31");
	assert_slice(habits_bare_end(SLICE("<a.b@example.org>")), "<a.b@example.org>");
}

static void
test_device_lines(void **state)
{
	static const char *const machine[] = {
	    "Sent from my iPhone",
	    "sent from my mobile device",
	    "Sent from Yahoo Mail on Android",
	    "Sent via the Samsung Galaxy S21, an AT&T smartphone",
	    "Get Outlook for iOS<https://aka.ms/o0ukef>",
	    "Envoyé de mon iPhone",
	    "Envoyé depuis mon appareil mobile",
	    "Von meinem iPhone gesendet",
	    "Von meinem Samsung Galaxy Smartphone gesendet.",
	    "Diese Nachricht wurde von meinem Android-Mobiltelefon gesendet",
	    "Enviado desde mi iPhone",
	    "Enviado do meu telefone",
	    "Inviato da iPhone",
	    "Verzonden vanaf mijn iPhone",
	    "Отправлено с iPhone",
	    "iPhoneから送信",
	    "나의 iPhone에서 보냄",
	    "从我的iPhone发送",
	    "發自我的iPhone",
	    "تم الإرسال من الـ iPhone",
	    "iPhone'umdan gönderildi",
	};
	static const char *const person[] = {
	    "subscribe",
	    "get dgjxupmwozazkokaiecugvxukxovqjmt",
	    "get <mail.1@example.org> please, it is from a thread of years ago",
	    "Sent with too many attachments",
	    "Wurde schon zweimal gesendet",
	    "Von meinem Standpunkt aus gehört das nicht hierher",
	    "请不要重复发送",
	    "",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(machine) / sizeof(machine[0]); i++)
		if (!habits_is_device_line(slice_str(machine[i])))
			fail_msg("a person's: %s", machine[i]);
	for (size_t i = 0; i < sizeof(person) / sizeof(person[0]); i++)
		if (habits_is_device_line(slice_str(person[i])))
			fail_msg("a machine's: %s", person[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bare_line),
	    cmocka_unit_test(test_bare_word),
	    cmocka_unit_test(test_device_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
