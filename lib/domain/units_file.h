/* Units in a CSV file: sku and qty, and what one costs when it says so. */
#ifndef DOMAIN_UNITS_FILE_H
#define DOMAIN_UNITS_FILE_H

#include "base/field.h"
#include "base/op.h"

/*
 * The rows of a file ("-" is standard input) and the lines "SKU:N" as
 * [{"sku":"DOG-5KG","qty":2,"cost":1250,"currency":"EUR"}]; cost is what rows and lines
 * that name none cost, if it has a currency.  Neither is a null.  E_DATA names the line
 * of the file that cannot be read, and then nothing was read.
 */
enum err units_all(struct op *op, const char *file, struct texts lines,
	struct money cost, struct json_text *out);

#endif
