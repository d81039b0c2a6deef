/* One mail, one conversation with the relay, by libcurl. */
#include "adapters/mail.h"

#include "base/baton.h"
#include "base/config.h"
#include "base/world.h"

#include <curl/curl.h>
#include <string.h>
#include <strings.h>

struct sending {
	struct op *op;
	CURL *curl;
	char error[CURL_ERROR_SIZE];
	const char *said; /* the relay's last no; NULL for none */
	bool spoke;       /* we did: its greeting was good */
};

/* "Shop <shop@example.com>" or a bare address, from the configuration. */
struct sender {
	const char *name, *address;
};

static void free_list(void *list)
{
	curl_slist_free_all(list);
}

static void free_mime(void *mime)
{
	curl_mime_free(mime);
}

static enum err broken(struct op *op, const char *what)
{
	return fail(op, E_BROKEN, "mail_can_be_built", "libcurl refused %s", what);
}

static enum err find_sender(struct op *op, const char *from, struct sender *out)
{
	const char *open = strchr(from, '<'), *close = strrchr(from, '>');

	*out = (struct sender){ op->config->shop.name, from };
	if (open && close && close > open) {
		out->name = op_strndup(op, from, (size_t)(open - from));
		while (*out->name && out->name[strlen(out->name) - 1] == ' ')
			out->name = op_strndup(op, out->name, strlen(out->name) - 1);
		out->address = op_strndup(op, open + 1, (size_t)(close - open - 1));
	}
	if (mail_address_ok(out->address))
		return OK;
	fail(op, E_CONFIG, "mail_sender_is_valid", "mail.from is not an address: %s",
		from);
	return fail_hint(op, "write it like: Shop <shop@example.com>");
}

static enum err add_header(
	struct op *op, struct curl_slist **list, const char *name, const char *value)
{
	struct curl_slist *more =
		curl_slist_append(*list, op_printf(op, "%s: %s", name, value));

	if (!more)
		return broken(op, name);
	*list = more;
	return OK;
}

static enum err add_headers(
	struct sending *s, const struct mail *m, const struct sender *from)
{
	struct op *op = s->op;
	struct curl_slist *list = NULL;

	TRY(add_header(op, &list, "Date", mail_date(op, m->date)));
	op_defer(op, free_list, list); /* the head stays the head */
	TRY(add_header(op, &list, "From", mail_mailbox(op, from->name, from->address)));
	TRY(add_header(op, &list, "To", mail_mailbox(op, m->to_name, m->to)));
	TRY(add_header(op, &list, "Message-ID", m->message_id));
	TRY(add_header(op, &list, "Subject", mail_words(op, m->subject)));
	/* libcurl adds the boundary. */
	TRY(add_header(op, &list, "Content-Type", "multipart/alternative"));
	TRY(add_header(op, &list, "Auto-Submitted", "auto-generated")); /* RFC 3834 */
	if (m->unsubscribe) {                                           /* RFC 8058 */
		TRY(add_header(op, &list, "List-Unsubscribe",
			op_printf(op, "<%s>", m->unsubscribe)));
		TRY(add_header(op, &list, "List-Unsubscribe-Post",
			"List-Unsubscribe=One-Click"));
	}
	return curl_easy_setopt(s->curl, CURLOPT_HTTPHEADER, list)
		       ? broken(op, "headers")
		       : OK;
}

/* Mail wants CRLF at every line's end. */
static const char *crlf(struct op *op, const char *s)
{
	const char *from = s;
	size_t lines = 0;
	char *copy, *to;

	for (; *from; from++)
		lines += *from == '\n';
	copy = to = op_alloc(op, (size_t)(from - s) + lines + 1);
	for (from = s; *from; from++) {
		if (*from == '\n' && (from == s || from[-1] != '\r'))
			*to++ = '\r';
		*to++ = *from;
	}
	return copy;
}

static bool add_part(
	struct op *op, curl_mime *parts, const char *type, const char *body)
{
	curl_mimepart *part = curl_mime_addpart(parts);

