/* shopctl order place: an operator's own checkout, by phone or for a test. */
#ifndef SHOPCTL_ORDER_PLACE_H
#define SHOPCTL_ORDER_PLACE_H

#include "base/field.h"

extern const struct shape order_place_args_shape;
enum err order_place_run(struct op *op, const void *args);

/* The row of order_commands. */
#define ORDER_PLACE_COMMAND                                                            \
	{                                                                              \
		"place", "reserve stock and open an order", &order_place_args_shape,   \
			order_place_run, CMD_MUTATES,                                  \
			"shopctl order place --line DOG-5KG:2 --email "                \
			"ada@example.com\n"                                            \
			"shopctl order place --line DOG-5KG:1 --line CAT-1KG:3 "       \
			"--email ada@example.com --expect 59.97EUR "                   \
			"--idempotency-key phone-88\n"                                 \
			"shopctl order place --line DOG-5KG:1 --email "                \
			"ada@example.com --pay manual",                                \
			"Prices are those of now, stock is taken from the open "       \
			"warehouses "                                                  \
			"in the order of their priority.  Placing with the same "      \
			"idempotency key again answers the first order."               \
	}

#endif
