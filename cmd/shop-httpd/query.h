/* What stands behind the '?' of a request, into a struct by its shape. */
#ifndef SHOP_HTTPD_QUERY_H
#define SHOP_HTTPD_QUERY_H

#include "base/field.h"
#include "shop-httpd/request.h"

/*
 * Members by name: texts may be repeated, others may not, and a name that is no member
 * is refused.  Everything wrong is E_USAGE in the request's op: 400.
 */
enum err query_read(struct request *r, const struct shape *s, void *item);

/* "%2F" and, where plus says so, "+"; NULL when it is broken or holds a NUL or no
 * UTF-8. */
const char *percent_decode(struct op *op, const char *s, size_t n, bool plus);

#endif