	return part && !curl_mime_data(part, crlf(op, body), CURL_ZERO_TERMINATED) &&
	       !curl_mime_type(part, type) &&
	       !curl_mime_encoder(part, "quoted-printable");
}

/* The plain text first, the HTML last: readers take the last they understand. */
static enum err add_body(struct sending *s, const struct mail *m)
{
	curl_mime *parts = curl_mime_init(s->curl);

	if (!parts)
		return broken(s->op, "the body");
	op_defer(s->op, free_mime, parts);
	if (!add_part(s->op, parts, "text/plain; charset=utf-8", m->text) ||
		!add_part(s->op, parts, "text/html; charset=utf-8", m->html) ||
		curl_easy_setopt(s->curl, CURLOPT_MIMEPOST, parts))
		return broken(s->op, "the body");
	return OK;
}

/*
 * A password never crosses the network in clear, nor to whoever answers.  Where
 * neither it nor TLS is asked for, encryption is taken when it is offered, from
 * anybody: the relay of a fresh system has a certificate that nobody signed.
 */
static enum err log_in(struct sending *s, const struct mail_config *c)
{
	bool login = c->username && *c->username, must = login || c->require_tls;
	const char *password;

	curl_easy_setopt(s->curl, CURLOPT_USE_SSL,
		(long)(must ? CURLUSESSL_ALL : CURLUSESSL_TRY));
	if (!must && strncasecmp(c->url, "smtps://", 8) != 0) {
		curl_easy_setopt(s->curl, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(s->curl, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	if (!login)
		return OK;
	TRY(secret_read(s->op, c->password_file, "mail_password", &password));
	curl_easy_setopt(s->curl, CURLOPT_USERNAME, c->username);
	curl_easy_setopt(s->curl, CURLOPT_PASSWORD, password);
	return OK;
}

static enum err connect_as(
	struct sending *s, const struct mail_config *c, const struct sender *from)
{
	CURL *curl = s->curl;

	if (strncasecmp(c->url, "smtp://", 7) && strncasecmp(c->url, "smtps://", 8)) {
		fail(s->op, E_CONFIG, "mail_url_is_smtp", "mail.url is not smtp: %s",
			c->url);
		return fail_hint(s->op, "write it like: smtp://relay.example.com:587");
	}
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, s->error);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)c->timeout_ms);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
		(long)(c->timeout_ms < 5000 ? c->timeout_ms : 5000));
	curl_easy_setopt(
		curl, CURLOPT_MAIL_FROM, op_printf(s->op, "<%s>", from->address));
	if (curl_easy_setopt(curl, CURLOPT_URL, c->url))
		return broken(s->op, "mail.url");
	return log_in(s, c);
}

static enum err add_recipient(struct sending *s, const char *to)
{
	struct curl_slist *list = curl_slist_append(NULL, op_printf(s->op, "<%s>", to));

	if (!list)
		return broken(s->op, "the recipient");
	op_defer(s->op, free_list, list);
	return curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, list)
		       ? broken(s->op, "the recipient")
		       : OK;
}

/*
 * A 5xx answer to greeting, TLS or login is our relay's trouble and not the
 * customer's: the mail waits.  Once text has gone without any answer, only the
 * relay knows; it is sent again, for a mail twice is better than none.
 */
static enum mail_outcome outcome_of(struct sending *s, CURLcode code, long status)
{
	curl_off_t sent = 0;

	if (code == CURLE_OK)
		return MAIL_SENT;
	if (code == CURLE_LOGIN_DENIED || code == CURLE_USE_SSL_FAILED ||
		code == CURLE_COULDNT_CONNECT || code == CURLE_REMOTE_ACCESS_DENIED ||
		code == CURLE_PEER_FAILED_VERIFICATION || !s->spoke)
		return MAIL_LATER;
	if (status >= 500)
		return MAIL_REFUSED;
	curl_easy_getinfo(s->curl, CURLINFO_SIZE_UPLOAD_T, &sent);
	return status < 400 && sent > 0 ? MAIL_UNKNOWN : MAIL_LATER;
}

