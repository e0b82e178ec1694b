/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "mail/charset_guess.h"

#include <stdint.h>

#include "base/utf8.h"

#define SAMPLE 4096 /* bytes that are read in each way */
#define HIGH_SHARE                                                                                 \
	2 /* one letter in so many of a line must be beyond ASCII: in Western text fewer are */
#define LETTERS_MIN 4 /* beyond ASCII; less tells nothing */
#define BAD_SHARE 50  /* at most one unreadable sign in so many */
#define ENOUGH 50     /* percent of what is usual */

/* The commonest letters of what is written in an encoding, and the percentage of letters beyond
 * ASCII that they are in real text. Where two encodings differ by case only (KOI8-R and
 * windows-1251), small letters tell. */
static const struct language {
	const char *label, *letters;
	unsigned usual;
} languages[] = {
    {"windows-1251", "оеаинтсрвлкмдпуяыь", 80},
    {"koi8-r", "оеаинтсрвлкмдпуяыь", 80},
    {"cp866", "оеаинтсрвлкмдпуяыь", 80},
    {"iso-8859-5", "оеаинтсрвлкмдпуяыь", 80},
    {"gb18030",
     "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对"
     "可"
     "她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面，。",
     35},
    {"big5",
     "的一是不了在人有我他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學對"
     "可"
     "她裡後小麼心多天而能好都然沒日於起還發成事只作當想看文無開手十用主行方又如前所本見經頭面，。",
     35},
    {"shift_jis",
     "あいうえおかがきくけこごさしすそただちっつてでとどなにのはばへまみめもやよらりるれろわをんー"
     "、。"
     "アイスタトドラリルレンッジプ",
     40},
    {"euc-jp",
     "あいうえおかがきくけこごさしすそただちっつてでとどなにのはばへまみめもやよらりるれろわをんー"
     "、。"
     "アイスタトドラリルレンッジプ",
     40},
    {"euc-kr", "이다는을를의에가하고지기로한사은도서리자어시나인아들해그대니라수있것보요게만일",
     45},
    {"windows-1253", "αοιετσνηρκπυμλςάόίέή", 75},
    {"windows-1256", "اليمنوترةبدعسفهك", 75},
    {"windows-1255", "יוהלאמרתבשנדע", 70},
    {"windows-874", "านรอกเงมยลวดท่สตะปบค้ัีิ", 65},
};

/* UTF-8 finds itself: no letter's bytes begin inside of another's. */
static bool
is_common(struct slice letter, struct slice letters)
{
	return slice_find(letters, letter) < letters.n;
}

/* Percent of what is usual that the text has of a language's letters; 0 if it can't be in it. */
static unsigned
score(struct slice text, const struct language *l)
{
	const struct slice usual = slice_str(l->letters);
	size_t letters = 0, common = 0, bad = 0;
	struct slice at = text;
	uint32_t cp;

	for (; utf8_next(&text, &cp); at = text) {
		if (cp < 0xa0) {
			bad += cp >= 0x7f || (cp < ' ' && cp != '\n' && cp != '\r' && cp != '\t');
			continue;
		}
		letters++;
		bad += cp == 0xfffd || (cp >= 0xe000 && cp < 0xf900);
		common += is_common(slice_sub(at, 0, at.n - text.n), usual);
	}
	if (letters == 0 || bad * BAD_SHARE > letters)
		return 0;
	return (unsigned)(common * 10000 / letters / l->usual);
}

struct count {
	size_t high, ascii;
};

static struct count
count_letters(struct slice s)
{
	struct count n = {0, 0};

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		n.high += c >= 0x80;
		n.ascii += (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
	}
	return n;
}

/*
 * The lines of which so many letters are beyond ASCII that no Western language is it; headers and
 * links tell nothing. False if they are not most of such letters: then it is a Western text that
 * has a line of two accents.
 */
static bool
take_sample(struct buf *b, struct slice s)
{
	size_t taken = 0, all = 0;
	struct slice line;

	while (b->n < SAMPLE && slice_next_line(&s, &line)) {
		struct count n;

		line = slice_sub(line, 0, SAMPLE);
		n = count_letters(line);
		all += n.high;
		if (n.high * HIGH_SHARE <= n.high + n.ascii || n.high == 0)
			continue;
		taken += n.high;
		buf_put_slice(b, line);
		buf_putc(b, '\n');
	}
	return taken >= LETTERS_MIN && taken * 2 > all;
}

const struct charset *
charset_guess(struct slice s, charset_reader *read)
{
	const struct charset *best = NULL;
	unsigned most = ENOUGH;
	struct buf sample, text;

	buf_init(&sample, BUF_NO_LIMIT);
	buf_init(&text, BUF_NO_LIMIT);
	if (!take_sample(&sample, s))
		goto out;
	for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
		const struct charset *c = charset_find(slice_str(languages[i].label));
		unsigned n;

		buf_clear(&text);
		if (!c || !read(&text, buf_slice(&sample), c))
			continue;
		n = score(buf_slice(&text), &languages[i]);
		if (n > most) {
			most = n;
			best = c;
		}
	}
out:
	buf_free(&sample);
	buf_free(&text);
	return best;
}
