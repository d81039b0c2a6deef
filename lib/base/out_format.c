/* JSON, ndjson, CSV and TSV: written as rows come, in constant memory. */
#include "base/out_format.h"

#include <string.h>

static void nothing(struct op *op, struct out *out)
{
	(void)op;
	(void)out;
}

static void json_object(
	struct op *op, struct out *out, const void *item, const char *first)
{
	size_t i;

	fprintf(out->stream, "{%s", first);
	for (i = 0; i < out->count; i++)
		fprintf(out->stream, "%s%s:%s", i || *first ? "," : "",
			json_quote(op, out->columns[i]->name),
			field_json(op, out->columns[i], item));
	fputc('}', out->stream);
}

static const char *schema(struct op *op, const struct out *out)
{
	return op_printf(op, "\"schema\":\"shop.%s/1\"",
		out->options.schema ? out->options.schema : out->shape->name);
}

static void json_begin(struct op *op, struct out *out)
{
	if (!out->one)
		fprintf(out->stream, "{%s,\"items\":[", schema(op, out));
}

static void json_row(struct op *op, struct out *out, const void *item)
{
	if (!out->one)
		fputs(out->rows ? ",\n" : "\n", out->stream);
	json_object(op, out, item, out->one ? schema(op, out) : "");
}

static void json_end(struct op *op, struct out *out)
{
	(void)op;
	fputs(out->one ? "\n" : "\n],\"next_cursor\":null}\n", out->stream);
}

static void ndjson_row(struct op *op, struct out *out, const void *item)
{
	json_object(op, out, item, "");
	fputc('\n', out->stream);
}

/* Money is two cells: the decimal under its name, the code under NAME_currency. */
static void cells(struct op *op, struct out *out, const void *item,
	void (*put)(struct out *, const char *))
{
	size_t i;

	for (i = 0; i < out->count; i++) {
		const struct field *f = out->columns[i];
		const struct money *m = (const void *)((const char *)item + f->offset);

		if (i)
			fputc(out->writer->format[0] == 'c' ? ',' : '\t', out->stream);
		if (f->type != FIELD_MONEY) {
			put(out, field_text(op, f, item));
			continue;
		}
		put(out, *m->currency ? money_decimal(op, *m) : NULL);
		if (out->options.field || f->flags & FIELD_BARE)
			continue;
		fputc(out->writer->format[0] == 'c' ? ',' : '\t', out->stream);
		put(out, *m->currency ? m->currency : NULL);
	}
	fputc('\n', out->stream);
}

static void header(struct op *op, struct out *out)
{
	char comma = out->writer->format[0] == 'c' ? ',' : '\t';
	size_t i;

	(void)op;
	if (!out->header)
		return;
	for (i = 0; i < out->count; i++) {
		const char *name = out->columns[i]->name;

		if (i)
			fputc(comma, out->stream);
		fputs(name, out->stream);
		if (out->columns[i]->type == FIELD_MONEY &&
			!(out->columns[i]->flags & FIELD_BARE))
			fprintf(out->stream, "%c%s_currency", comma, name);
	}
	fputc('\n', out->stream);
}

static void quoted(struct out *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '"')
			fputc('"', out->stream);
		fputc(*s, out->stream);
	}
	fputc('"', out->stream);
}

/* A number below zero is no formula. */
static bool numeric(const char *s)
{
	return s[strspn(s + 1, "0123456789.") + 1] == '\0' && s[1];
}

/* RFC 4180; an empty text is "" so that it differs from a null. */
static void csv_put(struct out *out, const char *s)
{
	if (!s) {
		fputs(out->options.null ? out->options.null : "", out->stream);
		return;
	}
	if (out->safe && strchr("=+-@\t\r", *s) && *s && !numeric(s)) {
		fputs("\"'", out->stream);
		quoted(out, s);
		return;
	}
	if (*s && !strpbrk(s, ",\"\r\n") && *s != ' ' && s[strlen(s) - 1] != ' ') {
		fputs(s, out->stream);
		return;
	}
	fputc('"', out->stream);
	quoted(out, s);
}

/* As COPY's text format escapes. */
static void tsv_put(struct out *out, const char *s)
{
	static const char special[] = "\t\n\r\\", letters[] = "tnr\\";

	if (!s)
		s = out->options.null ? out->options.null : "";
	for (; *s; s++) {
		const char *at = strchr(special, *s);

		if (at)
			fprintf(out->stream, "\\%c", letters[at - special]);
		else
			fputc(*s, out->stream);
	}
}

static void csv_row(struct op *op, struct out *out, const void *item)
{
	cells(op, out, item, csv_put);
}

static void tsv_row(struct op *op, struct out *out, const void *item)
{
	cells(op, out, item, tsv_put);
}

static const struct out_writer json = { "json", false, json_begin, json_row, json_end };
static const struct out_writer ndjson = { "ndjson", false, nothing, ndjson_row,
	nothing };
static const struct out_writer csv = { "csv", false, header, csv_row, nothing };
static const struct out_writer tsv = { "tsv", true, header, tsv_row, nothing };

const struct out_writer *out_writer(const char *format)
{
	static const struct out_writer *const all[] = { &out_table, &json, &csv, &tsv,
		&ndjson, &out_xlsx };
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++)
		if (!strcmp(all[i]->format, format))
			return all[i];
	return NULL;
}
