/* One row of a file as one row of the stage, and what each kind of cell may hold. */
#include "test.h"

#include "base/csv.h"
#include "domain/import_cell.h"
#include "domain/import_row.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void done(void *fd)
{
	close((int)(intptr_t)fd);
}

static const char *cell(struct op *op, import_parse *parse, const char *text)
{
	const struct import_cell c = { text, "EUR" };
	const char *out = NULL;

	if (parse(op, &c, &out) == OK)
		return out;
	out = op_strdup(op, op->fault.rule);
	fault_clear(op);
	return out;
}

TEST_NO_DB(amounts_become_minor_units_exactly)
{
	const struct import_cell yen = { "1200", "JPY" }, dinar = { "3.125", "KWD" };
	const struct import_cell none = { "1.00", NULL };
	const char *out;

	SAME("1999", cell(op, cell_money, "19.99"));
	SAME("1990", cell(op, cell_money, " 19.9 "));
	SAME("1990", cell(op, cell_money, "19,90"));
	SAME("5", cell(op, cell_money, "0.05"));
	SAME("500", cell(op, cell_money, "5"));
	SAME("9223372036854775807", cell(op, cell_money, "92233720368547758.07"));
	CHECK(cell_money(op, &yen, &out) == OK);
	SAME("1200", out);
	CHECK(cell_money(op, &dinar, &out) == OK);
	SAME("3125", out);
	CHECK(cell_money(op, &none, &out) == E_DATA);
}

TEST_NO_DB(amounts_that_could_be_two_things_are_neither)
{
	SAME("money_is_exact", cell(op, cell_money, "1,000"));
	SAME("money_is_exact", cell(op, cell_money, "1.000"));
	SAME("money_is_exact", cell(op, cell_money, "1,000.00"));
	SAME("money_is_exact", cell(op, cell_money, "19.999"));
	SAME("money_is_exact", cell(op, cell_money, "19.99 EUR"));
	SAME("money_is_exact", cell(op, cell_money, "1e3"));
	SAME("money_is_exact", cell(op, cell_money, "92233720368547758.08"));
	SAME("money_is_exact", cell(op, cell_money, ""));
	SAME("price_is_not_negative", cell(op, cell_money, "-0.01"));
}

TEST_NO_DB(grams_are_rounded_to_whole_ones)
{
	SAME("130", cell(op, cell_grams, "130.407806375"));
	SAME("131", cell(op, cell_grams, "130.5"));
	SAME("0", cell(op, cell_grams, "0.0"));
	SAME("7", cell(op, cell_grams, "7."));
	SAME("weight_is_in_grams", cell(op, cell_grams, "1.2.3"));
	SAME("weight_is_in_grams", cell(op, cell_grams, "-5"));
	SAME("weight_is_in_grams", cell(op, cell_grams, "1234567890123"));
	SAME("weight_is_in_grams", cell(op, cell_grams, ".5"));
}

TEST_NO_DB(tags_are_trimmed_and_stand_once)
{
	SAME("{\"b\",\"a c\"}", cell(op, cell_tags, " b, a c,, b ,"));
	SAME("{}", cell(op, cell_tags, " , "));
	SAME("{\"say \\\"hi\\\"\",\"a\\\\b\"}", cell(op, cell_tags, "say \"hi\",a\\b"));
}

TEST_NO_DB(words_and_counts_are_what_they_say)
{
	SAME("t", cell(op, cell_bool, "TRUE"));
	SAME("f", cell(op, cell_bool, " no"));
	SAME("value_is_boolean", cell(op, cell_bool, "2"));
	SAME("active", cell(op, cell_status, "Active"));
	SAME("product_status_is_known", cell(op, cell_status, "live"));
	SAME("draft", cell(op, cell_published, "false"));
	SAME("0", cell(op, cell_count, "-0"));
	SAME("stock_never_oversold", cell(op, cell_count, "-3"));
	SAME("value_is_integer", cell(op, cell_count, "3.0"));
	SAME("EUR", cell(op, cell_currency, "eur"));
	SAME("dog-food-5-kg", cell_slug(op, "Dog Food, 5 kg!"));
	SAME("zażółć", cell_slug(op, " zażółć "));
	SAME("", cell_slug(op, "--"));
}

