/* The verbs of visitors' events. */
#include "domain/event.h"

#include "base/cli.h"
#include "db/db.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 64 << 10, NAME_MAX_BYTES = 64, TEXT_MAX_BYTES = 200 };

struct event {
	const char *id, *type, *session, *sku, *query;
	struct stamp at;
	int64_t customer_id, order_id;
};

static const struct shape event_shape =
	SHAPE(event, FIELD(event, id, .flags = FIELD_REQUIRED),
		FIELD(event, type, .flags = FIELD_REQUIRED,
			.choices = "view|search|add_to_cart|begin_checkout|purchase"),
		FIELD(event, at, .flags = FIELD_REQUIRED),
		FIELD(event, session, .flags = FIELD_REQUIRED),
		FIELD(event, customer_id, .flags = FIELD_ID), FIELD(event, sku),
		FIELD(event, query), FIELD(event, order_id, .flags = FIELD_ID));

const struct shape event_result_shape = SHAPE(
	event_result, FIELD(event_result, accepted), FIELD(event_result, repeated));

static bool is_name(const char *s)
{
	size_t n = strlen(s), i;

	for (i = 0; i < n; i++)
		if (s[i] <= ' ' || s[i] > '~')
			return false;
	return n > 0 && n <= NAME_MAX_BYTES;
}

static void check_name(
	struct json_reader *r, const char *at, const char *member, const char *value)
{
	if (value && !is_name(value))
		json_fault(r, json_at(r->op, at, member), "event_name_is_plain",
			"has not 1 to %d visible ASCII characters", NAME_MAX_BYTES);
}

static void check_text(
	struct json_reader *r, const char *at, const char *member, const char *value)
{
	if (value && (!*value || strlen(value) > TEXT_MAX_BYTES))
		json_fault(r, json_at(r->op, at, member), "text_is_bounded",
			"has not 1 to %d bytes", TEXT_MAX_BYTES);
}

/* "30d" is a time on a command line, and none in an event. */
static void check_time(struct json_reader *r, const char *at, const struct json *object)
{
	const char *s = json_string(json_get(object, "at"));

	if (s && (strlen(s) < 20 || s[10] != 'T'))
		json_fault(r, json_at(r->op, at, "at"), "time_is_readable",
			"is no time like 2026-11-20T10:15:00.250Z");
}

static void check(struct json_reader *r, const char *at, const struct event *e)
{
	check_name(r, at, "id", e->id);
	check_name(r, at, "session", e->session);
	check_text(r, at, "sku", e->sku);
	check_text(r, at, "query", e->query);
	if (e->type && !strcmp(e->type, "add_to_cart") && !e->sku)
		json_fault(r, json_at(r->op, at, "sku"), "member_is_given",
			"is missing: what was added?");
	if (e->type && !strcmp(e->type, "search") && !e->query)
		json_fault(r, json_at(r->op, at, "query"), "member_is_given",
			"is missing: what was searched for?");
}

static void write_event(struct json_writer *w, const struct event *e)
{
	json_object(w, NULL);
	json_put(w, "id", e->id);
	json_put(w, "type", e->type);
	json_put_stamp(w, "at", e->at);
	json_put(w, "session", e->session);
	if (e->customer_id)
		json_put_id(w, "customer_id", e->customer_id);
	json_put(w, "sku", e->sku);
	json_put(w, "query", e->query);
	if (e->order_id)
		json_put_id(w, "order_id", e->order_id);
	json_close(w);
}

static void read_event(struct json_reader *r, const struct json *object, const char *at,
	struct json_writer *w)
{
	struct event e = { 0 };
	size_t faults = r->n;

	json_bind(r, object, at, &event_shape, &e, NULL);
	if (r->n == faults)
		check_time(r, at, object);
	if (r->n == faults)
		check(r, at, &e);
	if (r->n == faults)
		write_event(w, &e);
}

const char *events_read(struct json_reader *r, const struct json *array, const char *at)
{
	struct json_writer w = { .op = r->op };
	const struct json *i;
	size_t n = 0;

	json_array(&w, NULL);
	if (!json_is_array(array) || !json_count(array) ||
		json_count(array) > EVENTS_MAX)
		json_fault(r, at, "event_batch_is_bounded",
			"is no array of 1 to %d events", EVENTS_MAX);
	else
		for (i = json_first(array); i; i = json_next(i))
			read_event(r, i, json_at_index(r->op, at, n++), &w);
	json_close(&w);
	return w.text;
}

