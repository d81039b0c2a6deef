/* The smallest things in PayPal's JSON: texts, references, money, times. */
#ifndef ADAPTERS_PAYPAL_READ_H
#define ADAPTERS_PAYPAL_READ_H

#include "adapters/paypal.h"
#include "base/json.h"
#include "base/money.h"

enum { TEXT_MAX = 255, URL_MAX = 2048, REF_MAX = 64, PARTS_MAX = 256 };

/* A text that is there and no longer than max, or NULL. */
const char *paypal_text(const struct json *object, const char *pointer, size_t max);

/* A text that may be part of a URL, or NULL. */
const char *paypal_ref(const struct json *object, const char *pointer);

/* Whether a member is that word. */
bool paypal_is(const struct json *object, const char *name, const char *word);

/* An amount with its currency; false when it is none. */
bool paypal_money(struct op *op, const struct json *amount, struct money *out);

/* The number of ours that a text begins with, or 0. */
int64_t paypal_our_id(const char *s);

/* A time; none when there is none. */
struct stamp paypal_time(struct op *op, const struct json *object, const char *at);

#endif
