/* The HTTP client of the adapters, over libcurl. */
#include "base/http.h"

#include "base/baton.h"
#include "base/clock.h"
#include "base/world.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { BODY_MAX = 1 << 20, HEADERS_MAX = 64, HEADER_MAX = 8192 };

struct http_client {
	CURL *curl;
	char error[CURL_ERROR_SIZE];
};

/* An answer on its way in. */
struct incoming {
	struct op *op;
	char *body;
	size_t n, room, most;
	struct http_header *headers;
	size_t n_headers;
	bool too_big;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start_curl(void)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		_exit(err_exit(E_BROKEN));
}

struct http_client *http_client_open(void)
{
	struct http_client *c = calloc(1, sizeof *c);

	pthread_once(&once, start_curl);
	if (!c || !(c->curl = curl_easy_init()))
		_exit(err_exit(E_BROKEN));
	return c;
}

void http_client_close(struct http_client *client)
{
	if (!client)
		return;
	curl_easy_cleanup(client->curl);
	free(client);
}

/* Returning less than was given makes libcurl give up with CURLE_WRITE_ERROR. */
static size_t take_body(char *data, size_t one, size_t n, void *to)
{
	struct incoming *in = to;

	if (n > in->most - in->n) {
		in->too_big = true;
		return one - 1;
	}
	if (in->n + n + 1 > in->room) {
		size_t room = (in->n + n + 1) * 2;

		in->body = op_grow(in->op, in->body, in->n, room);
		in->room = room;
	}
	memcpy(in->body + in->n, data, n);
	in->n += n;
	in->body[in->n] = '\0';
	return n;
}

/* A status line starts over: what came before it was a 1xx answer. */
static size_t take_header(char *data, size_t one, size_t n, void *to)
{
	struct incoming *in = to;
	const char *colon = memchr(data, ':', n);
	const char *value, *end = data + n;

	(void)one;
	if (n > 5 && !memcmp(data, "HTTP/", 5))
		in->n_headers = 0;
	if (!colon || n > HEADER_MAX || in->n_headers == HEADERS_MAX)
		return n;
	value = colon + 1;
	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	while (end > value && strchr(" \t\r\n", end[-1]))
		end--;
	in->headers[in->n_headers++] = (struct http_header){
		op_strndup(in->op, data, (size_t)(colon - data)),
		op_strndup(in->op, value, (size_t)(end - value)),
	};
	return n;
}

static void free_list(void *list)
{
	curl_slist_free_all(list);
}

/* A line break inside a header would start another one: it is refused. */
static enum err build_headers(
	struct op *op, const struct http_request *r, struct curl_slist **out)
{
	/* no 100-continue: it costs a round trip, and a second when unsupported */
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");
	size_t i;

	for (i = 0; list && r->headers && r->headers[i]; i++) {
		struct curl_slist *longer;

		if (strpbrk(r->headers[i], "\r\n") || !strchr(r->headers[i], ':')) {
			curl_slist_free_all(list);
			return fail(op, E_BROKEN, "http_header_invalid",
				"request header %zu is not one line of name and value",
				i + 1);
		}
		longer = curl_slist_append(list, r->headers[i]);
		if (!longer)
			curl_slist_free_all(list);
		list = longer;
	}
	if (!list)
		return fail(op, E_BROKEN, "http_no_memory", "no memory for headers");
	op_defer(op, free_list, list);
	*out = list;
	return OK;
}

static void set_method(CURL *h, const struct http_request *r)
{
	bool post = !strcmp(r->method, "POST");

	if (post || r->body) {
		curl_easy_setopt(h, CURLOPT_POST, 1L);
		curl_easy_setopt(h, CURLOPT_POSTFIELDS, r->body ? r->body : "");
		curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->n);
	}
	if (!strcmp(r->method, "HEAD"))
		curl_easy_setopt(h, CURLOPT_NOBODY, 1L);
	else if (!post && strcmp(r->method, "GET"))
		curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, r->method);
}

/* Loopback, private, link-local and other ranges that are nobody's out there. */
static bool private4(uint32_t a)
{
	static const struct {
		uint32_t net;
		int bits;
	} ranges[] = { { 0x00000000, 8 }, { 0x0a000000, 8 }, { 0x64400000, 10 },
		{ 0x7f000000, 8 }, { 0xa9fe0000, 16 }, { 0xac100000, 12 },
		{ 0xc0000000, 24 }, { 0xc0a80000, 16 }, { 0xc6120000, 15 },
		{ 0xe0000000, 3 } };

	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if ((a ^ ranges[i].net) >> (32 - ranges[i].bits) == 0)
			return true;
	return false;
}