enum err event_ingest(
	struct op *op, int64_t client_id, const char *events, struct event_result *out)
{
	const struct json_text text = { events };

	return db_one(
		op, "event_ingest", &event_result_shape, out, V(client_id), V(text));
}

/* A file while it is read. */
struct reading {
	FILE *from;
	const char *name;
	char *line;
	size_t room;
	int64_t n; /* of the line, 1 is the first */
};

static void end_reading(void *ctx)
{
	struct reading *f = ctx;

	if (f->from != stdin)
		fclose(f->from);
	free(f->line);
}

static enum err open_file(struct op *op, const char *file, struct reading *f)
{
	f->name = strcmp(file, "-") ? file : "standard input";
	f->from = strcmp(file, "-") ? fopen(file, "re") : stdin;
	if (!f->from) {
		fail(op, E_NO_INPUT, "file_is_readable", "%s: %s", file,
			strerror(errno));
		return fail_hint(
			op, "give the path of a file, or - for standard input");
	}
	op_defer(op, end_reading, f);
	return OK;
}

/* What is wrong with a line, in the words of what is wrong with a request. */
static enum err bad_line(struct op *op, const struct reading *f)
{
	const char *rule = op->fault.rule, *text = op->fault.text;

	fault_clear(op);
	fail(op, E_DATA, rule, "%s, line %" PRId64 ": %s", f->name, f->n, text);
	return fail_hint(
		op, "nothing was kept: correct the line and send the file again");
}

static enum err read_line(
	struct op *op, struct reading *f, ssize_t n, struct json_writer *w)
{
	struct json_reader r = { .op = op };
	const struct json *node;

	if (n > LINE_MAX_BYTES) {
		fail(op, E_DATA, "event_line_is_bounded", "it is longer than %d bytes",
			LINE_MAX_BYTES);
		return bad_line(op, f);
	}
	if (json_parse(op, f->line, (size_t)n, &node) != OK)
		return bad_line(op, f);
	read_event(&r, node, "", w);
	return json_done(&r) == OK ? OK : bad_line(op, f);
}

/* The next lines, at most a call's worth; *n is 0 at the end of the file. */
static enum err batch(
	struct op *op, struct reading *f, size_t *n, struct event_result *out)
{
	struct json_writer w = { .op = op };
	struct event_result one = { 0 };
	ssize_t length;

	json_array(&w, NULL);
	for (*n = 0; *n < EVENTS_MAX; ++*n) {
		do {
			length = getline(&f->line, &f->room, f->from);
			f->n++;
		} while (length == 1 && *f->line == '\n');
		if (length < 0)
			break;
		TRY(read_line(op, f, length, &w));
	}
	if (ferror(f->from))
		return fail(op, E_NO_INPUT, "file_is_readable", "%s: %s", f->name,
			strerror(errno));
	json_close(&w);
	if (!*n)
		return OK;
	if (event_ingest(op, 0, w.text, &one) != OK)
		return op->fault.code == E_DATA ? bad_line(op, f) : op->fault.code;
	out->accepted += one.accepted;
	out->repeated += one.repeated;
	return OK;
}

/* Each batch in memory of its own, so that the file may be of any size. */
static enum err batches(struct op *op, struct reading *f, struct event_result *out)
{
	struct op scratch;
	size_t n = 1;
	enum err e = OK;

	while (e == OK && n > 0) {
		if (cli_interrupted())
			return fail(op, E_BUSY, "import_is_whole", "interrupted");
		op_open(&scratch, op->config, op->verb);
		scratch.db = op->db;
		scratch.actor = op->actor;
		scratch.timeout_ms = op->timeout_ms;
		e = batch(&scratch, f, &n, out);
		if (e != OK) {
			fail(op, e, op_strdup(op, scratch.fault.rule), "%s",
				scratch.fault.text);
			if (scratch.fault.hint)
				fail_hint(op, "%s", scratch.fault.hint);
		}
		op_close(&scratch);
	}
	return e;
}

enum err event_ingest_file(struct op *op, const char *file, struct event_result *out)
{
	struct reading *f = op_alloc(op, sizeof *f);

	*out = (struct event_result){ 0 };
	TRY(open_file(op, file, f));
	if (op->dry_run)
		return batches(op, f, out); /* in the transaction of the dry run */
	TRY(db_begin(op));
	return db_end(op, batches(op, f, out));
}
