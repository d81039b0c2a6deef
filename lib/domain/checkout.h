/*
 * Checkouts: price the lines, reserve the stock, open orders and payments -
 * for many requests in one transaction, each of them all or nothing.
 */
#ifndef DOMAIN_CHECKOUT_H
#define DOMAIN_CHECKOUT_H

#include "db/db.h"

struct checkout_line {
	const char *sku;
	int64_t qty;
};

/*
 * One request and its answer.  `op` is the request's own: the answer and its
 * fault live in its memory.  Whoever holds the checkout - the caller, then the
 * batcher until done() - is the only one to touch that op.
 */
struct checkout {
	struct op *op;
	/* asked */
	int64_t client_id;        /* api_client; 0 is the operator's own hand */
	const char *key;          /* Idempotency-Key, scoped to the client */
	struct bytes fingerprint; /* of the request, 32 bytes: checkout_fingerprint() */
	const char *cart;    /* VERSION/ID of the storefront's, ordered once; or NULL */
	int64_t customer_id; /* 0: a guest */
	const char *currency;   /* ISO 4217; prices are read in it */
	int64_t expected_total; /* minor units; CHECKOUT_ANY_TOTAL: not stated */
	const char *email, *name, *phone, *locale;
	const char *address; /* a JSON object, or NULL */
	const char *method;  /* of checkout_means(), or NULL: Stripe, in the browser */
	struct checkout_line *lines;
	size_t line_count;
	struct texts coupons; /* codes, in any case */
	const char *shipping; /* the method to send it by, or NULL */
	/* answered */
	enum err err;      /* OK, or what fault says; op->fault holds it */
	int64_t id;        /* of the order, which is also its payment's */
	const char *state; /* "pending" */
	struct money total;
	struct stamp expires_at;
	bool replayed; /* the key was used before, with this very request */
	/* the batcher's: done is called once, on another thread */
	void (*done)(struct checkout *c, void *ctx);
	void *ctx;
	struct checkout *next;
};

#define CHECKOUT_ANY_TOTAL   INT64_C(-1)
#define CHECKOUT_KEY_MAX     255
#define CHECKOUT_LINES_MAX   100
#define CHECKOUT_COUPONS_MAX 5
#define CHECKOUT_CODE_MAX    64
#define CHECKOUT_QTY_MAX     1000000

/*
 * Check what the database could only refuse for the whole batch, and merge
 * lines of one SKU.  E_DATA names what is wrong; call it before anything else.
 */
enum err checkout_check(struct checkout *c);

/*
 * How an order is to be paid, as checkout.method: by whom (NULL: the provider of a
 * saved method, else the shop's), captured how (NULL: as the shop does) and with which
 * saved method (NULL: the customer chooses).
 */
const char *checkout_means(
	struct op *op, const char *provider, const char *capture, const char *method);

/* Set the fingerprint from everything asked but the key (SHA-256). */
void checkout_fingerprint(struct checkout *c);

/* Reserved order numbers, shared by the threads of a process. */
struct checkout_ids;
struct checkout_ids *checkout_ids_new(void);
void checkout_ids_free(struct checkout_ids *ids);

/*
 * Place n checkouts, each placed, replayed or refused on its own: c->err and
 * c->op->fault say which.  OK when every one has its answer; a fault of op
 * (E_AWAY, E_BUSY) when the database gave none, and then each checkout without
 * an answer has that fault too.  Whether an E_AWAY order exists is unknown; asking
 * again with the same key finds out.  A lost connection is opened again.
 */
enum err checkout_place(
	struct op *op, struct checkout_ids *ids, struct checkout **batch, size_t n);

/*
 * The same by the exact path only: inside a transaction of the caller's, where a
 * refused batch could not be sent again.
 */
enum err checkout_place_exact(
	struct op *op, struct checkout_ids *ids, struct checkout **batch, size_t n);

/* A checkout as its client may see it later. */
struct checkout_view {
	int64_t id;
	const char *state;         /* of the order */
	const char *payment_state; /* new, open, processing, ... */
	const char *
		client_secret; /* for the storefront; NULL until the provider gave it */
	struct json_text next_action;
	struct money subtotal, discount, shipping, tax, total;
	struct json_text lines; /* [{sku, title, qty, unit_price, discount}] */
	struct stamp created_at, expires_at;
};
extern const struct shape checkout_view_shape;

/* E_NOT_FOUND too when the order is another client's. */
enum err checkout_get(
	struct op *op, int64_t client_id, int64_t id, struct checkout_view *out);

#endif
