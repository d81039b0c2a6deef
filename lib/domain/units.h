/* Units of lines as a person writes them: SKU:N, any number of times. */
#ifndef DOMAIN_UNITS_H
#define DOMAIN_UNITS_H

#include "base/field.h"
#include "base/op.h"

/* "DOG-5KG:2" as [{"sku":"DOG-5KG","qty":2}]; no lines at all are a null. */
enum err units_json(struct op *op, struct texts lines, struct json_text *out);

/* One of them, of none (SKU:0) to a million. */
enum err unit_parse(struct op *op, const char *text, const char **sku, int64_t *qty);

#endif
