/* Results of libpq into structs, and its errors into faults. */
#include "db/result.h"

#include <string.h>

/* SQLSTATE, by its longest prefix here, to our ending. */
static const struct {
	const char *prefix;
	enum err code;
	const char *rule; /* NULL: the constraint named by the error */
} states[] = {
	{ "SH404", E_NOT_FOUND, NULL },
	{ "SH409", E_REFUSED, NULL },
	{ "SH422", E_DATA, NULL },
	{ "SH403", E_DENIED, NULL },
	{ "SH400", E_USAGE, NULL },
	{ "SH503", E_BUSY, NULL },
	{ "23", E_REFUSED, NULL },
	{ "22", E_DATA, "value_is_valid" },
	{ "42501", E_DENIED, "role_may_call" },
	{ "40001", E_BUSY, "transaction_serialized" },
	{ "40P01", E_BUSY, "transaction_not_deadlocked" },
	{ "55P03", E_BUSY, "lock_in_time" },
	{ "57014", E_BUSY, "statement_in_time" },
	{ "25006", E_AWAY, "database_is_writable" },
	{ "0A000", E_BUSY, "statement_is_current" },
	{ "53", E_BUSY, "database_has_room" },
	{ "57P", E_AWAY, "database_is_up" },
	{ "08", E_AWAY, "database_is_up" },
};

static char *field_of(struct op *op, const PGresult *r, int code)
{
	const char *s = PQresultErrorField(r, code);

	return s ? op_strdup(op, s) : NULL;
}

enum err result_fault(struct op *op, const PGresult *r)
{
	const char *state = field_of(op, r, PG_DIAG_SQLSTATE);
	const char *rule = field_of(op, r, PG_DIAG_CONSTRAINT_NAME);
	const char *text = field_of(op, r, PG_DIAG_MESSAGE_PRIMARY);
	const char *hint = field_of(op, r, PG_DIAG_MESSAGE_HINT);
	enum err code = E_BROKEN;
	const char *known = "database_call_is_sound";
	size_t i;

	for (i = 0; state && i < sizeof states / sizeof *states; i++) {
		if (strncmp(state, states[i].prefix, strlen(states[i].prefix)) != 0)
			continue;
		code = states[i].code;
		known = states[i].rule ? states[i].rule
			: rule         ? rule
				       : "constraint_holds";
		break;
	}
	fail(op, code, known, "%s", text ? text : "the database gave no reason");
	if (hint && *hint)
		fail_hint(op, "%s", hint);
	if (!op->fault.sqlstate)
		op->fault.sqlstate = state;
	return code;
}

enum err connection_fault(struct op *op, const PGconn *conn)
{
	char *text = op_strdup(op, PQerrorMessage(conn));
	size_t n = strcspn(text, "\n");

	text[n] = 0;
	fail(op, E_AWAY, "database_is_up", "%s", *text ? text : "no connection");
	return fail_hint(op, "check PGHOST, PGDATABASE, PGUSER or database.conninfo; "
			     "then: shopctl config show");
}

enum err result_columns(
	struct op *op, const PGresult *r, const struct shape *s, int **columns)
{
	size_t i;

	*columns = op_alloc(op, (s->count + 1) * sizeof **columns);
	for (i = 0; i < s->count; i++) {
		(*columns)[i] = PQfnumber(r, s->fields[i].name);
		if ((*columns)[i] < 0)
			return fail(op, E_BROKEN, "api_has_column",
				"the api function returns no column \"%s\" for %s",
				s->fields[i].name, s->name);
	}
	return OK;
}

/* One element of an array literal; *p is behind it. */
static char *array_element(struct op *op, const char **p)
{
	char *text = op_alloc(op, strlen(*p) + 1), *to = text;
	bool quoted = **p == '"';

	*p += quoted;
	while (**p && (quoted ? **p != '"' : **p != ',' && **p != '}')) {
		*p += **p == '\\';
		*to++ = *(*p)++;
	}
	*p += quoted;
	return text;
}

/* A text[] literal, "{a,\"b c\"}", into texts. */
static void parse_array(struct op *op, const char *p, struct texts *out)
{
	size_t most = 1;
	const char *c;

	for (c = p; *c; c++)
		most += *c == ',';
	*out = (struct texts){ op_alloc(op, most * sizeof *out->v), 0 };
	for (p++; *p && *p != '}'; p += *p == ',')
		out->v[out->n++] = array_element(op, &p);
}

enum err result_row(struct op *op, const PGresult *r, int row, const struct shape *s,
	const int *columns, void *item)
{
	size_t i;

	memset(item, 0, s->size);
	for (i = 0; i < s->count; i++) {
		const struct field *f = &s->fields[i];
		const char *text = PQgetvalue(r, row, columns[i]);

		if (PQgetisnull(r, row, columns[i]))
			continue;
		if (f->type == FIELD_TEXTS)
			parse_array(
				op, text, (struct texts *)((char *)item + f->offset));
		else
			TRY(field_parse(op, f, item, text));
	}
	return OK;
}