/* The staged rows of a file, without the columns that are NULL. */
static const char *staged(struct op *op, const char *file)
{
	struct import_map *map = op_alloc(op, sizeof *map);
	struct import_state state = { .map = map, .currency = "EUR", .op = op };
	int fd = memfd_create("csv", 0);
	struct csv_reader *r;
	struct csv_row row;
	struct text out = { 0 };
	char *p;

	op_defer(op, done, (void *)(intptr_t)fd);
	CHECK(write(fd, file, strlen(file)) == (ssize_t)strlen(file));
	lseek(fd, 0, SEEK_SET);
	r = csv_reader_new(op, fd, "t.csv");
	op->quiet = true;
	CHECK(csv_next(op, r, &row) == OK &&
		import_recognise(op, &import_product, &row, map) == OK);
	while (csv_next(op, r, &row) == OK && row.n)
		import_row(op, &state, &row, &out);
	while ((p = strstr(out.s, "\t\\N")))
		memmove(p, p + 3, strlen(p + 3) + 1);
	return out.s;
}

TEST_NO_DB(a_row_carries_its_line_its_head_and_what_it_says)
{
	SAME("2\t2\tf\ta\tA-1\tA thing\tEUR\t100\n3\t2\tf\ta\tA-2\tEUR\t200\n"
	     "4\tf\tb\tB\tEUR\t300\n",
		staged(op,
			"handle,sku,title,price\na,A-1,A thing,1\na,A-2,,2\nb,B,,3\n"));
}

TEST_NO_DB(what_copy_would_misread_is_escaped)
{
	CHECK(strstr(staged(op, "handle,sku,title\na,a,\"a\tb\\N\nc\"\n"),
		"a\\tb\\\\N\\nc"));
}

TEST_NO_DB(a_sku_is_made_of_handle_and_options)
{
	CHECK(strstr(
		staged(op,
			"Handle,Title,Vendor,Option1 Name,Option1 Value,Option2 Name,"
			"Option2 Value\ntee,Tee,X,Size,Extra Large,Colour,Blue\n"),
		"\ttee\ttee-extra-large-blue\tTee\t"));
	CHECK(strstr(staged(op, "Handle,Title,Vendor,Option1 Name,Option1 Value\n"
				"mug,Mug,X,Title,Default Title\n"),
		"\tmug\tmug\tMug\tX\t{}\t{}\t"));
}

TEST_NO_DB(a_picture_has_no_variant)
{
	const char *rows =
		staged(op, "Handle,Title,Vendor,Image Src\nmug,Mug,X,u1\nmug,,,u2\n");

	CHECK(strstr(rows, "3\t2\tf\tmug\tu2\n"));
}

TEST_NO_DB(every_problem_of_a_row_is_staged_with_it)
{
	const char *rows = staged(op, "handle,title,price,on_hand\na,A,x,y\n");

	CHECK(strstr(rows, "money_is_exact") && strstr(rows, "value_is_integer"));
	CHECK(strstr(rows, "\"price\"") && strstr(rows, "\"on_hand\""));
}

TEST_NO_DB(the_header_says_whose_file_it_is)
{
	static const struct {
		const char *header, *dialect;
	} files[] = {
		{ "handle,sku,title,price,currency", "native" },
		{ "Handle,Title,Body (HTML),Vendor", "shopify" },
		{ "Title,URL handle,Description,Vendor,SKU,Price", "shopify" },
		{ "sku,on_hand,warehouse", "native" },
	};
	struct import_map *map = op_alloc(op, sizeof *map);
	size_t i;

	op->quiet = true;
	for (i = 0; i < sizeof files / sizeof *files; i++) {
		struct csv_cell cells[10];
		struct csv_row row = { .line = 1, .cells = cells };
		const char *p = files[i].header;

		while (*p) {
			size_t n = strcspn(p, ",");

			cells[row.n++] =
				(struct csv_cell){ op_strndup(op, p, n), n, 1 };
			p += n + (p[n] == ',');
		}
		memset(map, 0, sizeof *map);
		CHECK(import_recognise(op, &import_product, &row, map) == OK);
		SAME(files[i].dialect, map->dialect->name);
	}
}
