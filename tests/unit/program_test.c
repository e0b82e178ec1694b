/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#include "base/program.h"

/* What stands beside this program is found there, under its whole path. */
static void
test_beside(void **state)
{
	char path[PROGRAM_PATH_MAX], self[PATH_MAX] = "";
	(void)state;
	assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	assert_true(program_find(strrchr(self, '/') + 1, path));
	assert_string_equal(path, self);
}

/* What does not is looked for where it would be installed, whether it is there or not. */
static void
test_installed(void **state)
{
	char path[PROGRAM_PATH_MAX];
	(void)state;
	assert_false(program_find("plenary-no-such-program", path));
	assert_string_equal(path, PKGLIBEXECDIR "/plenary-no-such-program");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_beside),
	    cmocka_unit_test(test_installed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
