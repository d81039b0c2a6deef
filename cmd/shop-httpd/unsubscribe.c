/*
 * /v1/unsubscribe/TOKEN: the link of a mail.  GET shows a button, because programs that
 * look through mails follow links; POST is the button, and what mail programs send by
 * themselves (RFC 8058).
 */
#include "domain/preference.h"
#include "shop-httpd/door.h"
#include "shop-httpd/route.h"

#define PAGE(body)                                                                     \
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"            \
	"<title>Unsubscribe</title></head>\n<body style=\"font-family: sans-serif\">"  \
	"\n" body "\n</body></html>\n"

static void page(struct request *r, const char *html)
{
	answer_header(r, "Content-Security-Policy",
		"default-src 'none'; style-src 'unsafe-inline'; form-action 'self'");
	answer_header(r, "Referrer-Policy", "no-referrer");
	answer_text(r, 200, "text/html; charset=utf-8", html);
}

void unsubscribe_show(struct request *r)
{
	page(r, PAGE("<form method=\"post\"><p>No more of these mails?</p>"
		     "<button>Unsubscribe</button></form>"));
}

static void leave(struct request *r)
{
	const char *topic;

	unsubscribe(&r->op, r->tail, &topic);
}

static void left(struct request *r)
{
	if (r->op.fault.code != OK)
		answer_fault(r);
	else
		page(r, PAGE("<p>Done: you get no more of these mails.</p>"));
}

void unsubscribe_now(struct request *r)
{
	pool_run(r->door->pool, r, leave, left);
}