static int listen_to(CURL *curl, curl_infotype type, char *data, size_t n, void *thing)
{
	struct sending *s = thing;

	(void)curl;
	while (n && strchr("\r\n", data[n - 1]))
		n--;
	s->spoke |= type == CURLINFO_HEADER_OUT;
	if (type == CURLINFO_HEADER_IN && n && strchr("45", *data))
		s->said = op_strndup(s->op, data, n);
	return 0;
}

/* Relays like to quote the address, which belongs in no log. */
static const char *without_address(struct op *op, const char *text, const char *address)
{
	const char *at = strcasestr(text, address);

	if (!at)
		return text;
	return without_address(op,
		op_printf(op, "%.*sthe recipient%s", (int)(at - text), text,
			at + strlen(address)),
		address);
}

/* What the relay said when it said no, or how far libcurl came. */
static const char *reason_of(struct sending *s, CURLcode code, const char *to)
{
	const char *why = *s->error ? s->error : curl_easy_strerror(code);

	if (s->said)
		why = s->said;
	return without_address(s->op, op_strdup(s->op, why), to);
}

/*
 * Of the codes about addresses (RFC 3463, 3.2) those that say of the recipient's that
 * it will not be right tomorrow; 5.1.7 and 5.1.8 are about ours.
 */
static bool bounced(const char *said)
{
	static const char *const codes[] = { "5.1.1", "5.1.2", "5.1.3", "5.1.6",
		"5.1.10" };

	if (!said || *said != '5' || strlen(said) < 4)
		return false;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		size_t n = strlen(codes[i]);

		if (strncmp(said + 4, codes[i], n) == 0 &&
			(said[4 + n] == ' ' || !said[4 + n]))
			return true;
	}
	return false;
}

/* A relay that puts off one mail (4xx) is there; 421 is its word for going away. */
static bool away(const struct sending *s, const struct mail_answer *a)
{
	if (a->outcome == MAIL_UNKNOWN)
		return true;
	return a->outcome == MAIL_LATER &&
	       (!s->said || *s->said == '5' || strncmp(s->said, "421", 3) == 0);
}

static void perform(struct sending *s, const struct mail *m, struct mail_answer *out)
{
	long status = 0;
	CURLcode code;

	curl_easy_setopt(s->curl, CURLOPT_VERBOSE, 1L);
	curl_easy_setopt(s->curl, CURLOPT_DEBUGDATA, s);
	curl_easy_setopt(s->curl, CURLOPT_DEBUGFUNCTION, listen_to);
	baton_lay_down();
	code = curl_easy_perform(s->curl);
	baton_pick_up();
	curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &status);
	out->status = (int)status;
	out->outcome = outcome_of(s, code, status);
	out->bounced = out->outcome == MAIL_REFUSED && bounced(s->said);
	out->reason = code ? reason_of(s, code, m->to) : "";
	out->away = away(s, out);
	/* The handle outlives s, and says goodbye to the relay when the op closes. */
	curl_easy_setopt(s->curl, CURLOPT_VERBOSE, 0L);
	curl_easy_setopt(s->curl, CURLOPT_ERRORBUFFER, NULL);
}

enum err mail_send(struct op *op, const struct mail *m, struct mail_answer *out)
{
	struct sending s = { .op = op, .curl = world ? NULL : curl_easy_init() };
	struct sender from;

	if (world) {
		*out = (struct mail_answer){ .reason = "" };
		out->outcome = (enum mail_outcome)world->mail(op, m->message_id);
		return OK;
	}
	if (!s.curl)
		return broken(op, "to start");
	op_defer(op, curl_easy_cleanup, s.curl);
	if (!mail_address_ok(m->to))
		return fail(op, E_DATA, "mail_address_is_valid",
			"this is not an address that mail can be sent to");
	TRY(find_sender(op, op->config->mail.from, &from));
	TRY(connect_as(&s, &op->config->mail, &from));
	TRY(add_recipient(&s, m->to));
	TRY(add_headers(&s, m, &from));
	TRY(add_body(&s, m));
	perform(&s, m, out);
	return OK;
}
