-- Shipments, and the ledger's close.

-- What of a line has left, and what never will because its money went back first.
ALTER TABLE order_line ADD shipped bigint NOT NULL DEFAULT 0,
	ADD dropped bigint NOT NULL DEFAULT 0,
	ADD CONSTRAINT order_line_shipped_within_qty CHECK (shipped >= 0 AND dropped >= 0
		AND shipped + dropped <= qty);

-- One parcel from one warehouse.  Who carries it and how it is found are words; a
-- carrier that we speak to brings its label's call and its feed of events.
CREATE TABLE shipment (
	id             bigint GENERATED ALWAYS AS IDENTITY (START 1024 INCREMENT 1024)
		PRIMARY KEY,
	order_id       bigint NOT NULL,
	warehouse_id   bigint NOT NULL,
	key            text NOT NULL,   -- the caller's: asking twice packs once
	state          text NOT NULL DEFAULT 'draft',
	carrier        text,
	tracking       text,
	shipping       bigint NOT NULL DEFAULT 0, -- of the order's shipping, once it left
	goodwill       bigint NOT NULL DEFAULT 0, -- of its worth, what went back before it left
	capture        bigint NOT NULL DEFAULT 0, -- money that was asked for to ship it
	rank           smallint NOT NULL DEFAULT 0, -- of the last word that counted
	told_at        timestamptz,                 -- and when that happened
	created_at     timestamptz NOT NULL DEFAULT now(),
	handed_over_at timestamptz,
	ended_at       timestamptz,     -- delivered, returned or canceled
	CONSTRAINT shipment_key_used_once UNIQUE (order_id, key, warehouse_id),
	CONSTRAINT shipment_state_is_known CHECK (state IN ('draft', 'labeled',
		'handed_over', 'in_transit', 'exception', 'delivered', 'returning', 'returned',
		'canceled')),
	CONSTRAINT shipment_share_is_not_negative CHECK (shipping >= 0 AND goodwill >= 0
		AND capture >= 0)
);
CREATE INDEX shipment_newest ON shipment (created_at, id);

-- What is in it; the money is what these units recognise, stored when they leave.
CREATE TABLE shipment_line (
	shipment_id bigint NOT NULL REFERENCES shipment,
	n           smallint NOT NULL, -- the order line
	qty         bigint NOT NULL,
	sales       bigint NOT NULL DEFAULT 0,
	discount    bigint NOT NULL DEFAULT 0,
	tax         bigint NOT NULL DEFAULT 0,
	PRIMARY KEY (shipment_id, n),
	CONSTRAINT shipment_line_qty_is_positive CHECK (qty > 0),
	CONSTRAINT shipment_line_is_not_negative CHECK (sales >= 0 AND discount >= 0
		AND tax >= 0)
);

-- What was said of a parcel on its way: everything is kept, what is news moves it.
CREATE TABLE tracking_event (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	shipment_id bigint NOT NULL REFERENCES shipment,
	source      text NOT NULL,  -- operator, or the carrier's feed
	ref         text,           -- the source's own name of it
	status      text NOT NULL,
	rank        smallint NOT NULL,
	moved       boolean NOT NULL, -- it was news
	happened_at timestamptz NOT NULL,
	received_at timestamptz NOT NULL DEFAULT now(),
	note        text,
	raw         bytea,          -- as it came
	CONSTRAINT tracking_event_once UNIQUE (shipment_id, source, ref),
	CONSTRAINT tracking_status_is_known CHECK (status IN ('in_transit', 'exception',
		'delivered', 'returning', 'returned'))
);

-- A parcel takes its stock along once, whoever asks again.
CREATE UNIQUE INDEX stock_leaves_once
	ON stock_movement (reference, variant_id, warehouse_id, slice) WHERE reason = 'ship';

INSERT INTO state_edge VALUES
	('shipment', 'draft',       'label',      'labeled',     'keep'),
	('shipment', 'draft',       'hand_over',  'handed_over', 'keep'),
	('shipment', 'labeled',     'hand_over',  'handed_over', 'keep'),
	('shipment', 'draft',       'cancel',     'canceled',    'keep'),
	('shipment', 'labeled',     'cancel',     'canceled',    'keep'),
	('shipment', 'handed_over', 'in_transit', 'in_transit',  'keep'),
	('shipment', 'exception',   'in_transit', 'in_transit',  'keep'),
	('shipment', 'handed_over', 'exception',  'exception',   'keep'),
	('shipment', 'in_transit',  'exception',  'exception',   'keep'),
	('shipment', 'handed_over', 'delivered',  'delivered',   'keep'),
	('shipment', 'in_transit',  'delivered',  'delivered',   'keep'),
	('shipment', 'exception',   'delivered',  'delivered',   'keep'),
	('shipment', 'handed_over', 'returning',  'returning',   'keep'),
	('shipment', 'in_transit',  'returning',  'returning',   'keep'),
	('shipment', 'exception',   'returning',  'returning',   'keep'),
	('shipment', 'handed_over', 'returned',   'returned',    'keep'),
	('shipment', 'in_transit',  'returned',   'returned',    'keep'),
	('shipment', 'exception',   'returned',   'returned',    'keep'),
	('shipment', 'returning',   'returned',   'returned',    'keep'),
	('order',    'authorized',  'ship',       'shipped',     'keep'), -- cut short
	('order',    'paid',        'ship',       'shipped',     'keep'),
	('order',    'shipped',     'deliver',    'delivered',   'keep');

