/* shopctl shipment: pack what an order waits for, hand it over, follow it. */
#include "domain/shipment.h"

#include "base/cli.h"
#include "base/id.h"
#include "base/out.h"

struct create {
	int64_t order;
	struct texts line;
	const char *warehouse, *carrier, *tracking;
};

static const struct shape create_args = SHAPE(create,
	FIELD(create, order, "ORDER", "number of the order",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(create, line, "SKU:N",
		"N units of this line; none: all that is left to ship"),
	FIELD(create, warehouse, "CODE", "only what lies there"),
	FIELD(create, carrier, "TEXT", "who carries it"),
	FIELD(create, tracking, "TEXT",
		"the carrier's number: the parcel has its label"));

struct hand_over {
	int64_t shipment;
	const char *carrier, *tracking;
};

static const struct shape ship_args = SHAPE(hand_over,
	FIELD(hand_over, shipment, "SHIPMENT", "number of the shipment",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(hand_over, carrier, "TEXT", "who carries it"),
	FIELD(hand_over, tracking, "TEXT", "the carrier's number"));

static const struct shape track_args = SHAPE(tracking,
	FIELD(tracking, shipment, "SHIPMENT", "number of the shipment",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(tracking, status, "STATUS", "what is said of it",
		FIELD_OPERAND | FIELD_REQUIRED,
		"in_transit|exception|delivered|returning|returned"),
	FIELD(tracking, at, "TIME", "when that was (default: now)"),
	FIELD(tracking, note, "TEXT", "in words"));

static const struct shape deliver_args = SHAPE(tracking,
	FIELD(tracking, shipment, "SHIPMENT", "number of the shipment",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(tracking, at, "TIME", "when that was (default: now)"),
	FIELD(tracking, note, "TEXT", "in words: left with a neighbour"));

static const struct shape list_args = SHAPE(shipment_query,
	FIELD(shipment_query, state, "STATE", "only in this state", 0,
		"draft|labeled|handed_over|in_transit|exception|delivered|returning|"
		"returned|canceled"),
	FIELD(shipment_query, order, "ID", "only of this order"),
	FIELD(shipment_query, warehouse, "CODE", "only from this warehouse"),
	FIELD(shipment_query, since, "TIME", "packed since: 2026-11-20, 2h, 30d"),
	FIELD(shipment_query, limit, "N", "at most N, newest first", 0, NULL, "50"));

struct one {
	int64_t shipment;
};

static const struct shape one_args =
	SHAPE(one, FIELD(one, shipment, "SHIPMENT", "number of the shipment",
			   FIELD_OPERAND | FIELD_REQUIRED));

static const struct shape quote_args = SHAPE(shipment_quote,
	FIELD(shipment_quote, lines, "SKU[:QTY]", "what is to be sent",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(shipment_quote, country, "CC", "where to", FIELD_REQUIRED),
	FIELD(shipment_quote, region, "REGION", "and to which state or province"),
	FIELD(shipment_quote, postcode, "CODE", "and to which postcode"),
	FIELD(shipment_quote, currency, "CODE",
		"in which currency (default the shop's)"),
	FIELD(shipment_quote, customer, "CUSTOMER", "at the prices of this account"));

static enum err quote(struct op *op, const void *args)
{
	struct rows offers;

	TRY(shipment_quote(op, args, &offers));
	return out_rows(op, &shipment_offer_shape, offers);
}

static enum err create(struct op *op, const void *args)
{
	const struct create *a = args;
	const struct shipment_wish wish = { .order_id = a->order,
		.key = op->key ? op->key : id_token(op, 22),
		.lines = a->line,
		.warehouse = a->warehouse,
		.carrier = a->carrier,
		.tracking = a->tracking };
	const struct shipment *first;
	struct rows rows;

	TRY(shipment_create(op, &wish, &rows));
	TRY(out_rows(op, &shipment_shape, rows));
	first = row_at(&shipment_shape, rows, 0);
	if (first->replayed)
		out_note(op, "this key was used before: nothing new was packed");
	return OK;
}

static enum err done(struct op *op, const struct shipment *s)
{
	TRY(out_one(op, &shipment_shape, s));
	if (s->replayed)
		out_note(op, "this had been done before: nothing was changed");
	return OK;
}

static enum err ship(struct op *op, const void *args)
{
	const struct hand_over *a = args;
	struct shipment s;

	TRY(shipment_ship(op, a->shipment, a->carrier, a->tracking, &s));
	return done(op, &s);
}

static enum err track(struct op *op, const void *args)
{
	struct shipment s;

	TRY(shipment_track(op, args, &s));
	return done(op, &s);
}

static enum err deliver(struct op *op, const void *args)
{
	struct tracking t = *(const struct tracking *)args;
	struct shipment s;

	t.status = "delivered";
	TRY(shipment_track(op, &t, &s));
	return done(op, &s);
}

static enum err cancel(struct op *op, const void *args)
{
	const struct one *a = args;
	struct shipment s;

	TRY(shipment_cancel(op, a->shipment, &s));
	return done(op, &s);
}

static enum err list(struct op *op, const void *args)
{
	struct rows rows;

	TRY(shipment_list(op, args, &rows));
	return out_rows(op, &shipment_shape, rows);
}

static enum err show(struct op *op, const void *args)
{
	const struct one *a = args;
	struct shipment s;

	TRY(shipment_get(op, a->shipment, &s));
	return out_one(op, &shipment_shape, &s);
}

const struct command shipment_commands[] = {
	{ "quote", "what it costs to send a basket, by each method", &quote_args, quote,
		0,
		"shopctl shipment quote DOG-5KG:2 MUG --country DE\n"
		"shopctl shipment quote DOG-5KG --country US --region CA --postcode "
		"94103 "
		"--format json",
		"The most specific shipping zone of the place decides: that of its "
		"postcode, its region, its country. What the goods cost is taken "
		"before "
		"discounts, and what needs no shipping does not count." },
	{ "create", "pack what an order waits for", &create_args, create, CMD_MUTATES,
		"shopctl shipment create 1024\n"
		"shopctl shipment create 1024 --line DOG-5KG:1 --warehouse BER "
		"--carrier ups --tracking 1Z999",
		"A shipment comes from one warehouse: what lies in several becomes one "
		"for each. Without --line all that is left of the order is packed. "
		"Nothing leaves yet: hand it over with shopctl shipment ship." },
	{ "ship", "hand a shipment over to its carrier", &ship_args, ship, CMD_MUTATES,
		"shopctl shipment ship 1024\n"
		"shopctl shipment ship 1024 --carrier ups --tracking 1Z999",
		"Its stock leaves, its revenue is recognised, the customer is told, "
		"and "
		"an order of which nothing is left is shipped. It needs the money for "
		"all that has left. Handing over twice does it once." },
	{ "track", "write down what is said of a parcel", &track_args, track,
		CMD_MUTATES,
		"shopctl shipment track 1024 in_transit\n"
		"shopctl shipment track 1024 exception --at 2026-11-20T08:30Z --note "
		"'no such address'",
		"Everything is kept; a word that is older than what is known already "
		"changes nothing." },
	{ "deliver", "a parcel has arrived", &deliver_args, deliver, CMD_MUTATES,
		"shopctl shipment deliver 1024\n"
		"shopctl shipment deliver 1024 --note 'left with a neighbour'",
		"The order is delivered when each of its parcels came to its end." },
	{ "cancel", "unpack a shipment that has not left", &one_args, cancel,
		CMD_MUTATES,
		"shopctl shipment cancel 1024\n"
		"shopctl shipment cancel 1024 --dry-run" },
	{ "list", "shipments, newest first", &list_args, list, 0,
		"shopctl shipment list --state draft --warehouse BER\n"
		"shopctl shipment list --order 1024 --columns +lines" },
	{ "show", "one shipment with all that was said of it", &one_args, show, 0,
		"shopctl shipment show 1024\n"
		"shopctl shipment show 1024 --format json" },
	{ 0 },
};
