/* What the `import` of every noun is. */
#include "shopctl/import_file.h"

#include "base/out.h"
#include "domain/import.h"
#include "domain/import_kind.h"

const struct shape import_args = SHAPE(import,
	FIELD(import, file, "FILE", "a CSV file, or - for standard input",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(import, currency, "CODE",
		"of amounts that name none (default the shop's)"),
	FIELD(import, warehouse, "CODE", "of quantities that name none"),
	FIELD(import, rejects, "FILE", "write refused rows there, with what is wrong"),
	FIELD(import, map, "FILE", "what the file calls its columns"),
	FIELD(import, partial, NULL,
		"import the good rows even when others are refused"),
	FIELD(import, max_rejects, "N",
		"do so when at most N are refused (default none)"),
	FIELD(import, allow_delete, NULL, "archive what the file has not"),
	FIELD(import, allow_repeat, NULL,
		"import a file again that was imported before"));

enum err import_command(struct op *op, const char *kind, const void *args)
{
	const struct import_kind *k = import_kind_named(kind);
	struct import_result result = { 0 };
	enum err e = import_file(op, k, args, &result);

	if (result.state)
		TRY(out_one(op, k->result, &result));
	return e;
}