-- What an accountant may rely on: the books before that moment are closed.  entries and
-- last_entry prove that nothing was slipped in, or taken out, afterwards.
CREATE TABLE period_close (
	before     timestamptz PRIMARY KEY,
	entries    bigint NOT NULL, -- that took effect before it
	last_entry bigint NOT NULL, -- the last one of all
	closed_at  timestamptz NOT NULL DEFAULT now(),
	closed_by  text NOT NULL
);
-- A line knows when it took effect, so that a balance reads the lines and nothing else.
ALTER TABLE ledger_line ADD effective_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX ledger_entry_effective ON ledger_entry USING brin (effective_at);

ALTER TABLE ledger_account ADD words text NOT NULL DEFAULT '';
INSERT INTO ledger_account VALUES
	('cogs', 'expense', 'debit'),
	('fx:clearing', 'asset', 'debit'),
	('gift:payable', 'liability', 'credit'),
	('inventory', 'asset', 'debit'),
	('store:credit', 'liability', 'credit');
UPDATE ledger_account a SET words = x.words FROM (VALUES
	('bank', 'money that arrived at the bank'),
	('cogs', 'what goods that were sold had cost'),
	('customer:deposits', 'money of customers for what has not left yet'),
	('discounts', 'taken off the price of what was sold'),
	('dispute:receivable', 'money that open disputes took'),
	('fees:dispute', 'what banks take for disputes'),
	('fees:psp', 'what payment providers take'),
	('fx:clearing', 'between two currencies'),
	('gift:payable', 'gift cards that were not spent'),
	('in_transit', 'payouts on their way to the bank'),
	('inventory', 'what goods in stock had cost'),
	('loss:dispute', 'money lost to disputes'),
	('psp:clearing', 'money at the payment providers'),
	('refund:payable', 'refunds that were asked for and not yet taken'),
	('returns', 'given back of what was sold'),
	('sales', 'the price of what was sold, without tax'),
	('shipping', 'what customers paid for shipping'),
	('store:credit', 'credit of customers in the shop'),
	('tax:payable', 'tax of what was sold, owed to the state')) AS x (code, words)
WHERE x.code = a.code;

-- A shipment as it is shown.
CREATE TYPE shipment_view AS (
	id             bigint,
	order_id       bigint,
	order_state    text,
	state          text,
	warehouse      text,
	carrier        text,
	tracking       text,
	units          bigint,
	value          amount, -- what it is worth to the customer; recognised once it left
	lines          jsonb,
	events         jsonb,
	created_at     timestamptz,
	handed_over_at timestamptz,
	ended_at       timestamptz,
	replayed       boolean
);

-- What customers are told of it, one message a parcel.
ALTER TYPE notice ADD ATTRIBUTE carrier text, ADD ATTRIBUTE tracking text;
ALTER TABLE template DROP CONSTRAINT template_event_is_known,
	ADD CONSTRAINT template_event_is_known CHECK (event IN ('order_confirmed',
		'order_expired', 'payment_late',
		'payment_failed', 'refund_sent', 'shipped', 'delivered'));
ALTER TABLE notification DROP CONSTRAINT notification_event_is_known,
	ADD CONSTRAINT notification_event_is_known CHECK (event IN ('order_confirmed',
		'order_expired', 'payment_late',
		'payment_failed', 'refund_sent', 'shipped', 'delivered'));

