/* Price lists: what some customers pay instead of the shop's own price. */
#ifndef DOMAIN_PRICELIST_H
#define DOMAIN_PRICELIST_H

#include "domain/price.h"

/* Of a customer's lists the one with the lowest priority number is asked first. */
struct pricelist {
	const char *code, *name, *currency;
	int64_t priority;
	struct stamp valid_from, valid_until;
	int64_t prices, customers;
};
extern const struct shape pricelist_shape;

enum err pricelist_find(struct op *op, struct rows *out);

/* name may be NULL; E_REFUSED pricelist_code_is_unique when there is one. */
enum err pricelist_create(
	struct op *op, const struct pricelist *wanted, struct pricelist *out);

struct pricelist_price {
	const char *sku;
	struct money price, shop_price;
	struct stamp valid_from, valid_until;
};
extern const struct shape pricelist_price_shape;

/* What holds at a time; none is now. */
enum err pricelist_show(struct op *op, const char *code, struct stamp as_of,
	int64_t limit, struct rows *out);

/* amount is NULL to take it out, from's absence is now, until's for ever. */
struct pricelist_wish {
	const char *code, *sku, *amount;
	struct stamp from, until;
};
enum err pricelist_set(
	struct op *op, const struct pricelist_wish *w, struct price_change *out);

struct pricelist_customer {
	int64_t customer;
	const char *email, *name;
};
extern const struct shape pricelist_customer_shape;
enum err pricelist_customers(struct op *op, const char *code, struct rows *out);

/* Customers by number or address get the list, or lose it. */
enum err pricelist_assign(
	struct op *op, const char *code, struct texts whom, bool has, struct rows *out);

#endif
