/* Bars for people: a column of blocks beside the figures. */
#ifndef SHOPCTL_CHART_H
#define SHOPCTL_CHART_H

#include "base/field.h"
#include "base/op.h"

/*
 * A bar of `width` cells at most for value out of most, by eighths of a cell;
 * with '#' and '-' where the locale has no UTF-8.  Negative values have bars too.
 */
const char *chart_bar(struct op *op, int64_t value, int64_t most, int width);

/* Does LC_ALL, LC_CTYPE or LANG say UTF-8? */
bool chart_utf8(void);

/* The sales as a table with a bar of each period's net, scaled within its currency. */
enum err chart_sales(struct op *op, struct rows sales);

#endif
