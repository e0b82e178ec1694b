/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * txt: see txt.h. Names are expanded by c-ares, which bounds their compression; all else is read
 * here, since c-ares gives no times to live and takes records of any name.
 */
#include "config.h"
#include "daemon/txt.h"

#include <ares.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define HEADER_SIZE 12
#define FIXED_SIZE 10 /* of a record behind its name: type, class, ttl, length */
#define RCODE_NXDOMAIN 3
#define TTL_MAX 0x7fffffff /* RFC 2181 8 */

enum { TYPE_CNAME = 5, TYPE_SOA = 6, TYPE_TXT = 16, CLASS_IN = 1 };

struct packet {
	const unsigned char *p;
	size_t n, at;
};

/* One record: at in the packet is behind it. */
struct record {
	bool ours; /* its name is the one that was asked for, or the alias's target */
	unsigned type, class;
	int64_t ttl;
	size_t data, length;
};

static unsigned
number16(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static int64_t
ttl_of(const unsigned char *p)
{
	int64_t ttl = (int64_t)number16(p) << 16 | number16(p + 2);
	return ttl > TTL_MAX ? 0 : ttl;
}

/* The name at `at`; *n: its bytes there. NULL if there is none. */
static char *
expand(const struct packet *k, size_t at, size_t *n)
{
	char *name = NULL;
	long length = 0;
	if (at >= k->n ||
	    ares_expand_name(k->p + at, k->p, (int)k->n, &name, &length) != ARES_SUCCESS)
		return NULL;
	*n = (size_t)length;
	return name;
}

/* Goes over a name: 1 it is the same as name, 0 it is another, -1 it can't be read. */
static int
take_name(struct packet *k, const char *name)
{
	size_t n;
	char *here = expand(k, k->at, &n);
	if (!here)
		return -1;
	int same = strcasecmp(here, name) == 0;
	ares_free_string(here);
	k->at += n;
	return same;
}

static bool
take_record(struct packet *k, const char *name, struct record *r)
{
	int same = take_name(k, name);
	if (same < 0 || k->n - k->at < FIXED_SIZE)
		return false;
	const unsigned char *p = k->p + k->at;
	r->ours = same;
	r->type = number16(p);
	r->class = number16(p + 2);
	r->ttl = ttl_of(p + 4);
	r->length = number16(p + 8);
	r->data = k->at + FIXED_SIZE;
	if (k->n - r->data < r->length)
		return false;
	k->at = r->data + r->length;
	return true;
}

/* The strings of a TXT record as one text. False if they overrun it, or are too long. */
static bool
join_strings(struct arena *a, const struct packet *k, const struct record *r, struct slice *text)
{
	char *out = arena_alloc(a, r->length);
	size_t n = 0, at = r->data, end = r->data + r->length;
	while (at < end) {
		size_t length = k->p[at++];
		if (length > end - at)
			return false;
		memcpy(out + n, k->p + at, length);
		n += length;
		at += length;
	}
	*text = slice_make(out, n);
	return n <= TXT_BYTES_MAX;
}

static void
keep_ttl(struct txt_answer *answer, int64_t ttl)
{
	if (answer->ttl == 0 || ttl < answer->ttl)
		answer->ttl = ttl;
}

/* The answer section. *name follows aliases, which stand before what they lead to (RFC 1034 4.3.2);
 * so no loop of them can be walked. */
static bool
read_answers(struct arena *a, struct packet *k, const char *name, unsigned count,
	     struct txt_answer *answer)
{
	struct record r;
	for (unsigned i = 0; i < count && i < TXT_RECORDS_MAX; i++) {
		size_t n;
		char *target;
		if (!take_record(k, name, &r))
			return false;
		if (!r.ours || r.class != CLASS_IN)
			continue;
		if (r.type == TYPE_CNAME && (target = expand(k, r.data, &n))) {
			name = arena_str(a, slice_str(target));
			ares_free_string(target);
			keep_ttl(answer, r.ttl);
		}
		if (r.type != TYPE_TXT || answer->n == TXT_TEXTS_MAX)
			continue;
		if (join_strings(a, k, &r, &answer->text[answer->n])) {
			answer->n++;
			keep_ttl(answer, r.ttl);
		}
	}
	return true;
}

/* How long a "no" is true: the SOA's time to live, or its last number (RFC 2308 5). */
static void
read_soa(struct packet *k, unsigned count, struct txt_answer *answer)
{
	struct record r;
	for (unsigned i = 0; i < count && i < TXT_RECORDS_MAX && take_record(k, "", &r); i++) {
		if (r.type != TYPE_SOA || r.class != CLASS_IN || r.length < 4)
			continue;
		int64_t minimum = ttl_of(k->p + r.data + r.length - 4);
		keep_ttl(answer, minimum < r.ttl ? minimum : r.ttl);
	}
}

static bool
read_question(struct packet *k, const char *name)
{
	if (take_name(k, name) != 1 || k->n - k->at < 4)
		return false;
	const unsigned char *p = k->p + k->at;
	k->at += 4;
	return number16(p) == TYPE_TXT && number16(p + 2) == CLASS_IN;
}

void
txt_read(struct arena *a, const char *name, struct slice packet, struct txt_answer *answer)
{
	struct packet k = {(const unsigned char *)packet.p, packet.n, HEADER_SIZE};
	memset(answer, 0, sizeof(*answer));
	answer->status = TXT_FAILED;
	answer->why = "the answer can't be read";
	if (packet.n < HEADER_SIZE || packet.n > 65535 || number16(k.p + 4) != 1 ||
	    !read_question(&k, name))
		return;
	unsigned rcode = k.p[3] & 0xf, answers = number16(k.p + 6);
	if ((rcode != 0 && rcode != RCODE_NXDOMAIN) || !read_answers(a, &k, name, answers, answer))
		return;
	answer->status = answer->n > 0 ? TXT_FOUND : TXT_NOTHING;
	answer->why = NULL;
	if (answer->n == 0 && answers <= TXT_RECORDS_MAX)
		read_soa(&k, number16(k.p + 8), answer);
}
