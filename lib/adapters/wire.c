/* What calls to any provider share: a fair pace, a connection a thread. */
#include "adapters/wire.h"

#include "base/baton.h"
#include "base/clock.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum { WAIT_MAX_US = 2000000, SECOND = 1000000, RETRY_AFTER_MAX = 3600 };

static void nap(int64_t us)
{
	baton_lay_down();
	clock_sleep_us(us);
	baton_pick_up();
}

bool wire_admits(struct wire *w, int64_t rate)
{
	int64_t now = clock_ticks(), wait, burst;

	if (rate <= 0)
		return true;
	pthread_mutex_lock(&w->lock);
	burst = SECOND / 2;
	if (w->next < now - burst)
		w->next = now - burst;
	wait = w->next - now;
	if (wait <= WAIT_MAX_US)
		w->next += SECOND / rate * w->slowness / 256;
	pthread_mutex_unlock(&w->lock);
	if (wait > WAIT_MAX_US)
		return false;
	if (wait > 0)
		nap(wait);
	return true;
}

void wire_note(struct wire *w, int status)
{
	pthread_mutex_lock(&w->lock);
	if (status == 429 && w->slowness < 256 * 32)
		w->slowness *= 2;
	else if (status != 429 && w->slowness > 256)
		w->slowness -= (w->slowness - 256) / 16 + 1;
	pthread_mutex_unlock(&w->lock);
}

static pthread_key_t clients;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void close_client(void *client)
{
	http_client_close(client);
}

static void make_key(void)
{
	pthread_key_create(&clients, close_client);
}

struct http_client *wire_client(void)
{
	struct http_client *c;

	pthread_once(&once, make_key);
	c = pthread_getspecific(clients);
	if (!c) {
		c = http_client_open();
		pthread_setspecific(clients, c);
	}
	return c;
}

const char *wire_basic(struct op *op, const char *id, const char *secret)
{
	const char *both = op_printf(op, "%s:%s", id, secret);
	size_t n = strlen(both);
	char *out = op_alloc(op, 4 * (n / 3 + 1) + 1);

	EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)both, (int)n);
	return op_printf(op, "Basic %s", out);
}

int64_t wire_retry_after(const struct http_answer *answer)
{
	const char *after = http_header(answer, "Retry-After");
	int64_t s;

	if (!after || strspn(after, "0123456789") != strlen(after) || strlen(after) > 5)
		return 0;
	s = strtoll(after, NULL, 10);
	return s > RETRY_AFTER_MAX ? RETRY_AFTER_MAX : s;
}
