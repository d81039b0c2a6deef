/* Runs the tests of one file under cmocka; see test.h. */
#include "test.h"

#include "base/config.h"
#include "db/db.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct test tests[500];
static size_t count;
static struct config *config;
static struct op config_op;

struct answer {
	const char *answer;
};
static const struct shape answer_shape = SHAPE(answer, FIELD(answer, answer));

void test_register(const struct test *test)
{
	if (count == sizeof tests / sizeof *tests) {
		fprintf(stderr, "too many tests in one file\n");
		exit(70);
	}
	tests[count++] = *test;
}

static void print_fault(const struct op *op)
{
	const struct fault *f = &op->fault;

	if (f->code == OK)
		return;
	print_error("  %s: %s: %s\n", err_name(f->code), f->rule, f->text);
	if (f->hint)
		print_error("  hint: %s\n", f->hint);
	if (f->sqlstate)
		print_error("  sqlstate: %s\n", f->sqlstate);
}

/* Ends the test: cmocka jumps out of it, and the op is closed by teardown. */
static void broken(const struct op *op, const char *what, const char *file, int line)
{
	print_error("%s:%d: %s\n", file, line, what);
	if (op)
		print_fault(op);
	_fail(file, line);
}

void test_check(struct op *op, bool ok, const char *expr, const char *file, int line)
{
	if (!ok)
		broken(op, expr, file, line);
}

void test_given(struct op *op, const char *sql, const char *file, int line)
{
	if (!op->db)
		broken(op, "GIVEN in a test without a database", file, line);
	if (db_script(op, "given", sql) != OK)
		broken(op, "the given state could not be made", file, line);
}

void test_same_int(
	int64_t wanted, int64_t got, const char *expr, const char *file, int line)
{
	if (wanted == got)
		return;
	print_error("wanted %lld, got %lld\n", (long long)wanted, (long long)got);
	broken(NULL, expr, file, line);
}

void test_same_text(const char *wanted, const char *got, const char *expr,
	const char *file, int line)
{
	if (wanted == got || (wanted && got && strcmp(wanted, got) == 0))
		return;
	print_error("wanted \"%s\"\n   got \"%s\"\n", wanted ? wanted : "(null)",
		got ? got : "(null)");
	broken(NULL, expr, file, line);
}

/* A refusal aborts PostgreSQL's transaction; the savepoint keeps the test going. */
void test_attempt(struct op *op)
{
	fault_clear(op);
	if (op->db)
		test_given(op, "SAVEPOINT attempt", __FILE__, __LINE__);
}

void test_refused(struct op *op, const char *rule, enum err e, const char *expr,
	const char *file, int line)
{
	if (e == OK)
		broken(op, op_printf(op, "not refused: %s", expr), file, line);
	if (!op->fault.rule || strcmp(op->fault.rule, rule) != 0)
		broken(op, op_printf(op, "wanted %s from %s", rule, expr), file, line);
	fault_clear(op);
	if (op->db)
		test_given(op, "ROLLBACK TO attempt; RELEASE attempt", file, line);
}

const char *test_ask(struct op *op, const char *sql, const char *file, int line)
{
	struct answer a = { 0 };

	test_given(op,
		"CREATE OR REPLACE FUNCTION api.test_ask(q text)"
		" RETURNS TABLE (answer text) LANGUAGE plpgsql AS $$BEGIN RETURN QUERY"
		" EXECUTE 'SELECT t.x::text FROM (' || q || ') AS t(x)'; END$$",
		file, line);
	if (db_one(op, "test_ask", &answer_shape, &a, V(sql)) != OK)
		broken(op, sql, file, line);
	return a.answer;
}

static int begin(void **state)
{
	const struct test *test = *state;
	struct op *op = calloc(1, sizeof *op);

	op_open(op, config, test->name);
	op->actor = "test";
	*state = op;
	if (!test->db)
		return 0;
	if (db_open(op) == OK &&
		db_script(op, "begin",
			"BEGIN; SET LOCAL search_path = shop, pg_temp") == OK)
		return 0;
	print_error("no database to test with; scripts/test makes one\n");
	print_fault(op);
	return -1;
}

static int end(void **state)
{
	struct op *op = *state;

	if (op->db)
		db_close(op->db);
	op_close(op);
	free(op);
	return 0;
}

/* What only COMMIT would check is checked too, although nothing is committed. */
static void run(void **state)
{
	struct op *op = *state;
	const struct test *test = NULL;

	for (size_t i = 0; i < count; i++)
		if (strcmp(tests[i].name, op->verb) == 0)
			test = &tests[i];
	test->run(op);
	if (op->db && op->fault.code == OK)
		test_given(op, "SET CONSTRAINTS ALL IMMEDIATE", __FILE__, __LINE__);
}

static int close_config(void **state)
{
	(void)state;
	op_close(&config_op);
	return 0;
}

/* The tests see the built-in defaults, and no file of the machine they run on. */
int main(int argc, char **argv)
{
	struct CMUnitTest *list = calloc(count + 1, sizeof *list);
	int failed;

	op_open(&config_op, NULL, "test");
	if (config_load(&config_op, "/dev/null", &config) != OK) {
		print_fault(&config_op);
		return 78;
	}
	for (size_t i = 0; i < count; i++)
		list[i] = (struct CMUnitTest){ tests[i].name, run, begin, end,
			&tests[i] };
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	failed = _cmocka_run_group_tests(argv[0], list, count, NULL, close_config);
	free(list);
	return failed != 0;
}
