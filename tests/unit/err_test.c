/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors: the kind stays, the text is one line and never longer than its room. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/err.h"

static void
kinds(void **state)
{
	struct err e = {0};

	(void)state;
	assert_int_equal(err_temporary(&e, "disk %d", 1), -1);
	assert_int_equal(e.kind, ERR_TEMPORARY);
	assert_string_equal(e.text, "disk 1");
	assert_int_equal(err_permanent(&e, "bad"), -1);
	assert_int_equal(e.kind, ERR_PERMANENT);
	assert_int_equal(err_prefix(&e, "%s:%d", "file", 3), -1);
	assert_string_equal(e.text, "file:3: bad");
	assert_int_equal(e.kind, ERR_PERMANENT);
	errno = ENOSPC;
	assert_int_equal(err_errno(&e, "write"), -1);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(e.kind, ERR_TEMPORARY);
	assert_string_equal(e.text, "write: No space left on device");
	assert_int_equal(err_permanent(&e, "again: %s", e.text), -1); /* its own text within */
	assert_string_equal(e.text, "again: write: No space left on device");
}

static void
no_one_asks(void **state)
{
	(void)state;
	assert_int_equal(err_temporary(NULL, "x"), -1);
	assert_int_equal(err_permanent(NULL, "x"), -1);
	assert_int_equal(err_errno(NULL, "x"), -1);
	assert_int_equal(err_prefix(NULL, "x"), -1);
}

static void
bounds(void **state)
{
	struct err e = {0};
	char longer[1000];

	(void)state;
	memset(longer, 'x', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	err_permanent(&e, "%s", longer);
	assert_int_equal(strlen(e.text), sizeof e.text - 1);
	err_prefix(&e, "p");
	assert_int_equal(strlen(e.text), sizeof e.text - 1);
	assert_memory_equal(e.text, "p: xxx", 6);
	err_errno(&e, "%s", longer);
	assert_int_equal(strlen(e.text), sizeof e.text - 1);
	err_permanent(&e, "a\r\nb\x1b");
	assert_string_equal(e.text, "a  b ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(kinds),
	    cmocka_unit_test(no_one_asks),
	    cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
