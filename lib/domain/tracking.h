/* Parcels under way: whom to ask about one, and what was answered. */
#ifndef DOMAIN_TRACKING_H
#define DOMAIN_TRACKING_H

#include "base/field.h"
#include "base/op.h"

struct tracking_wish {
	int64_t id;
	const char *carrier, *tracking;
	bool wanted; /* else it came to its end, or was asked meanwhile */
};
enum err tracking_load(struct op *op, int64_t shipment, struct tracking_wish *out);

/*
 * events: [{ref, status, at, note, raw}] in our own words.  They move the parcel as far
 * as they are news, and the next question is put.
 */
enum err tracking_record(
	struct op *op, int64_t shipment, const char *source, const char *events);

#endif
