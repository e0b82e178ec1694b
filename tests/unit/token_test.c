/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tokens: made and checked, told apart, and never twice two keys of one site. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/token.h"

static char dir[64], path[80];

static struct token_keys *
keys_of(const char *text)
{
	struct slice part = slice_str(text);
	struct token_keys *k;
	struct err e;

	assert_int_equal(file_put(AT_FDCWD, path, &part, 1, 0600, &e), 0);
	assert_int_equal(token_keys_load(&k, path, false, &e), 0);
	return k;
}

#define KEY_A "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
#define KEY_B "FFFEFDFCFBFAF9F8F7F6F5F4F3F2F1F0EFEEEDECEBEAE9E8E7E6E5E4E3E2E1E0\n"

static void
round_trip(void **state)
{
	struct token_keys *k = keys_of(KEY_A);
	uint64_t back;
	char t[TOKEN_SIZE], again[TOKEN_SIZE];

	(void)state;
	for (uint64_t payload = 0; payload <= TOKEN_PAYLOAD_MAX; payload = payload * 3 + 1) {
		token_make(k, "leave", "", payload, t);
		assert_int_equal(strlen(t), TOKEN_LENGTH);
		assert_true(token_check(k, "leave", "", slice_str(t), &back));
		assert_true(back == payload);
	}
	token_make(k, "leave", "", TOKEN_PAYLOAD_MAX, t);
	token_make(k, "leave", "", TOKEN_PAYLOAD_MAX, again);
	assert_string_equal(t, again);
	for (char *c = t; *c != '\0'; c++) {
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	}
	assert_true(token_check(k, "leave", "", slice_str(t), &back));
	token_keys_free(k);
}

/* Tokens that went out live for years: their shape must never change. */
static void
fixed_shape(void **state)
{
	struct token_keys *k = keys_of(KEY_A);
	char t[TOKEN_SIZE];

	(void)state;
	token_make(k, "leave", "dc-x", 0x0102030405, t);
	assert_string_equal(t, "4ath2x5tocb4ygybui3jbarccq");
	token_keys_free(k);
}

static void
told_apart(void **state)
{
	struct token_keys *k = keys_of(KEY_A), *other = keys_of(KEY_B);
	char t[TOKEN_SIZE], bent[TOKEN_SIZE];
	uint64_t back;

	(void)state;
	token_make(k, "leave", "dc", 77, t);
	assert_true(token_check(k, "leave", "dc", slice_str(t), &back));
	assert_false(token_check(k, "bounce", "dc", slice_str(t), &back));
	assert_false(token_check(k, "leave", "", slice_str(t), &back));
	assert_false(token_check(k, "leaved", "c", slice_str(t), &back));
	assert_false(token_check(other, "leave", "dc", slice_str(t), &back));
	assert_false(token_check(k, "leave", "dc", slice_make(t, TOKEN_LENGTH - 1), &back));
	assert_false(token_check(k, "leave", "dc", slice_make(t, TOKEN_SIZE), &back));
	assert_false(token_check(k, "leave", "dc", slice_make(NULL, 0), &back));
	for (size_t i = 0; i < TOKEN_LENGTH; i++) {
		memcpy(bent, t, sizeof bent);
		bent[i] = bent[i] == 'b' ? 'c' : 'b';
		assert_false(token_check(k, "leave", "dc", slice_str(bent), &back));
	}
	token_keys_free(k);
	token_keys_free(other);
}

static void
rotation(void **state)
{
	struct token_keys *old = keys_of(KEY_A), *both = keys_of(KEY_B "\n" KEY_A);
	char t[TOKEN_SIZE];
	uint64_t back;

	(void)state;
	token_make(old, "ticket", "", 5, t);
	assert_true(token_check(both, "ticket", "", slice_str(t), &back));
	assert_true(back == 5);
	token_make(both, "ticket", "", 5, t);
	assert_false(token_check(old, "ticket", "", slice_str(t), &back));
	token_keys_free(old);
	token_keys_free(both);
}

static void
bad_files(void **state)
{
	static const char *const bad[] = {"", "\n\n", "abc\n", "x" KEY_A,
					  "g00102030405060708090a0b0c0d0e0f10111213141516171819"
					  "1a1b1c1d1e1f\n"};
	struct token_keys *k;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct slice part = slice_str(bad[i]);

		assert_int_equal(file_put(AT_FDCWD, path, &part, 1, 0600, &e), 0);
		assert_int_equal(token_keys_load(&k, path, true, &e), -1);
		assert_int_equal(e.kind, ERR_PERMANENT);
		assert_null(k);
	}
	unlink(path);
	assert_int_equal(token_keys_load(&k, path, false, &e), -1);
	assert_int_equal(access(path, F_OK), -1);
	token_keys_free(NULL);
}

/* Roles that start at once must all come to the same key. */
static void
made_once(void **state)
{
	char token[8][TOKEN_SIZE];
	int pipes[2], status;
	struct stat st;

	(void)state;
	unlink(path);
	assert_int_equal(pipe(pipes), 0);
	for (int i = 0; i < 8; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			struct token_keys *k;
			char t[TOKEN_SIZE];

			if (token_keys_load(&k, path, true, NULL) < 0)
				_exit(1);
			token_make(k, "leave", "", 1, t);
			token_keys_free(k);
			_exit(write(pipes[1], t, sizeof t) != sizeof t);
		}
	}
	for (int i = 0; i < 8; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
		assert_int_equal(read(pipes[0], token[i], TOKEN_SIZE), TOKEN_SIZE);
		assert_string_equal(token[i], token[0]);
	}
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_nlink, 1);
	assert_int_equal(st.st_size, 65);
	close(pipes[0]);
	close(pipes[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(round_trip), cmocka_unit_test(fixed_shape),
	    cmocka_unit_test(told_apart), cmocka_unit_test(rotation),
	    cmocka_unit_test(bad_files),  cmocka_unit_test(made_once),
	};
	const char *tmp = getenv("TMPDIR");
	int ret;

	snprintf(dir, sizeof dir, "%.40s/token-XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/key", dir);
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	return file_remove_tree(AT_FDCWD, dir, NULL) < 0 ? 1 : ret;
}
