/* The endpoints, and what the nouns do to each other. */
#ifndef SIM_NOUNS_H
#define SIM_NOUNS_H

#include "api.h"
#include "provider/hook.h"

enum behaviour {
	CARD_PAYS,
	CARD_DECLINES,
	CARD_ASKS,         /* 3-D Secure; off session a decline */
	CARD_LATE,         /* processing, then succeeded */
	CARD_LATE_FAILURE, /* processing, then back to requires_payment_method */
};
enum refund_fate { REFUND_AT_ONCE, REFUND_LATER, REFUND_FAILS_LATER };

/* A test payment method, https://docs.stripe.com/testing */
struct card {
	const char *token, *type, *brand, *last4;
	enum behaviour behaviour;
	const char *code, *decline_code, *message;
	enum refund_fate refund;
	bool disputed;
};

/* method.c */
struct thing *method_resolve(struct call *c, const char *id); /* NULL: refused */
cJSON *method_details(const struct thing *method);
int method_create(struct call *c), method_get(struct call *c);
int method_attach(struct call *c);
int customer_create(struct call *c), customer_get(struct call *c);

/* intent.c */
int intent_create(struct call *c), intent_get(struct call *c);
int intent_update(struct call *c), intent_list(struct call *c);
int intent_search(struct call *c), intent_cancel(struct call *c);
void intent_lapse(struct sim *s, const char *id);
struct thing *intent_of(struct call *c); /* of the path; NULL: refused with 404 */
int intent_state_refused(struct call *c, const struct thing *pi, const char *verb);

/* capture.c */
int intent_capture(struct call *c);
void capture_allow(struct sim *s, struct thing *pi, struct thing *charge);

/* confirm.c */
int intent_confirm(struct call *c);
int confirm_with(struct call *c, struct thing *pi, const char *method);
const char *intent_authenticate(struct sim *s, const char *id, bool success);

/* charge.c */
struct thing *charge_new(struct sim *s, struct thing *pi, const struct thing *method);
void charge_pay(
	struct sim *s, const struct call *c, struct thing *charge, bool capture);
void charge_capture(struct sim *s, struct thing *charge, int64_t amount, bool last);
int charge_get(struct call *c), charge_list(struct call *c);

/* txn.c */
struct thing *txn_new(struct sim *s, const char *type, const struct thing *source,
	int64_t amount, int64_t fee);
int64_t txn_fee(int64_t amount);
void txn_settle(struct sim *s); /* what is due becomes available */
int txn_get(struct call *c), txn_list(struct call *c), balance_get(struct call *c);

/* refund.c, dispute.c */
int refund_create(struct call *c), refund_get(struct call *c);
int refund_list(struct call *c), refund_update(struct call *c);
void refund_fail(struct sim *s, const char *id);
void dispute_at_once(struct sim *s, const char *charge);
void dispute_open(struct sim *s, const char *charge, bool inquiry, int64_t amount);
const char *dispute_move(struct sim *s, const char *id, const char *status);
int dispute_update(struct call *c), dispute_close(struct call *c);
int dispute_get(struct call *c), dispute_list(struct call *c);

/* payout.c */
struct thing *payout_make(
	struct sim *s, const char *currency, bool pending, bool automatic);
const char *payout_move(struct sim *s, const char *id, const char *status);
int payout_get(struct call *c), payout_list(struct call *c);

/* event.c: a snapshot now, delivered by hook.c; c is NULL when nobody asked */
void event_emit(
	struct sim *s, const struct call *c, const char *type, const cJSON *object);
int event_get(struct call *c), event_list(struct call *c);

#endif
