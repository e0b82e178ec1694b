/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * send: a post as it goes out (INTERFACE section 6): the edited header, and rows for its
 * recipients.
 */
#ifndef DAEMON_SEND_H
#define DAEMON_SEND_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "daemon/rewrite.h"
#include "daemon/work.h"

/* The header of the copies of one list, complete but for each recipient's own lines; ends with the
 * empty line. body_at: where the body begins, in the spool entry or in the lightened file. */
int send_header(struct work *w, const struct conf_list *list, struct buf *head, int64_t *body_at,
		struct err *e) __attribute__((warn_unused_result));
/* Fields that every copy loses, of posts and inside digests (INTERFACE section 6; edit.h's form).
 */
#define SEND_DROPPED 10
extern const char *const send_dropped[SEND_DROPPED];
/* The fields that are the same for all mail of a list (RFC 2369, 2919), without line ends. How
 * many. */
#define SEND_FIELDS_MAX 16
size_t send_list_fields(struct arena *a, const struct conf *conf, const struct conf_list *l,
			struct slice out[SEND_FIELDS_MAX]);
/* The key that w's message has in the archive of a list. */
void send_key(struct work *w, const struct conf_list *list, char key[KEY_SIZE]);
/* What the list's settings change of w's post. */
struct rewrite_changes send_changes(struct work *w, const struct conf_list *list);
/* QUEUE_UTF8 and QUEUE_8BIT, as w's message needs them of a relay. */
int send_flags(const struct work *w);
/* Inside T1: the out row and delivery rows of w's post for list; links "out" if anyone gets it. *n:
 * how many get it. */
int send_post(struct work *w, const struct conf_list *list, const struct member *author, int64_t *n,
	      struct err *e) __attribute__((warn_unused_result));

/* One recipient's own header lines (List-Unsubscribe, List-Unsubscribe-Post) with CRLF ends, and
 * the return path. Made by deliver; here since it belongs to the rest. subscription 0: no leave
 * token. */
void send_personal(const struct conf *conf, const struct token_keys *keys, const char *list,
		   int64_t subscription, int64_t seq, int64_t now, struct buf *lines,
		   struct buf *return_path);
/* ADDRESS "LIST-FUNCTION+TOKEN@DOMAIN", or the site's form where that is longer than a local part
 * may be. */
char *send_token_address(struct arena *a, const struct conf *conf, const char *list,
			 const char *function, const char *token);

#endif
