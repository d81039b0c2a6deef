/*
 * A test reads as a sentence and needs no clean-up: what it does to the
 * database happens in one transaction that nobody ever commits.
 *
 *	TEST(the_last_unit_is_sold_once)
 *	{
 *		GIVEN(STOCK_ONE);
 *		CHECK(order_place(op, &mine, &o) == OK);
 *		REFUSED("stock_never_oversold", order_place(op, &yours, &o));
 *		SAME(1, stock_of(op, "DOG-5KG").reserved);
 *	}
 */
#ifndef TESTS_UNIT_TEST_H
#define TESTS_UNIT_TEST_H

#include "base/field.h"
#include "base/op.h"

#include <stdbool.h>
#include <stdint.h>

/* A test with a database; `op` is in scope, its search_path is the schema shop. */
#define TEST(name) TEST_REGISTER(name, true)

/* A test of code that needs no database; `op` is in scope. */
#define TEST_NO_DB(name) TEST_REGISTER(name, false)

/* State before the test, as SQL; may be several statements. */
#define GIVEN(sql) test_given(op, sql, __FILE__, __LINE__)

/* It holds; if not, the expression and the op's fault are printed. */
#define CHECK(expr) test_check(op, (expr), #expr, __FILE__, __LINE__)

/* Two values are the same: integers, or texts (NULL is a value too). */
#define SAME(wanted, got)                                                              \
	_Generic((wanted), char *: test_same_text, const char *: test_same_text,   \
		default: test_same_int)(wanted, got, #got, __FILE__, __LINE__)

/* The call fails with that rule.  Its fault and its effects are undone. */
#define REFUSED(rule, expr)                                                            \
	do {                                                                           \
		test_attempt(op);                                                      \
		test_refused(op, rule, (expr), #expr, __FILE__, __LINE__);             \
	} while (0)

/* One value of a query, as text, for what no verb of the product shows. */
#define ASK(sql) test_ask(op, sql, __FILE__, __LINE__)

/* What the macros stand on. */
struct test {
	const char *name;
	void (*run)(struct op *op);
	bool db;
};
void test_register(const struct test *test);
void test_given(struct op *op, const char *sql, const char *file, int line);
void test_check(struct op *op, bool ok, const char *expr, const char *file, int line);
void test_same_int(
	int64_t wanted, int64_t got, const char *expr, const char *file, int line);
void test_same_text(const char *wanted, const char *got, const char *expr,
	const char *file, int line);
void test_attempt(struct op *op);
void test_refused(struct op *op, const char *rule, enum err e, const char *expr,
	const char *file, int line);
const char *test_ask(struct op *op, const char *sql, const char *file, int line);

#define TEST_REGISTER(test_name, with_db)                                              \
	static void test_name(struct op *op);                                          \
	__attribute__((constructor)) static void register_##test_name(void)            \
	{                                                                              \
		static const struct test t = { #test_name, test_name, with_db };       \
		test_register(&t);                                                     \
	}                                                                              \
	static void test_name(struct op *op __attribute__((unused)))

#endif
