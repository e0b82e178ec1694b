/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The expression is worked out anew for each number: they are some ten operators long, and a few
 * are needed a page. One function climbs the precedences of C's binary operators; brackets and ?:
 * call it again, no deeper than PLURAL_DEPTH_MAX. The catalogue is ours, not a sender's.
 */
#include "conf/plural.h"

#include <stdbool.h>

#include "base/num.h"

#define PLURAL_DEPTH_MAX 50
#define PLURAL_FORMS_MAX 10

const struct plural plural_germanic = {2, {"n != 1", 6}};

struct state {
	struct slice rest;
	uint64_t n;
	int depth;
	bool bad;
};

static const struct binary_operator {
	struct slice text;
	int precedence;
} operators[] = {
    /* Longer ones first. */
    {{"||", 2}, 1}, {{"&&", 2}, 2}, {{"==", 2}, 3}, {{"!=", 2}, 3}, {{"<=", 2}, 4},
    {{">=", 2}, 4}, {{"<", 1}, 4},  {{">", 1}, 4},  {{"+", 1}, 5},  {{"-", 1}, 5},
    {{"*", 1}, 6},  {{"/", 1}, 6},  {{"%", 1}, 6},
};

static uint64_t conditional(struct state *s);

static bool
take(struct state *s, struct slice text)
{
	s->rest = slice_trim(s->rest);
	if (!slice_starts(s->rest, text))
		return false;
	s->rest = slice_from(s->rest, text.n);
	return true;
}

static uint64_t
fail(struct state *s)
{
	s->bad = true;
	return 0;
}

static uint64_t
operand(struct state *s)
{
	size_t digits = 0;
	uint64_t v;
	int64_t number;

	if (take(s, SLICE("!")))
		return !operand(s);
	if (take(s, SLICE("n")))
		return s->n;
	if (take(s, SLICE("("))) {
		v = conditional(s);
		return take(s, SLICE(")")) ? v : fail(s);
	}
	while (digits < s->rest.n && s->rest.p[digits] >= '0' && s->rest.p[digits] <= '9')
		digits++;
	if (!num_parse(slice_sub(s->rest, 0, digits), 0, INT32_MAX, &number))
		return fail(s);
	s->rest = slice_from(s->rest, digits);
	return (uint64_t)number;
}

static uint64_t
apply(struct state *s, const struct binary_operator *op, uint64_t a, uint64_t b)
{
	char second = op->text.n > 1 ? op->text.p[1] : '\0';

	switch (op->text.p[0]) {
	case '|':
		return a || b;
	case '&':
		return a && b;
	case '=':
		return a == b;
	case '!':
		return a != b;
	case '<':
		return second ? a <= b : a < b;
	case '>':
		return second ? a >= b : a > b;
	case '+':
		return a + b;
	case '-':
		return a - b;
	case '*':
		return a * b;
	case '/':
		return b ? a / b : fail(s);
	default:
		return b ? a % b : fail(s);
	}
}

static const struct binary_operator *
next_operator(struct state *s, int least)
{
	s->rest = slice_trim(s->rest);
	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++)
		if (slice_starts(s->rest, operators[i].text))
			return operators[i].precedence >= least ? &operators[i] : NULL;
	return NULL;
}

static uint64_t
binary(struct state *s, int least)
{
	uint64_t v = operand(s);
	const struct binary_operator *op;

	while (!s->bad && (op = next_operator(s, least)) != NULL) {
		s->rest = slice_from(s->rest, op->text.n);
		v = apply(s, op, v, binary(s, op->precedence + 1));
	}
	return v;
}

static uint64_t
conditional(struct state *s)
{
	uint64_t v, yes, no;

	if (s->depth++ > PLURAL_DEPTH_MAX)
		return fail(s);
	v = binary(s, 1);
	if (take(s, SLICE("?"))) {
		yes = conditional(s);
		if (!take(s, SLICE(":")))
			return fail(s);
		no = conditional(s);
		v = v ? yes : no;
	}
	s->depth--;
	return v;
}

static uint64_t
evaluate(const struct plural *p, uint64_t n, bool *bad)
{
	struct state s = {.rest = p->expression, .n = n};
	uint64_t v = conditional(&s);

	*bad = s.bad || slice_trim(s.rest).n > 0 || v >= p->count;
	return v;
}

int
plural_parse(struct plural *p, struct slice line, struct err *e)
{
	struct slice count, rest, expression;
	bool bad;
	int64_t n;

	slice_cut(line, ';', &count, &rest);
	slice_cut(rest, ';', &expression, &rest);
	slice_cut(count, '=', &rest, &count);
	if (!num_parse(slice_trim(count), 1, PLURAL_FORMS_MAX, &n) ||
	    !slice_cut(expression, '=', &rest, &expression) ||
	    !slice_is(slice_trim(rest), "plural"))
		return err_permanent(e, "Plural-Forms is not as it should be");
	p->count = (size_t)n;
	p->expression = expression;
	/* Every rule of a living language turns on the last two digits, or on some million. */
	for (n = 0; n <= 1000; n++) {
		evaluate(p, (uint64_t)n, &bad);
		if (bad)
			return err_permanent(e, "Plural-Forms gives no form for %d", (int)n);
	}
	return 0;
}

size_t
plural_index(const struct plural *p, uint64_t n)
{
	bool bad;
	uint64_t v = evaluate(p, n, &bad);

	return bad ? p->count - 1 : (size_t)v;
}
