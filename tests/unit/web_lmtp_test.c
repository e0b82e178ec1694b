/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The talk with intake: a script of replies on one side, what was said on the other. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "web/lmtp.h"

static char dir[] = "/tmp/web-lmtp-XXXXXX";
static char path[64];
static struct conf_listen where = {.path = path};

/* Says the greeting, then one reply for each line it hears; after a reply of 354 it hears up to a
 * line with a dot. At the end of the script it hangs up. */
struct server {
	int fd;
	const char *const *replies;
	struct buf heard;
	pthread_t thread;
};

static void *
serve(void *arg)
{
	struct server *s = arg;
	int fd = accept(s->fd, NULL, NULL);
	FILE *f = fdopen(fd, "r+");
	char line[5000];

	assert_non_null(f);
	for (const char *const *r = s->replies; *r; r++) {
		bool data = strncmp(*r, "354", 3) == 0;

		fputs(*r, f);
		fflush(f);
		do {
			if (!fgets(line, sizeof line, f))
				break;
			buf_puts(&s->heard, line);
		} while (data && strcmp(line, ".\r\n") != 0);
	}
	fclose(f);
	return NULL;
}

static void
begin(struct server *s, const char *const *replies)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};

	strncpy(sun.sun_path, path, sizeof sun.sun_path - 1);
	unlink(path);
	*s = (struct server){.fd = socket(AF_UNIX, SOCK_STREAM, 0), .replies = replies};
	buf_init(&s->heard, 100000);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&sun, sizeof sun), 0);
	assert_int_equal(listen(s->fd, 1), 0);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void
end(struct server *s)
{
	pthread_join(s->thread, NULL);
	close(s->fd);
	buf_free(&s->heard);
}

#define HELLO "220 hi\r\n", "250-a\r\n250-PIPELINING\r\n250 b\r\n"

static void
test_asking(void **state)
{
	static const struct {
		const char *replies[8];
		enum lmtp_answer answer;
	} rows[] = {
	    {{HELLO, "250 ok\r\n", "250 ok\r\n", "250 ok\r\n", "221 bye\r\n"}, LMTP_YES},
	    {{HELLO, "250 ok\r\n", "550 5.1.1 no\r\n", "221 bye\r\n"}, LMTP_NO},
	    {{HELLO, "250 ok\r\n", "451 4.3.0 later\r\n", "221 bye\r\n"}, LMTP_TROUBLE},
	    {{HELLO, "552 no\r\n", "221 bye\r\n"}, LMTP_TROUBLE},
	    {{HELLO, "250 ok\r\n"}, LMTP_TROUBLE}, /* it hangs up */
	    {{"421 full\r\n"}, LMTP_TROUBLE},
	    {{"SSH-2.0\r\n"}, LMTP_TROUBLE},
	    {{"22\r\n"}, LMTP_TROUBLE},
	    {{"220 a\n", "250 b\n", "250 c\n", "250 d\n", "250 e\n", "221 f\n"}, LMTP_YES},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct server s;
		struct err e;

		begin(&s, rows[i].replies);
		assert_int_equal(lmtp_ask((struct lmtp_door){&where, false}, "x+y@example.org", &e),
				 rows[i].answer);
		if (rows[i].answer == LMTP_YES)
			assert_string_equal(buf_str(&s.heard),
					    "LHLO plenary-web\r\nMAIL FROM:<>\r\n"
					    "RCPT TO:<x+y@example.org>\r\nRSET\r\nQUIT\r\n");
		end(&s);
	}
}

static void
test_sending(void **state)
{
	const char *const replies[] = {
	    HELLO,           "250 ok\r\n",  "250 ok\r\n", "354 go on\r\n",
	    "250 taken\r\n", "221 bye\r\n", NULL};
	struct server s;
	struct err e;

	(void)state;
	begin(&s, replies);
	assert_int_equal(lmtp_send((struct lmtp_door){&where, true}, "f@example.org",
				   "t@example.org", SLICE("A: b\r\n\r\n.\r\n..c\r\nQUIT\r\n"), &e),
			 LMTP_YES);
	assert_string_equal(buf_str(&s.heard), "EHLO plenary-web\r\nMAIL FROM:<f@example.org>\r\n"
					       "RCPT TO:<t@example.org>\r\nDATA\r\n"
					       "A: b\r\n\r\n..\r\n...c\r\nQUIT\r\n.\r\nQUIT\r\n");
	end(&s);
}

static void
test_refused_after_data(void **state)
{
	const char *const replies[] = {
	    HELLO,         "250 ok\r\n", "250 ok\r\n", "354 go on\r\n", "452 4.3.1 full\r\n",
	    "221 bye\r\n", NULL};
	struct server s;
	struct err e;

	(void)state;
	begin(&s, replies);
	assert_int_equal(
	    lmtp_send((struct lmtp_door){&where, false}, "f", "t", SLICE("A: b\r\n"), &e),
	    LMTP_TROUBLE);
	assert_non_null(strstr(e.text, "452 4.3.1 full"));
	end(&s);
}

static void
test_endless_replies(void **state)
{
	char big[LMTP_LINE_MAX + 100], many[100 * 8 + 1] = "";
	const char *const long_line[] = {big, NULL}, *const many_lines[] = {many, NULL};
	struct server s;
	struct err e;

	(void)state;
	memset(big, '2', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	begin(&s, long_line);
	assert_int_equal(lmtp_ask((struct lmtp_door){&where, false}, "x", &e), LMTP_TROUBLE);
	end(&s);
	for (int i = 0; i < 100; i++)
		strncat(many, "220-a\r\n", 8);
	begin(&s, many_lines);
	assert_int_equal(lmtp_ask((struct lmtp_door){&where, false}, "x", &e), LMTP_TROUBLE);
	end(&s);
}

static void
test_nobody(void **state)
{
	struct err e;

	(void)state;
	unlink(path);
	assert_int_equal(lmtp_ask((struct lmtp_door){&where, false}, "x", &e), LMTP_TROUBLE);
	assert_int_equal(lmtp_ask((struct lmtp_door){NULL, false}, "x", &e), LMTP_TROUBLE);
}

static void
test_doors(void **state)
{
	const struct conf_listen lmtp = {.text = "l"}, smtp = {.text = "s"};
	struct conf conf = {.listen_lmtp = {&lmtp, 1}, .listen_smtp = {&smtp, 1}};

	(void)state;
	assert_ptr_equal(lmtp_door(&conf).where, &lmtp);
	conf.listen_lmtp.n = 0;
	assert_ptr_equal(lmtp_door(&conf).where, &smtp);
	assert_true(lmtp_door(&conf).smtp);
	conf.listen_smtp.n = 0;
	assert_null(lmtp_door(&conf).where);
}

static int
set_up(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof path, "%s/s", dir);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_asking),
	    cmocka_unit_test(test_sending),
	    cmocka_unit_test(test_refused_after_data),
	    cmocka_unit_test(test_endless_replies),
	    cmocka_unit_test(test_nobody),
	    cmocka_unit_test(test_doors),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
