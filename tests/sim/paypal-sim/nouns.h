/* PayPal's nouns, and what they do to each other. */
#ifndef SIM_NOUNS_H
#define SIM_NOUNS_H

#include "provider/api.h"
#include "provider/hook.h"

#include "base/money.h"

enum kind { ORDER = 1, CAPTURE, AUTHORIZATION, REFUND, DISPUTE, TXN };

extern const struct route paypal_routes[], paypal_controls[];

/*
 * What only we know of an object is its member "_": order (the id of the order that
 * a part belongs to), funding (how the buyer's money behaves).
 */
const char *secret_of(const struct thing *t, const char *name);
void secret_put(struct thing *t, const char *name, const char *value);

/* api.c: refusals, money, ids and links as PayPal writes them */
struct refusal {
	int status;
	const char *name, *issue, *words;
};
int refuse(struct call *c, const struct refusal *r);
#define REFUSE(c, http, ...)   refuse(c, &(struct refusal){ .status = http, __VA_ARGS__ })
#define UNPROCESSABLE(c, what) REFUSE(c, 422, .issue = what)
int absent(struct call *c);
bool read_money(struct op *op, const cJSON *amount, struct money *out);
cJSON *money_json(struct op *op, struct money m);
void new_ref(struct sim *s, char out[ID_MAX]);
void put_time(struct op *op, struct sim *s, cJSON *o, const char *name, int64_t in_s);
void put_link(struct op *op, struct sim *s, cJSON *o, const char *path, const char *rel,
	const char *method);
bool paypal_admit(struct call *c, const struct route *r);
int requests_get(struct call *c);

/* order.c */
int order_create(struct call *c), order_get(struct call *c);
int order_capture(struct call *c), order_authorize(struct call *c);
const char *order_approve(
	struct sim *s, struct op *op, struct thing *order, const char *funding);
cJSON *order_view(const struct sim *s, const struct thing *order);

/* part.c: captures, authorizations, refunds */
struct part {
	struct thing *order;
	struct money amount;
	const char *status;
	bool final;
};
struct thing *capture_new(struct call *c, const struct part *p);
struct thing *authorization_new(struct call *c, const struct part *p);
cJSON *part_view(const struct thing *part);
bool invoice_is_paid(const struct sim *s, const struct thing *order);
int authorization_get(struct call *c), authorization_capture(struct call *c);
int authorization_void(struct call *c), authorization_renew(struct call *c);
int capture_get(struct call *c), capture_refund(struct call *c);
int refund_get(struct call *c);
/* A pending capture or refund ends, as the bank says. */
const char *part_conclude(struct sim *s, struct op *op, const char *id, bool good);

/* dispute.c */
int dispute_get(struct call *c), dispute_list(struct call *c);
int dispute_evidence(struct call *c), dispute_accept(struct call *c);
const char *dispute_open(struct sim *s, struct op *op, const char *capture_id,
	const char *stage, const char *value);
/* outcome: a code of PayPal's, or "escalate" */
const char *dispute_move(
	struct sim *s, struct op *op, const char *id, const char *outcome);

/* report.c: a movement of the balance; id NULL: one of its own, of: what it refers to
 */
struct movement {
	const char *code, *id, *of, *invoice;
	struct money amount;
	int64_t fee;
};
void txn_add(struct sim *s, struct op *op, const struct movement *m);
int txn_list(struct call *c), balance_list(struct call *c);

/* event.c */
void event_emit(struct sim *s, struct op *op, const char *type, const char *kind,
	cJSON *resource);
void event_sign(struct op *op, const struct delivery *d, const struct target *to,
	const char **headers);
int certificate_get(struct call *c);

/* token.c */
int token_create(struct call *c);
bool token_is_good(const struct call *c);

#endif
