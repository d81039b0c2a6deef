/* One table describes a struct: text in, text and JSON out, arrays to the database and
 * back. */
#include "test.h"

#include "base/field.h"
#include "base/utf8.h"
#include "db/db.h"

#include <string.h>

struct thing {
	bool on;
	int64_t id, n;
	double ratio;
	const char *name, *state;
	struct texts tags;
	struct money price;
	struct stamp at;
	struct json_text extra;
};

static const struct shape thing_shape = SHAPE(thing, FIELD(thing, on),
	FIELD(thing, id, .flags = FIELD_ID), FIELD(thing, n), FIELD(thing, ratio),
	FIELD(thing, name), FIELD(thing, state, .choices = "draft|active"),
	FIELD(thing, tags), FIELD(thing, price), FIELD(thing, at), FIELD(thing, extra));

static const char *json_of(struct op *op, const char *field, const char *text)
{
	const struct field *f = shape_find(&thing_shape, field);
	struct thing t = { 0 };

	fault_clear(op);
	if (text && field_parse(op, f, &t, text) != OK)
		return op->fault.rule;
	return field_json(op, f, &t);
}

TEST_NO_DB(every_type_prints_as_the_json_it_should_be)
{
	SAME("true", json_of(op, "on", "yes"));
	SAME("\"9007199254740993\"", json_of(op, "id", "9007199254740993"));
	SAME("-9223372036854775808", json_of(op, "n", "-9223372036854775808"));
	SAME("0.25", json_of(op, "ratio", "0.25"));
	SAME("\"a\\\"b\\\\\\u000a\"", json_of(op, "name", "a\"b\\\n"));
	SAME("[\"a\",\"b,c\"]",
		op_printf(op, "[%s,%s]", json_quote(op, "a"), json_quote(op, "b,c")));
	SAME("{\"minor\":5998,\"currency\":\"EUR\"}",
		json_of(op, "price", "(5998,EUR)"));
	SAME("\"2026-11-20T00:00:00Z\"", json_of(op, "at", "2026-11-20"));
	SAME("{\"a\":1}", json_of(op, "extra", "{\"a\":1}"));
}

TEST_NO_DB(what_is_absent_is_null)
{
	SAME("null", json_of(op, "name", NULL));
	SAME("null", json_of(op, "price", NULL));
	SAME("null", json_of(op, "at", NULL));
	SAME("null", json_of(op, "extra", NULL));
	SAME("[]", json_of(op, "tags", NULL));
}

TEST_NO_DB(a_value_of_the_wrong_kind_is_refused_by_name)
{
	SAME("value_is_boolean", json_of(op, "on", "maybe"));
	SAME("value_is_integer", json_of(op, "n", "9223372036854775808"));
	SAME("value_is_integer", json_of(op, "n", "12a"));
	SAME("value_is_integer", json_of(op, "n", ""));
	SAME("value_is_number", json_of(op, "ratio", "nan"));
	SAME("value_is_known", json_of(op, "state", "activ"));
	SAME("did you mean \"active\"? (draft|active)", op->fault.hint);
	SAME("money_is_exact", json_of(op, "price", "1.999EUR"));
}

TEST_NO_DB(invalid_bytes_never_reach_json)
{
	SAME("\"a\xef\xbf\xbd(\"", json_quote(op, "a\xc3("));
	SAME("\"\xe2\x82\xac\"", json_quote(op, "\xe2\x82\xac"));
	SAME(1, (int64_t)utf8_check("a\xc3(", 3));
	SAME(3, (int64_t)utf8_check("\xe2\x82\xac", 3));
	SAME(0, (int64_t)utf8_check("\xed\xa0\x80", 3)); /* a surrogate */
}

TEST(arrays_go_to_the_database_in_binary_and_come_back)
{
	static const char *const words[] = { "plain", "", "a,b", "q\"uote",
		"back\\slash", "{brace}", "NULL", " space " };
	const struct texts tags = { (const char **)(uintptr_t)words, 8 };
	struct thing t;

	GIVEN("CREATE FUNCTION api.echo(tags text[], ids bigint[], raw bytea) RETURNS "
	      "TABLE "
	      "(\"on\" boolean, id bigint, n bigint, ratio float8, name text, state "
	      "text, "
	      "tags text[], price amount, at timestamptz, extra jsonb) LANGUAGE sql AS "
	      "$$ "
	      "SELECT true, ids[2], length(raw)::bigint, 0.5::float8, encode(raw, "
	      "'hex'), "
	      "NULL::text, tags, ROW(-5, 'EUR')::amount, 'epoch'::timestamptz + '1 "
	      "us', "
	      "'[1]'::jsonb $$");
	CHECK(db_one(op, "echo", &thing_shape, &t, V(tags),
		      V(((struct ints){
			      (const int64_t[]){ 1, -9007199254740993 }, 2 })),
		      V(((struct bytes){ "\0\xff", 2 }))) == OK);
	SAME(8, (int64_t)t.tags.n);
	for (size_t i = 0; i < t.tags.n; i++)
		SAME(words[i], t.tags.v[i]);
	SAME(-9007199254740993, t.id);
	SAME("00ff", t.name);
	SAME((const char *)NULL, t.state);
	SAME(-5, t.price.minor);
	SAME("1970-01-01T00:00:00.000001Z", stamp_text(op, t.at));
	CHECK(t.on);
}

TEST(a_column_that_the_shape_wants_must_be_there)
{
	struct thing t;

	CHECK(db_one(op, "version", &thing_shape, &t) == E_BROKEN);
	SAME("api_has_column", op->fault.rule);
}
