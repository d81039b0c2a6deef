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
void provider_pass(void); /* its timers, after time went by */
void provider_calm(void);
void provider_resend(void);
enum err provider_http(
	struct op *op, const struct http_request *r, struct http_answer *out);
bool provider_deliver(void);
bool provider_quiet(void);
void provider_mischief(void);
const char *provider_books(struct op *op);
void provider_effects(void);
int provider_browser(struct op *op, const char *path, const char *form);
void provider_authenticate(struct op *op, const char *pi, bool success);

/* The lives: shopper.c, operator.c, worker.c, door.c */
void shopper_live(struct actor *a);
void operator_live(struct actor *a);
void worker_live(struct actor *a);
void ticker_live(struct actor *a);
void sender_live(struct actor *a);
enum err door_take(
	struct op *op, const struct http_request *r, struct http_answer *out);
void begin(struct op *op, const char *verb);
void end(struct op *op);
void order_known(int64_t id);
int64_t order_any(void);
void shoppers_open(void);
void shoppers_close(void);
void shoppers_check(struct op *op);
void dead_retried(struct op *op);
void workers_count(void);
void worker_killed(const struct actor *a);

/* ask.c: what the world itself wants to know of the database, at no step's cost */
const char *queue_ready(void);
int64_t order_paid(void);

#endif
