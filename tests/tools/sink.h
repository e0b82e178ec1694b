/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sink: what it counts, in a file that others map (option -k). */
#ifndef TESTS_TOOLS_SINK_H
#define TESTS_TOOLS_SINK_H

#include <stdint.h>

struct sink_counters {
	volatile int64_t connections, messages, recipients, bytes;
	volatile int64_t last_ns; /* CLOCK_MONOTONIC of the last message */
};

#endif
