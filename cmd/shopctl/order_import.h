/* shopctl order import: the past orders of another system. */
#ifndef SHOPCTL_ORDER_IMPORT_H
#define SHOPCTL_ORDER_IMPORT_H

#include "base/field.h"
#include "base/op.h"

extern const struct shape order_import_args;
extern const char order_import_words[];
enum err order_import(struct op *op, const void *args);

#endif
