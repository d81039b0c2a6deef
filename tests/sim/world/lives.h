/* Who lives in the world: the provider, shoppers, an operator, workers, the door. */
#ifndef WORLD_LIVES_H
#define WORLD_LIVES_H

#include "base/op.h"

#include <stdint.h>

struct actor;

/* provider.c */
struct http_request;
struct http_answer;
void provider_open(void);
void provider_close(void);
void provider_pass(void); /* their timers, after time went by */
void provider_calm(void);
void provider_resend(void);
enum err provider_http(
	struct op *op, const struct http_request *r, struct http_answer *out);
bool provider_token(const struct http_request *r);
bool provider_deliver(void);
bool provider_quiet(void);
const char *provider_books(struct op *op);
void provider_effects(void);
void bank_live(struct actor *a);

/* The lives: shopper.c, operator.c, cashier.c, stockroom.c, worker.c, door.c */
void shopper_live(struct actor *a);
void operator_live(struct actor *a);
void cashier_live(struct actor *a);
void second_live(struct actor *a);
void stockroom_live(struct actor *a);
void worker_live(struct actor *a);
void ticker_live(struct actor *a);
void sender_live(struct actor *a);
enum err door_take(
	struct op *op, const struct http_request *r, struct http_answer *out);
void begin(struct op *op, const char *verb);
void end(struct op *op);
void order_known(int64_t id);
int64_t order_any(void);
void pki_make(const char *key_file, const char *certificate_file);

/* What somebody does now and then; done may be NULL. */
struct deed {
	enum fault_name when;
	enum err (*act)(struct op *op);
};
void deed_do(const struct deed *d, size_t n);
const char *card(void); /* how somebody pays at Stripe */
void shoppers_open(void);
void shoppers_close(void);
void shoppers_check(struct op *op);
void dead_retried(struct op *op);
void workers_count(void);
void worker_killed(const struct actor *a);

/* ask.c: what the world itself wants to know of the database, at no step's cost */
const char *queue_ready(void);

/* Something of a kind that world.sql knows, by luck: id 0 when there is none. */
struct picked {
	int64_t id, number;
	const char *name;
};
struct picked any_of(struct op *op, const char *kind);

#endif
