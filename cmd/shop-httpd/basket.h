/* The body of POST /v1/checkouts. */
#ifndef SHOP_HTTPD_BASKET_H
#define SHOP_HTTPD_BASKET_H

#include "base/json.h"
#include "domain/checkout.h"

/* Read it into the checkout; what is wrong with it is left in the reader. */
void basket_read(struct json_reader *r, const struct json *body, struct checkout *c);

/* The method that a member "shipping" chooses; NULL when there is none. */
const char *basket_shipping(struct json_reader *r, const struct json *body);

#endif
