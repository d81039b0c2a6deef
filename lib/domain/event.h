/* What visitors do: events that are kept once each and counted into funnels. */
#ifndef DOMAIN_EVENT_H
#define DOMAIN_EVENT_H

#include "base/field.h"
#include "base/json.h"
#include "base/op.h"

enum { EVENTS_MAX = 500 }; /* of one call */

struct event_result {
	int64_t accepted, repeated; /* repeated: kept already */
};
extern const struct shape event_result_shape;

/*
 * Read an array of events from strangers; what is wrong goes to the reader.  The
 * result, JSON as the database takes it, is only good when nothing was.
 */
const char *events_read(
	struct json_reader *r, const struct json *array, const char *at);

/* Keep what events_read() read, all or none. */
enum err event_ingest(
	struct op *op, int64_t client_id, const char *events, struct event_result *out);

/*
 * A file of one event a line ("-": standard input), all or none.  E_DATA names the
 * line and the member.
 */
enum err event_ingest_file(struct op *op, const char *file, struct event_result *out);

#endif
