/* Writes one JSON document into the op's memory. */
#include "base/json.h"

#include <inttypes.h>
#include <string.h>

static void put(struct json_writer *w, const char *s, size_t n)
{
	if (w->n + n + 1 > w->room) {
		size_t room = (w->n + n + 1) * 2 + 256;

		w->text = op_grow(w->op, w->text, w->n, room);
		w->room = room;
	}
	memcpy(w->text + w->n, s, n);
	w->n += n;
	w->text[w->n] = 0;
}

static void put_key(struct json_writer *w, const char *key)
{
	const char *quoted;

	if (w->comma)
		put(w, ",", 1);
	w->comma = true;
	if (!key)
		return;
	quoted = json_quote(w->op, key);
	put(w, quoted, strlen(quoted));
	put(w, ":", 1);
}

static void open_level(struct json_writer *w, const char *key, char open, char close)
{
	put_key(w, key);
	put(w, &open, 1);
	w->open[w->depth++ % JSON_DEPTH] = close;
	w->comma = false;
}

void json_object(struct json_writer *w, const char *key)
{
	open_level(w, key, '{', '}');
}

void json_array(struct json_writer *w, const char *key)
{
	open_level(w, key, '[', ']');
}

void json_close(struct json_writer *w)
{
	put(w, &w->open[--w->depth % JSON_DEPTH], 1);
	w->comma = true;
}

void json_put_raw(struct json_writer *w, const char *key, const char *json)
{
	put_key(w, key);
	put(w, json, strlen(json));
}

void json_put(struct json_writer *w, const char *key, const char *text)
{
	json_put_raw(w, key, text ? json_quote(w->op, text) : "null");
}

void json_put_int(struct json_writer *w, const char *key, int64_t v)
{
	json_put_raw(w, key, op_printf(w->op, "%" PRId64, v));
}

void json_put_id(struct json_writer *w, const char *key, int64_t v)
{
	json_put_raw(w, key, op_printf(w->op, "\"%" PRId64 "\"", v));
}

void json_put_bool(struct json_writer *w, const char *key, bool v)
{
	json_put_raw(w, key, v ? "true" : "false");
}

void json_put_money(struct json_writer *w, const char *key, struct money v)
{
	if (!*v.currency)
		json_put_raw(w, key, "null");
	else
		json_put_raw(w, key,
			op_printf(w->op, "{\"amount\":%" PRId64 ",\"currency\":\"%s\"}",
				v.minor, v.currency));
}

void json_put_stamp(struct json_writer *w, const char *key, struct stamp v)
{
	json_put(w, key, v.us ? stamp_text(w->op, v) : NULL);
}
