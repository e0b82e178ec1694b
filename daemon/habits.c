/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * habits: see habits.h. Marks go only where nothing that a command needs can be lost: a pair around
 * a line, or what hangs at the end of a word.
 */
#include "daemon/habits.h"

#include <stddef.h>

#define DEVICE_LINE_MAX 120 /* bytes; a longer line is a person's */
#define COUNT(table) (sizeof(table) / sizeof *(table))

/* White space that is no ASCII: what editors of HTML put between and behind words. */
static const char *const spaces[] = {
    "\xc2\xa0",     /* no-break space */
    "\xe2\x80\x8b", /* zero width space */
    "\xe2\x80\x8c", "\xe2\x80\x8d", "\xe2\x80\x8e",
    "\xe2\x80\x8f", "\xe2\x81\xa0", /* word joiner */
    "\xef\xbb\xbf",                 /* byte order mark */
    "\xe3\x80\x80",                 /* ideographic space */
    "\xef\xbf\xbc",                 /* object replacement: where a picture was */
};

/* Marks at both sides of a line: the one before, the one behind. */
static const struct {
	const char *open, *close;
} pairs[] = {
    {"*", "*"},
    {"_", "_"},
    {"`", "`"},
    {"\"", "\""},
    {"'", "'"},
    {"\xe2\x80\x9c", "\xe2\x80\x9d"}, /* “ ” */
    {"\xe2\x80\x9e", "\xe2\x80\x9c"}, /* „ “ */
    {"\xe2\x80\x98", "\xe2\x80\x99"}, /* ‘ ’ */
    {"\xc2\xab", "\xc2\xbb"},         /* « » */
};

static const char *const bullets[] = {"- ", "* ", "+ ", "\xe2\x80\xa2", "\xc2\xb7 "};

/* Ends of a word; '?' and '!' too, since telephones offer them first. */
static const char *const ends[] = {
    ".", ",", ";", ":", "!", "?", "*", "_", "`", "\xe3\x80\x82", "\xef\xbc\x8c", "\xef\xbc\x81",
};

/* How such a line begins or ends: one of these, and a device or a program in it. ASCII in any case.
 */
static const char *const device_starts[] = {
    "sent from ",     "sent via ",        "sent with ",     "sent using ",     "get outlook for ",
    "get bluemail ",  "get the yahoo ",   "envoyé de ",     "envoyé depuis ",  "envoyé à partir",
    "envoyé avec ",   "obtenez ",         "télécharger ",   "von meinem ",     "von meiner ",
    "gesendet von ",  "gesendet mit ",    "gesendet über ", "holen sie sich ", "enviado desde ",
    "enviado con ",   "enviado do ",      "enviado de ",    "enviado pelo ",   "enviado via ",
    "obtener ",       "obter ",           "inviato da",     "ottieni ",        "verzonden vanaf ",
    "verzonden met ", "verstuurd vanaf ", "skickat från ",  "sendt fra ",      "lähetetty ",
    "wysłane z ",     "odesláno z ",      "elküldve ",      "trimis de pe ",   "dikirim dari ",
    "được gửi từ ",   "gửi từ ",          "Отправлено с ",  "Отправлено из ",  "Надіслано з ",
    "Изпратено от ",  "Στάλθηκε από ",    "从我的",         "從我的",          "发自我的",
    "發自我的",       "تم الإرسال من ",   "أُرسلت من ",      "أرسل من ",        "مرسل من ",
    "ارسال شده از ",  "נשלח מ",
};

static const char *const device_ends[] = {
    "gesendet", "gesendet.", "から送信", "에서 보냄", "gönderildi", "gönderildi.",
};

static const char *const devices[] = {
    "phone",   "ipad",      "tablet",      "mobil",      "android",  "samsung",   "galaxy",
    "huawei",  "xiaomi",    "pixel",       "handy",      "outlook",  "yahoo",     "mail",
    "proton",  "nokia",     "thunderbird", "blackberry", "móvil",    "móvel",     "celular",
    "telef",   "téléphone", "telefoon",    "portable",   "appareil", "dispositi", "unterwegs",
    "телефон", "смартфон",  "мобильн",     "κινητ",      "携帯",     "手机",      "手機",
    "휴대",    "هاتف",      "الهاتف",      "جوال",       "گوشی",     "נייד",      "טלפון",
};

/* Takes the white space off both ends. */
static struct slice
trim(struct slice s)
{
	for (size_t before = s.n + 1; s.n < before;) {
		before = s.n;
		s = slice_trim(s);
		for (size_t i = 0; i < COUNT(spaces); i++) {
			struct slice w = slice_str(spaces[i]);
			if (slice_starts(s, w))
				s = slice_from(s, w.n);
			if (slice_ends_ci(s, w))
				s.n -= w.n;
		}
	}
	return s;
}

struct slice
habits_bare_line(struct slice line)
{
	line = trim(line);
	for (size_t i = 0; i < COUNT(bullets); i++)
		if (slice_starts(line, slice_str(bullets[i]))) {
			line = trim(slice_from(line, slice_str(bullets[i]).n));
			break;
		}
	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct slice open = slice_str(pairs[i].open), close = slice_str(pairs[i].close);
		while (line.n > open.n + close.n && slice_starts(line, open) &&
		       slice_ends_ci(line, close))
			line = trim(slice_sub(line, open.n, line.n - open.n - close.n));
	}
	return line;
}

struct slice
habits_bare_word(struct slice word)
{
	while (word.n > 0 && slice_find_char(SLICE("*_`\"'"), word.p[0]) < 5)
		word = slice_from(word, 1);
	if (word.n > 0 && slice_find_char(SLICE("\"'"), word.p[word.n - 1]) < 2)
		word.n--;
	return habits_bare_end(word);
}

struct slice
habits_bare_end(struct slice word)
{
	for (size_t before = word.n + 1; word.n < before;) {
		before = word.n;
		for (size_t i = 0; i < COUNT(ends); i++)
			if (slice_ends_ci(word, slice_str(ends[i])))
				word.n -= slice_str(ends[i]).n;
	}
	return word;
}

static bool
has_one(struct slice line, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slice_find_ci(line, slice_str(words[i])) < line.n)
			return true;
	return false;
}

bool
habits_is_device_line(struct slice line)
{
	line = trim(line);
	if (line.n == 0 || line.n > DEVICE_LINE_MAX || !has_one(line, devices, COUNT(devices)))
		return false;
	for (size_t i = 0; i < COUNT(device_starts); i++)
		if (slice_starts_ci(line, slice_str(device_starts[i])))
			return true;
	for (size_t i = 0; i < COUNT(device_ends); i++)
		if (slice_ends_ci(line, slice_str(device_ends[i])))
			return true;
	return false;
}
