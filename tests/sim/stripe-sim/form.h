/* application/x-www-form-urlencoded with brackets, as Stripe reads it. */
#ifndef SIM_FORM_H
#define SIM_FORM_H

#include "base/op.h"

#include <cjson/cJSON.h>

/*
 * "metadata[order_id]=7&expand[]=latest_charge" as an object of objects; every
 * leaf is a string.  Lives as long as the op.  E_DATA names what is wrong.
 */
enum err form_parse(struct op *op, const char *text, size_t n, cJSON **out);

/* The same pairs in one order, so that equal requests have equal texts. */
const char *form_canonical(struct op *op, const char *text, size_t n);

#endif
