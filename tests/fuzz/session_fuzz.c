/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole session from hostile bytes. The first byte chooses LMTP or SMTP and what fails, the
 * second how the rest is cut: however it comes, replies and kept messages must be the same.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "tests/unit/sessions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Always the same keys, so that a corpus may hold tokens. */
static struct token_keys *
load_keys(void)
{
	static const char hex[] = "000102030405060708090a0b0c0d0e0f"
				  "101112131415161718191a1b1c1d1e1f\n";
	char path[] = "/tmp/session_fuzz.XXXXXX";
	int fd = mkstemp(path);
	struct token_keys *keys;
	struct err e;

	if (fd < 0 || write(fd, hex, sizeof hex - 1) != sizeof hex - 1 ||
	    token_keys_load(&keys, path, false, &e) < 0)
		fatal("cannot make a key file: %s", path);
	close(fd);
	unlink(path);
	return keys;
}

static void
run(struct sessions *t, uint8_t flags, struct slice in, size_t step)
{
	static struct token_keys *keys;

	if (!keys)
		keys = load_keys();
	sessions_begin(t, flags & 1 ? SESSION_SMTP : SESSION_LMTP, keys);
	t->begin = flags & 2 ? SESSION_FULL : SESSION_KEPT;
	t->commit = flags & 4 ? SESSION_FAILED : SESSION_KEPT;
	t->write = SESSION_FULL;
	t->write_fails_at = flags & 8 ? 20 : 0;
	for (size_t at = 0; at < in.n; at += step)
		sessions_feed(t, slice_sub(in, at, step));
	if (t->rest.n > SESSION_LINE_MAX + 1)
		fatal("%zu bytes were left", t->rest.n);
	sessions_end(t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sessions whole, cut;
	struct slice in;

	if (size < 3)
		return 0;
	in = slice_make((const char *)data + 2, size - 2);
	run(&whole, data[0], in, in.n);
	run(&cut, data[0], in, data[1] % 64 + 1u);
	if (!slice_eq(buf_slice(&whole.out), buf_slice(&cut.out)) ||
	    !slice_eq(buf_slice(&whole.kept), buf_slice(&cut.kept)))
		fatal("cut in pieces of %u it is another session", data[1] % 64 + 1u);
	sessions_free(&whole);
	sessions_free(&cut);
	return 0;
}
