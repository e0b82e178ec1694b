/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plenary-remote against a relay that wants TLS: certificates that are good, for another name, and
 * from nobody known; and one that breaks off. The relay is a process of this test; its certificates
 * are made on the spot.
 */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "daemon/job.h"
#include "daemon/smtp.h"

#define WAIT_MS 20000

enum manner { GOOD, BREAKS_OFF };

struct identity {
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t crt;
	gnutls_datum_t pem;
};

static char dir[64];

/* Signed by itself, for the address 127.0.0.1. */
static void
make_identity(struct identity *id)
{
	static const unsigned char address[] = {127, 0, 0, 1};
	time_t now = time(NULL);
	assert_int_equal(gnutls_x509_privkey_init(&id->key), 0);
	assert_int_equal(
	    gnutls_x509_privkey_generate(id->key, GNUTLS_PK_ECDSA,
					 GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
	    0);
	assert_int_equal(gnutls_x509_crt_init(&id->crt), 0);
	gnutls_x509_crt_set_version(id->crt, 3);
	gnutls_x509_crt_set_serial(id->crt, "\001", 1);
	gnutls_x509_crt_set_activation_time(id->crt, now - 3600);
	gnutls_x509_crt_set_expiration_time(id->crt, now + 3600);
	gnutls_x509_crt_set_dn(id->crt, "CN=relay", NULL);
	gnutls_x509_crt_set_key(id->crt, id->key);
	gnutls_x509_crt_set_basic_constraints(id->crt, 1, -1);
	gnutls_x509_crt_set_subject_alt_name(id->crt, GNUTLS_SAN_IPADDRESS, address, 4, 0);
	assert_int_equal(gnutls_x509_crt_sign2(id->crt, id->crt, id->key, GNUTLS_DIG_SHA256, 0), 0);
	assert_int_equal(gnutls_x509_crt_export2(id->crt, GNUTLS_X509_FMT_PEM, &id->pem), 0);
}

static void
free_identity(struct identity *id)
{
	gnutls_free(id->pem.data);
	gnutls_x509_crt_deinit(id->crt);
	gnutls_x509_privkey_deinit(id->key);
}

static const char *
authorities(const struct identity *id)
{
	static char name[80];
	snprintf(name, sizeof(name), "%s/authorities", dir);
	FILE *f = fopen(name, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(id->pem.data, 1, id->pem.size, f), id->pem.size);
	fclose(f);
	return name;
}

/* --- the relay -------------------------------------------------------------------------------- */

static void
plain_line(int fd, const char *begins)
{
	char line[200];
	size_t n = 0;
	while (n < sizeof(line) && read(fd, line + n, 1) == 1 && line[n++] != '\n')
		;
	if (n < strlen(begins) || memcmp(line, begins, strlen(begins)) != 0)
		_exit(3);
}

static void
plain_say(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		_exit(4);
}

/* After the handshake: answers each line by its verb; a message is anything up to its dot. */
static void
talk(gnutls_session_t tls)
{
	char in[8192];
	struct buf got;
	bool data = false;
	ssize_t n;
	buf_init(&got, 1 << 20);
	while ((n = gnutls_record_recv(tls, in, sizeof(in))) > 0) {
		struct slice rest, line;
		buf_put(&got, in, (size_t)n);
		rest = buf_slice(&got);
		while (slice_find_char(rest, '\n') < rest.n && slice_next_line(&rest, &line)) {
			const char *say = data ? "" : "250 ok\r\n";
			if (data && slice_is(line, ".")) {
				data = false;
				say = "250 taken\r\n";
			} else if (!data && slice_starts(line, SLICE("EHLO"))) {
				say = "250-relay\r\n250 PIPELINING\r\n";
			} else if (!data && slice_is(line, "DATA")) {
				data = true;
				say = "354 go\r\n";
			}
			if (*say)
				gnutls_record_send(tls, say, strlen(say));
		}
		buf_drop(&got, got.n - rest.n);
	}
	buf_free(&got);
}

static void
serve(int listener, const struct identity *id, enum manner manner)
{
	gnutls_certificate_credentials_t cred;
	gnutls_session_t tls;
	struct identity copy = *id;
	int fd = accept(listener, NULL, NULL);
	plain_say(fd, "220 relay\r\n");
	plain_line(fd, "EHLO us.example");
	plain_say(fd, "250-relay\r\n250 STARTTLS\r\n");
	plain_line(fd, "STARTTLS");
	plain_say(fd, "220 go\r\n");
	if (manner == BREAKS_OFF)
		_exit(0);
	gnutls_certificate_allocate_credentials(&cred);
	gnutls_certificate_set_x509_key(cred, &copy.crt, 1, copy.key);
	gnutls_init(&tls, GNUTLS_SERVER);
	gnutls_set_default_priority(tls);
	gnutls_credentials_set(tls, GNUTLS_CRD_CERTIFICATE, cred);
	gnutls_transport_set_int(tls, fd);
	if (gnutls_handshake(tls) == 0)
		talk(tls);
	_exit(0);
}

static pid_t
start_relay(const struct identity *id, enum manner manner, int *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 &&
		    listen(fd, 1) == 0 && getsockname(fd, (struct sockaddr *)&a, &n) == 0);
	*port = ntohs(a.sin_port);
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(fd, id, manner);
	}
	close(fd);
	return pid;
}

