/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * monitor: /healthz and /metrics, only at the listen-monitor door. Prometheus's text format: our
 * own counters, and what the other roles write into STATE/metrics/ROLE, a line "name value" each.
 */
#ifndef WEB_MONITOR_H
#define WEB_MONITOR_H

#include "web/request.h"

#define MONITOR_FILE_MAX ((size_t)64 << 10)
#define MONITOR_FILES_MAX 32

void monitor_health(struct web *web, struct web_request *rq, struct web_response *rs);
void monitor_metrics(struct web *web, struct web_request *rq, struct web_response *rs);

/* Appends those lines of text that are metrics; labels in {} may stand behind the name. */
void monitor_put_lines(struct buf *b, struct slice text);

#endif
