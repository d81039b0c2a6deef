/* The stockroom: parcels leave, some come back; and customers who send things back. */
#include "domain/return.h"
#include "domain/shipment.h"
#include "world.h"

#include <string.h>

static enum err nothing(struct op *op)
{
	return fail(op, E_NOT_FOUND, "there_is_one", "nothing to do");
}

/* Parcels of money that is not captured yet lead furthest, so they come first. */
static enum err pack_some(struct op *op, struct texts lines)
{
	struct picked p = any_of(op, below(3) ? "to pack, unpaid" : "to pack");
	struct shipment_wish w = { .key = op_printf(op, "p%lld", (long long)below(6)),
		.lines = lines };
	struct rows out;

	if (!p.id)
		p = any_of(op, "to pack");
	if (!p.id)
		return nothing(op);
	w.order_id = p.id;
	if (lines.n)
		w.lines.v[0] = op_printf(op, "%s:1", p.name);
	return shipment_create(op, &w, &out);
}

static enum err pack(struct op *op)
{
	return pack_some(op, (struct texts){ 0 });
}

static enum err pack_part(struct op *op)
{
	const char *line;

	return pack_some(op, (struct texts){ &line, 1 });
}

static enum err ship(struct op *op)
{
	struct picked p = any_of(op, "packed");
	struct shipment out;

	return p.id ? shipment_ship(op, p.id, "post", below(2) ? "TRACK" : NULL, &out)
		    : nothing(op);
}

static enum err track(struct op *op, const char *status)
{
	struct picked p = any_of(op, "under way");
	struct shipment out;

	if (!p.id)
		return nothing(op);
	return shipment_track(
		op, &(struct tracking){ .shipment = p.id, .status = status }, &out);
}

static enum err deliver(struct op *op)
{
	return track(op, below(3) ? "delivered" : "in_transit");
}

static enum err come_back(struct op *op)
{
	static const char *const words[] = { "exception", "returning", "returned" };

	return track(op, words[below(3)]);
}

static enum err cancel_parcel(struct op *op)
{
	struct picked p = any_of(op, "packed");
	struct shipment out;

	return p.id ? shipment_cancel(op, p.id, &out) : nothing(op);
}

static enum err send_back(struct op *op)
{
	struct picked p = any_of(op, "shipped");
	const char *line = op_printf(op, "%s:1", p.name);
	struct return_wish w = { .order_id = p.id,
		.key = op_printf(op, "r%lld", (long long)below(4)),
		.lines = { &line, 1 },
		.reason = "too small" };
	struct returned out;

	return p.id ? return_create(op, &w, &out) : nothing(op);
}

static enum err allow(struct op *op)
{
	struct picked p = any_of(op, "return requested");
	struct returned out;

	return p.id ? return_approve(op, p.id, &out) : nothing(op);
}

static enum err reject(struct op *op)
{
	struct picked p = any_of(op, "return requested");
	struct returned out;

	return p.id ? return_reject(op, p.id, "worn", &out) : nothing(op);
}

static enum err cancel_return(struct op *op)
{
	struct picked p = any_of(op, "return approved");
	struct returned out;

	return p.id ? return_cancel(op, p.id, &out) : nothing(op);
}

static enum err receive(struct op *op)
{
	struct picked p = any_of(op, "return approved");
	struct returned out;

	return p.id ? return_receive(op, p.id, (struct texts){ 0 },
			      below(2) ? "AMS" : "BER", &out)
		    : nothing(op);
}

static enum err inspect(struct op *op)
{
	struct picked p = any_of(op, "return received");
	const char *line =
		op_printf(op, "%s:1:%s", p.name, below(2) ? "restock" : "scrap");
	struct returned out;

	return p.id ? return_inspect(op, p.id, (struct texts){ &line, 1 }, NULL, &out)
		    : nothing(op);
}

static enum err close_return(struct op *op)
{
	struct picked p = any_of(op, "return inspected");
	struct returned out;

	return p.id ? return_close(op, p.id, below(4), "sent back", &out) : nothing(op);
}

static const struct deed deeds[] = {
	{ F_stock_packs, pack },
	{ F_stock_packs_part, pack_part },
	{ F_stock_ships, ship },
	{ F_stock_ships, ship },
	{ F_stock_delivers, deliver },
	{ F_stock_parcel_comes_back, come_back },
	{ F_stock_cancels_parcel, cancel_parcel },
	{ F_customer_sends_back, send_back },
	{ F_return_allowed, allow },
	{ F_return_rejected, reject },
	{ F_return_canceled, cancel_return },
	{ F_return_received, receive },
	{ F_return_inspected, inspect },
	{ F_return_closed, close_return },
};

void stockroom_live(struct actor *a)
{
	a->wake_us = run.now_us + between(50, 1500) * 1000;
	deed_do(deeds, sizeof deeds / sizeof *deeds);
}