INSERT INTO template (event, locale, subject, body_text, body_html) VALUES
('shipped', 'en', 'Your order {{order.id}} at {{shop.name}} is on its way',
$text$Hello{{#customer.name}} {{customer.name}}{{/customer.name}},

this has left our warehouse today:

{{#lines}}
{{line.qty}} x {{line.title}} ({{line.sku}})
{{/lines}}
{{#shipment.carrier}}

Carrier: {{shipment.carrier}}
{{/shipment.carrier}}
{{#shipment.tracking}}
Tracking number: {{shipment.tracking}}
{{/shipment.tracking}}

{{shop.name}}
{{shop.url}}
$text$, $html$<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Order {{order.id}}</title></head>
<body style="font-family: sans-serif; color: #222">
<p>Hello{{#customer.name}} {{customer.name}}{{/customer.name}},</p>
<p>this has left our warehouse today:</p>
<ul>
{{#lines}}
<li>{{line.qty}} &times; {{line.title}} <small>{{line.sku}}</small></li>
{{/lines}}
</ul>
{{#shipment.carrier}}
<p>Carrier: {{shipment.carrier}}</p>
{{/shipment.carrier}}
{{#shipment.tracking}}
<p>Tracking number: <b>{{shipment.tracking}}</b></p>
{{/shipment.tracking}}
<p><a href="{{shop.url}}">{{shop.name}}</a></p>
</body></html>
$html$),
('shipped', 'de', 'Ihre Bestellung {{order.id}} bei {{shop.name}} ist unterwegs',
$text$Guten Tag{{#customer.name}} {{customer.name}}{{/customer.name}},

das hat heute unser Lager verlassen:

{{#lines}}
{{line.qty}} x {{line.title}} ({{line.sku}})
{{/lines}}
{{#shipment.carrier}}

Versand mit: {{shipment.carrier}}
{{/shipment.carrier}}
{{#shipment.tracking}}
Sendungsnummer: {{shipment.tracking}}
{{/shipment.tracking}}

{{shop.name}}
{{shop.url}}
$text$, $html$<!DOCTYPE html>
<html lang="de"><head><meta charset="utf-8"><title>Bestellung {{order.id}}</title></head>
<body style="font-family: sans-serif; color: #222">
<p>Guten Tag{{#customer.name}} {{customer.name}}{{/customer.name}},</p>
<p>das hat heute unser Lager verlassen:</p>
<ul>
{{#lines}}
<li>{{line.qty}} &times; {{line.title}} <small>{{line.sku}}</small></li>
{{/lines}}
</ul>
{{#shipment.carrier}}
<p>Versand mit: {{shipment.carrier}}</p>
{{/shipment.carrier}}
{{#shipment.tracking}}
<p>Sendungsnummer: <b>{{shipment.tracking}}</b></p>
{{/shipment.tracking}}
<p><a href="{{shop.url}}">{{shop.name}}</a></p>
</body></html>
$html$),
('delivered', 'en', 'Your order {{order.id}} at {{shop.name}} has arrived',
$text$Hello{{#customer.name}} {{customer.name}}{{/customer.name}},

we were told that this has been delivered to you:

{{#lines}}
{{line.qty}} x {{line.title}} ({{line.sku}})
{{/lines}}

If it has not, please write to us: {{shop.url}}

{{shop.name}}
$text$, $html$<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Order {{order.id}}</title></head>
<body style="font-family: sans-serif; color: #222">
<p>Hello{{#customer.name}} {{customer.name}}{{/customer.name}},</p>
<p>we were told that this has been delivered to you:</p>
<ul>
{{#lines}}
<li>{{line.qty}} &times; {{line.title}} <small>{{line.sku}}</small></li>
{{/lines}}
</ul>
<p>If it has not, please <a href="{{shop.url}}">write to us</a>.</p>
<p>{{shop.name}}</p>
</body></html>
$html$),
('delivered', 'de', 'Ihre Bestellung {{order.id}} bei {{shop.name}} ist angekommen',
$text$Guten Tag{{#customer.name}} {{customer.name}}{{/customer.name}},

uns wurde gemeldet, dass Ihnen das zugestellt worden ist:

{{#lines}}
{{line.qty}} x {{line.title}} ({{line.sku}})
{{/lines}}

Falls nicht, schreiben Sie uns bitte: {{shop.url}}

{{shop.name}}
$text$, $html$<!DOCTYPE html>
<html lang="de"><head><meta charset="utf-8"><title>Bestellung {{order.id}}</title></head>
<body style="font-family: sans-serif; color: #222">
<p>Guten Tag{{#customer.name}} {{customer.name}}{{/customer.name}},</p>
<p>uns wurde gemeldet, dass Ihnen das zugestellt worden ist:</p>
<ul>
{{#lines}}
<li>{{line.qty}} &times; {{line.title}} <small>{{line.sku}}</small></li>
{{/lines}}
</ul>
<p>Falls nicht, <a href="{{shop.url}}">schreiben Sie uns</a> bitte.</p>
<p>{{shop.name}}</p>
</body></html>
$html$);