/* --- the remote ------------------------------------------------------------------------------- */

static pid_t
start_remote(int *ipc, const char *trust, const char *relay)
{
	const char *top = getenv("top_builddir");
	char path[4096], number[16];
	int s[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s), 0);
	snprintf(path, sizeof(path), "%s/plenary-remote", top ? top : ".");
	snprintf(number, sizeof(number), "%d", s[1]);
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fcntl(s[1], F_SETFD, 0);
		execl(path, path, "-c", number, "-n", "us.example", "-t", trust, "-d", relay, NULL);
		_exit(127);
	}
	close(s[1]);
	*ipc = s[0];
	return pid;
}

/* Hands it one mail to one address and returns its word on it. */
static int
deliver(int ipc, char words[JOB_TEXT_MAX + 1])
{
	struct job_item mail = {.kind = JOB_MAIL, .id = 1};
	struct job_item job = {.kind = JOB_WORK, .id = 1, .nrcpt = 1}, got = {.what = -1};
	struct pollfd p = {.fd = ipc, .events = POLLIN};
	int fds[JOB_FDS_MAX], head = memfd_create("head", MFD_CLOEXEC);
	struct buf b;
	buf_init(&b, JOB_PACKET_MAX);
	job.rcpt[0] = (struct job_rcpt){5, SLICE("a@example.com")};
	job_put(&b, &mail);
	job_put(&b, &job);
	assert_int_equal(write(head, "Subject: x\n\nbody\n", 17), 17);
	assert_int_equal(job_send(ipc, buf_slice(&b), &head, 1, NULL), 1);
	close(head);
	assert_int_equal(poll(&p, 1, WAIT_MS), 1);
	assert_int_equal(job_receive(ipc, &b, fds), 1);
	struct slice rest = buf_slice(&b);
	assert_int_equal(job_next(&rest, &got), 1);
	assert_true(got.kind == JOB_RESULT && got.id == 5);
	snprintf(words, JOB_TEXT_MAX + 1, "%.*s", SLICE_ARG(got.text));
	buf_free(&b);
	return got.what;
}

static int
run(const struct identity *relay, const struct identity *trusted, const char *host,
    enum manner manner, char words[JOB_TEXT_MAX + 1])
{
	char address[64];
	int port, ipc, status;
	pid_t server = start_relay(relay, manner, &port);
	snprintf(address, sizeof(address), "smtp:%d:%s", port, host);
	pid_t remote = start_remote(&ipc, authorities(trusted), address);
	int what = deliver(ipc, words);
	close(ipc);
	assert_true(waitpid(remote, &status, 0) == remote && status == 0);
	assert_true(waitpid(server, &status, 0) == server && status == 0);
	return what;
}

static void
test_tls(void **state)
{
	struct identity a, b;
	char words[JOB_TEXT_MAX + 1];
	(void)state;
	make_identity(&a);
	make_identity(&b);
	assert_int_equal(run(&a, &a, "127.0.0.1", GOOD, words), SMTP_SENT);
	/* The name that counts is the configuration's, not the one it resolves to. */
	assert_int_equal(run(&a, &a, "localhost", GOOD, words), SMTP_TEMPORARY);
	assert_non_null(strstr(words, "not to be trusted"));
	assert_int_equal(run(&a, &b, "127.0.0.1", GOOD, words), SMTP_TEMPORARY);
	assert_non_null(strstr(words, "not to be trusted"));
	assert_int_equal(run(&a, &a, "127.0.0.1", BREAKS_OFF, words), SMTP_TEMPORARY);
	assert_non_null(strstr(words, "TLS"));
	free_identity(&a);
	free_identity(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_tls)};
	char command[80];
	snprintf(dir, sizeof(dir), "/tmp/remote-XXXXXX");
	if (!mkdtemp(dir))
		return 1;
	int ret = cmocka_run_group_tests_name("remote", tests, NULL, NULL);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command) == 0 ? ret : 1;
}