static bool private6(const unsigned char *a)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	uint32_t v4 = (uint32_t)a[12] << 24 | a[13] << 16 | a[14] << 8 | a[15];

	if (!memcmp(a, mapped, 12))
		return private4(v4);
	return (a[0] & 0xe0) != 0x20; /* only 2000::/3 is out there */
}

bool http_address_private(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return private4(
			ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr));
	if (address->sa_family == AF_INET6)
		return private6(
			((const struct sockaddr_in6 *)address)->sin6_addr.s6_addr);
	return true;
}

/* Asked after the name was looked up, so that no name can lead inside. */
static curl_socket_t open_public(
	void *thing, curlsocktype purpose, struct curl_sockaddr *a)
{
	(void)thing;
	(void)purpose;
	if (http_address_private(&a->addr))
		return CURL_SOCKET_BAD;
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static enum err prepare(struct op *op, struct http_client *c,
	const struct http_request *r, struct incoming *in)
{
	CURL *h = c->curl;
	struct curl_slist *headers;

	TRY(build_headers(op, r, &headers));
	curl_easy_reset(h); /* keeps the connections */
	c->error[0] = '\0';
	if (curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK ||
		curl_easy_setopt(h, CURLOPT_URL, r->url) != CURLE_OK)
		return fail(op, E_BROKEN, "http_request_invalid", "no such address");
	curl_easy_setopt(h, CURLOPT_ERRORBUFFER, c->error);
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(h, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS,
		r->connect_timeout_ms ? r->connect_timeout_ms : 2000L);
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, r->timeout_ms ? r->timeout_ms : 20000L);
	curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(h, CURLOPT_WRITEDATA, in);
	curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(h, CURLOPT_HEADERDATA, in);
	if (r->fresh)
		curl_easy_setopt(h, CURLOPT_FRESH_CONNECT, 1L);
	if (r->public_only)
		curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, open_public);
	set_method(h, r);
	return OK;
}

/*
 * The error code alone cannot tell what was sent: a connect error may follow
 * a first try on a kept-alive connection.  The bytes that left can.
 */
static void judge(
	struct op *op, struct http_client *c, CURLcode code, struct http_answer *out)
{
	long status = 0, sent = 0;

	if (code == CURLE_OK) {
		curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
		out->outcome = HTTP_ANSWERED;
		out->status = (int)status;
		return;
	}
	curl_easy_getinfo(c->curl, CURLINFO_REQUEST_SIZE, &sent);
	out->outcome = sent ? HTTP_UNKNOWN : HTTP_NOT_SENT;
	out->reason = op_strdup(op, c->error[0] ? c->error : curl_easy_strerror(code));
}

enum err http_send(struct op *op, struct http_client *client,
	const struct http_request *request, struct http_answer *out)
{
	struct incoming in = { .op = op, .body = op_strdup(op, ""), .room = 1 };
	int64_t start = clock_ticks();
	CURLcode code;

	*out = (struct http_answer){ .outcome = HTTP_NOT_SENT, .body = "" };
	if (world)
		return world->http(op, request, out);
	in.most = request->body_max ? request->body_max : BODY_MAX;
	in.headers = op_alloc(op, HEADERS_MAX * sizeof *in.headers);
	TRY(prepare(op, client, request, &in));
	baton_lay_down();
	code = curl_easy_perform(client->curl);
	baton_pick_up();
	judge(op, client, code, out);
	if (in.too_big)
		out->reason = op_printf(
			op, "the answer is larger than %zu KiB", in.most >> 10);
	if (out->outcome == HTTP_ANSWERED) {
		out->body = in.body;
		out->n = in.n;
		out->headers = in.headers;
		out->n_headers = in.n_headers;
	}
	out->took_us = clock_ticks() - start;
	/* the handle must not point into the op's memory once that is gone */
	curl_easy_reset(client->curl);
	return OK;
}

const char *http_header(const struct http_answer *answer, const char *name)
{
	size_t i;

	for (i = 0; i < answer->n_headers; i++)
		if (!strcasecmp(answer->headers[i].name, name))
			return answer->headers[i].value;
	return NULL;
}
