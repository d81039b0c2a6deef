-- Messages whole: more events, channels, whom one may write to, and what they wished.

-- What a shop tells, to whom, and under which rules.  A message waits `delay`, because what
-- it says may be settled by then, and then is not said.
CREATE TABLE notice_event (
	event    text PRIMARY KEY,
	topic    text NOT NULL,
	audience text NOT NULL DEFAULT 'customer',
	delay    interval NOT NULL DEFAULT '0',
	CONSTRAINT notice_topic_is_known CHECK (topic IN ('transactional', 'marketing', 'stock',
		'operations')),
	CONSTRAINT notice_audience_is_known CHECK (audience IN ('customer', 'operators'))
);
INSERT INTO notice_event (event, topic, audience, delay) VALUES
	('order_confirmed', 'transactional', 'customer', '0'),
	('order_expired', 'transactional', 'customer', '0'),
	('payment_failed', 'transactional', 'customer', '0'),
	('payment_late', 'transactional', 'customer', '0'),
	('payment_action_needed', 'transactional', 'customer', '3 min'),
	('shipped', 'transactional', 'customer', '0'),
	('delivered', 'transactional', 'customer', '0'),
	('refund_sent', 'transactional', 'customer', '0'),
	('refund_failed', 'transactional', 'customer', '0'),
	('back_in_stock', 'stock', 'customer', '0'),
	('cart_abandoned', 'marketing', 'customer', '0'),
	('low_stock', 'operations', 'operators', '0');

-- The list of events is a table now: one place to add to.
ALTER TABLE template DROP CONSTRAINT template_event_is_known,
	ADD CONSTRAINT template_event_is_known FOREIGN KEY (event) REFERENCES notice_event,
	DROP CONSTRAINT template_channel_is_known,
	ADD CONSTRAINT template_channel_is_known CHECK (channel IN ('email', 'sms', 'inbox')),
	ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(),
	ADD COLUMN created_by text NOT NULL DEFAULT 'shop';

ALTER TABLE notification DROP CONSTRAINT notification_event_is_known,
	ADD CONSTRAINT notification_event_is_known CHECK (event IN ('order_confirmed',
		'order_expired', 'payment_failed', 'payment_late', 'payment_action_needed',
		'shipped', 'delivered', 'refund_sent', 'refund_failed', 'back_in_stock',
		'cart_abandoned', 'low_stock')),
	ADD CONSTRAINT notification_channel_is_known CHECK (channel IN ('email', 'sms', 'inbox',
		'webhook')),
	ALTER order_id DROP NOT NULL, -- what is on the shelf belongs to no order
	ADD COLUMN endpoint_id bigint NOT NULL DEFAULT 0, -- of a webhook; 0 of the others
	ADD COLUMN locale text,           -- the template that it was written with
	ADD COLUMN version integer,
	ADD COLUMN intent_at timestamptz, -- it may have left since; NULL: it has not, for certain
	ADD COLUMN ref text,              -- the provider's name for it
	DROP CONSTRAINT notification_sent_once,
	ADD CONSTRAINT notification_sent_once UNIQUE (event, channel, subject_id, endpoint_id);

-- What else a template may name, and whether the message may go now.
ALTER TYPE notice
	ADD ATTRIBUTE audience text,
	ADD ATTRIBUTE phone text,
	ADD ATTRIBUTE version integer,
	ADD ATTRIBUTE unsubscribe text,    -- the token; NULL where there is nothing to leave
	ADD ATTRIBUTE line_wanted text[],   -- of a shelf that runs low
	ADD ATTRIBUTE intent_at timestamptz,
	ADD ATTRIBUTE hold text,           -- why it must not be sent
	ADD ATTRIBUTE wait_until timestamptz;

-- What people wished, by their address as it is written in lower case: most never have an
-- account.  No row is the default of preference_of().
CREATE TABLE preference (
	email      text NOT NULL,
	topic      text NOT NULL,
	channel    text NOT NULL,
	allowed    boolean NOT NULL,
	changed_at timestamptz NOT NULL DEFAULT now(),
	changed_by text NOT NULL,
	PRIMARY KEY (email, topic, channel),
	CONSTRAINT preference_email_is_folded CHECK (email = lower(email) AND email LIKE '%_@_%'),
	CONSTRAINT preference_topic_is_known CHECK (topic IN ('transactional', 'marketing',
		'stock')),
	CONSTRAINT preference_channel_is_known CHECK (channel IN ('email', 'sms', 'inbox')),
	CONSTRAINT transactional_mail_stays_on CHECK (allowed OR topic <> 'transactional'
		OR channel <> 'email')
);

-- When somebody sleeps.
CREATE TABLE quiet_hours (
	email   text PRIMARY KEY, -- '': of everybody without hours of their own
	tz      text NOT NULL,
	begins  time NOT NULL,
	ends    time NOT NULL, -- before `begins`: on the next day; the same: never quiet
	CONSTRAINT quiet_email_is_folded CHECK (email = lower(email))
);
INSERT INTO quiet_hours VALUES ('', 'UTC', '21:00', '08:00');

-- Addresses and numbers that nothing is sent to any more.
CREATE TABLE suppression (
	channel text NOT NULL,
	address text NOT NULL,
	why     text NOT NULL,
	at      timestamptz NOT NULL DEFAULT now(),
	by      text NOT NULL,
	note    text,
	PRIMARY KEY (channel, address),
	CONSTRAINT suppression_channel_is_known CHECK (channel IN ('email', 'sms')),
	CONSTRAINT suppression_address_is_folded CHECK (address = lower(address)
		AND address <> ''),
	CONSTRAINT suppression_reason_is_known CHECK (why IN ('bounce', 'complaint', 'stop',
		'manual'))
);

-- What signs the tokens of "unsubscribe": who knows it can make them.
INSERT INTO setting VALUES ('unsubscribe_secret',
	replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''));

-- What a storefront shows to a customer of ours.
CREATE TABLE inbox (
	notification_id bigint PRIMARY KEY,
	email   text NOT NULL,
	event   text NOT NULL,
	order_id bigint,
	subject text NOT NULL,
	body    text NOT NULL,
	at      timestamptz NOT NULL DEFAULT now(),
	read_at timestamptz
);
CREATE INDEX inbox_email ON inbox (email, notification_id);

-- Programs of others that want to hear what happens.  The secret is kept as it is, for
-- the worker signs with it; the one before signs too for a while.
CREATE TABLE webhook_endpoint (
	id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	url           text NOT NULL,
	events        text[] NOT NULL,
	secret        text NOT NULL,
	old_secret    text,
	old_until     timestamptz,
	created_at    timestamptz NOT NULL DEFAULT now(),
	created_by    text NOT NULL,
	failing_since timestamptz,
	disabled_at   timestamptz,
	disabled_why  text,
	CONSTRAINT webhook_endpoint_is_new UNIQUE (url),
	CONSTRAINT webhook_endpoint_url_is_http CHECK (url ~ '^https?://[^\s]+$'),
	CONSTRAINT webhook_endpoint_hears_something CHECK (events <> '{}'),
	CONSTRAINT webhook_endpoint_secret_is_long CHECK (length(secret) >= 24)
);

-- What is sent is the same bytes each time, whatever became of the order meanwhile.
CREATE TABLE webhook_out (
	notification_id bigint PRIMARY KEY,
	body text NOT NULL
);

-- Every attempt; it is here before the bytes leave.
CREATE TABLE webhook_delivery (
	id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	notification_id bigint NOT NULL,
	endpoint_id     bigint NOT NULL,
	at              timestamptz NOT NULL DEFAULT now(),
	status          integer, -- of HTTP; NULL while nobody knows, 0: no answer came
	took_ms         integer,
	error           text
);
CREATE INDEX webhook_delivery_notification ON webhook_delivery (notification_id, id);
CREATE INDEX webhook_delivery_endpoint ON webhook_delivery (endpoint_id, id);

-- Who waits for a SKU.  It is told once the SKU has been gone and is there again.
CREATE TABLE stock_subscription (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	variant_id bigint NOT NULL,
	email      text NOT NULL,
	locale     text NOT NULL DEFAULT 'en',
	created_at timestamptz NOT NULL DEFAULT now(),
	gone       boolean NOT NULL DEFAULT false, -- seen with nothing available
	told_at    timestamptz,
	ended_at   timestamptz, -- told, or unsubscribed
	CONSTRAINT stock_subscription_email_is_folded CHECK (email = lower(email)
		AND email LIKE '%_@_%')
);
CREATE UNIQUE INDEX subscribed_once ON stock_subscription (variant_id, email)
	WHERE ended_at IS NULL;

-- A shelf below what its places ask for together; told once until it was above again.
CREATE TABLE stock_low (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	batch      bigint NOT NULL, -- all that one look found: the subject of its message
	variant_id bigint NOT NULL,
	at         timestamptz NOT NULL DEFAULT now(),
	available  bigint NOT NULL,
	wanted      bigint NOT NULL,
	over_at    timestamptz
);
CREATE INDEX stock_low_batch ON stock_low (batch);
CREATE UNIQUE INDEX low_once ON stock_low (variant_id) WHERE over_at IS NULL;

-- Carts whose customer was reminded.
CREATE TABLE cart_told (
	client_id bigint NOT NULL,
	cart      text COLLATE "C" NOT NULL, -- its id, without the version
	order_id  bigint NOT NULL,
	at        timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (client_id, cart)
);
INSERT INTO setting VALUES ('cart_watermark', now()::text);

-- Endpoints of others are slow when they like: they have a queue of their own.
INSERT INTO queue (name) VALUES ('webhook_out');
INSERT INTO job_schedule (name, kind, every) VALUES
	('notification.stock', 'notification.stock', '1 min'),
	('notification.carts', 'notification.carts', '15 min');

INSERT INTO template (event, channel, locale, subject, body_text, body_html) VALUES
('payment_action_needed', 'email', 'en', 'Your order {{order.id}} waits for your confirmation',
$text$Hello{{#customer.name}} {{customer.name}}{{/customer.name}},

your bank wants you to confirm the payment of {{order.total}} for your order {{order.id}}.

Please do so here: {{shop.url}}

Nothing has been taken yet; we keep the goods for you for a short while.

{{shop.name}}
{{shop.url}}
$text$, $html$<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Your order {{order.id}} waits for your confirmation</title></head>
<body style="font-family: sans-serif; color: #222">
<p>Hello{{#customer.name}} {{customer.name}}{{/customer.name}},</p>
<p>your bank wants you to confirm the payment of {{order.total}} for your order {{order.id}}.</p>
<p>Please do so here: <a href="{{shop.url}}">{{shop.url}}</a></p>
<p>Nothing has been taken yet; we keep the goods for you for a short while.</p>
<p><a href="{{shop.url}}">{{shop.name}}</a></p>
</body></html>
$html$),
('payment_action_needed', 'email', 'de', 'Ihre Bestellung {{order.id}} wartet auf Ihre Bestätigung',
$text$Guten Tag{{#customer.name}} {{customer.name}}{{/customer.name}},

Ihre Bank möchte, dass Sie die Zahlung von {{order.total}} für Ihre Bestellung {{order.id}} bestätigen.

Das geht hier: {{shop.url}}

Es wurde noch nichts abgebucht; die Ware ist kurze Zeit für Sie zurückgelegt.

{{shop.name}}
{{shop.url}}
$text$, $html$<!DOCTYPE html>
<html lang="de"><head><meta charset="utf-8"><title>Ihre Bestellung {{order.id}} wartet auf Ihre Bestätigung</title></head>
<body style="font-family: sans-serif; color: #222">
<p>Guten Tag{{#customer.name}} {{customer.name}}{{/customer.name}},</p>
<p>Ihre Bank möchte, dass Sie die Zahlung von {{order.total}} für Ihre Bestellung {{order.id}} bestätigen.</p>
<p>Das geht hier: <a href="{{shop.url}}">{{shop.url}}</a></p>
<p>Es wurde noch nichts abgebucht; die Ware ist kurze Zeit für Sie zurückgelegt.</p>
<p><a href="{{shop.url}}">{{shop.name}}</a></p>
</body></html>
$html$),
('refund_failed', 'email', 'en', 'Your refund of {{refund.amount}} for order {{order.id}} came back',
$text$Hello{{#customer.name}} {{customer.name}}{{/customer.name}},

your bank has sent back our refund of {{refund.amount}} for your order {{order.id}}.

You need not do anything: we look for another way and write to you.

{{shop.name}}
{{shop.url}}
$text$, $html$<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Your refund of {{refund.amount}} for order {{order.id}} came back</title></head>
<body style="font-family: sans-serif; color: #222">
<p>Hello{{#customer.name}} {{customer.name}}{{/customer.name}},</p>
<p>your bank has sent back our refund of {{refund.amount}} for your order {{order.id}}.</p>
<p>You need not do anything: we look for another way and write to you.</p>
<p><a href="{{shop.url}}">{{shop.name}}</a></p>
</body></html>
$html$),
('refund_failed', 'email', 'de', 'Ihre Erstattung von {{refund.amount}} zur Bestellung {{order.id}} kam zurück',
$text$Guten Tag{{#customer.name}} {{customer.name}}{{/customer.name}},

Ihre Bank hat unsere Erstattung von {{refund.amount}} zu Ihrer Bestellung {{order.id}} zurückgegeben.

Sie müssen nichts tun: Wir suchen einen anderen Weg und schreiben Ihnen.

{{shop.name}}
{{shop.url}}
$text$, $html$<!DOCTYPE html>
<html lang="de"><head><meta charset="utf-8"><title>Ihre Erstattung von {{refund.amount}} zur Bestellung {{order.id}} kam zurück</title></head>
<body style="font-family: sans-serif; color: #222">
<p>Guten Tag{{#customer.name}} {{customer.name}}{{/customer.name}},</p>
<p>Ihre Bank hat unsere Erstattung von {{refund.amount}} zu Ihrer Bestellung {{order.id}} zurückgegeben.</p>
<p>Sie müssen nichts tun: Wir suchen einen anderen Weg und schreiben Ihnen.</p>
<p><a href="{{shop.url}}">{{shop.name}}</a></p>
</body></html>
$html$),
('back_in_stock', 'email', 'en', '{{product.title}} is back',
$text$Hello{{#customer.name}} {{customer.name}}{{/customer.name}},

{{product.title}} ({{product.sku}}) is there again: {{shop.url}}

We keep none aside, so be quick.

You get this because you asked for it. To end it: {{unsubscribe.url}}

{{shop.name}}
{{shop.url}}
$text$, $html$<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{{product.title}} is back</title></head>
<body style="font-family: sans-serif; color: #222">
<p>Hello{{#customer.name}} {{customer.name}}{{/customer.name}},</p>
<p>{{product.title}} ({{product.sku}}) is there again: <a href="{{shop.url}}">{{shop.url}}</a></p>
<p>We keep none aside, so be quick.</p>
<p><small>You get this because you asked for it. <a href="{{unsubscribe.url}}">Unsubscribe</a></small></p>
<p><a href="{{shop.url}}">{{shop.name}}</a></p>
</body></html>
$html$),
('back_in_stock', 'email', 'de', '{{product.title}} ist wieder da',
$text$Guten Tag{{#customer.name}} {{customer.name}}{{/customer.name}},

{{product.title}} ({{product.sku}}) ist wieder lieferbar: {{shop.url}}

Wir legen nichts zurück; wer zuerst kommt, bekommt es.

Sie erhalten dies, weil Sie darum gebeten haben. Abbestellen: {{unsubscribe.url}}

{{shop.name}}
{{shop.url}}
$text$, $html$<!DOCTYPE html>
<html lang="de"><head><meta charset="utf-8"><title>{{product.title}} ist wieder da</title></head>
<body style="font-family: sans-serif; color: #222">
<p>Guten Tag{{#customer.name}} {{customer.name}}{{/customer.name}},</p>
<p>{{product.title}} ({{product.sku}}) ist wieder lieferbar: <a href="{{shop.url}}">{{shop.url}}</a></p>
<p>Wir legen nichts zurück; wer zuerst kommt, bekommt es.</p>
<p><small>Sie erhalten dies, weil Sie darum gebeten haben. <a href="{{unsubscribe.url}}">Abbestellen</a></small></p>
<p><a href="{{shop.url}}">{{shop.name}}</a></p>
</body></html>
$html$),
('cart_abandoned', 'email', 'en', 'You left something in your cart',
$text$Hello{{#customer.name}} {{customer.name}}{{/customer.name}},

you were about to order, and these are still waiting for you at {{shop.url}}:

{{#lines}}
- {{line.qty}} x {{line.title}}: {{line.total}}
{{/lines}}

You get this because you asked for it. To end it: {{unsubscribe.url}}

{{shop.name}}
{{shop.url}}
$text$, $html$<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>You left something in your cart</title></head>
<body style="font-family: sans-serif; color: #222">
<p>Hello{{#customer.name}} {{customer.name}}{{/customer.name}},</p>
<p>you were about to order, and these are still waiting for you at <a href="{{shop.url}}">{{shop.url}}</a>:</p>
<ul>
{{#lines}}
<li>{{line.qty}} &times; {{line.title}}: {{line.total}}</li>
{{/lines}}
</ul>
<p><small>You get this because you asked for it. <a href="{{unsubscribe.url}}">Unsubscribe</a></small></p>
<p><a href="{{shop.url}}">{{shop.name}}</a></p>
</body></html>
$html$),
('cart_abandoned', 'email', 'de', 'In Ihrem Warenkorb liegt noch etwas',
$text$Guten Tag{{#customer.name}} {{customer.name}}{{/customer.name}},

Sie wollten bestellen, und das hier wartet noch auf Sie unter {{shop.url}}:

{{#lines}}
- {{line.qty}} x {{line.title}}: {{line.total}}
{{/lines}}

Sie erhalten dies, weil Sie darum gebeten haben. Abbestellen: {{unsubscribe.url}}

{{shop.name}}
{{shop.url}}
$text$, $html$<!DOCTYPE html>
<html lang="de"><head><meta charset="utf-8"><title>In Ihrem Warenkorb liegt noch etwas</title></head>
<body style="font-family: sans-serif; color: #222">
<p>Guten Tag{{#customer.name}} {{customer.name}}{{/customer.name}},</p>
<p>Sie wollten bestellen, und das hier wartet noch auf Sie unter <a href="{{shop.url}}">{{shop.url}}</a>:</p>
<ul>
{{#lines}}
<li>{{line.qty}} &times; {{line.title}}: {{line.total}}</li>
{{/lines}}
</ul>
<p><small>Sie erhalten dies, weil Sie darum gebeten haben. <a href="{{unsubscribe.url}}">Abbestellen</a></small></p>
<p><a href="{{shop.url}}">{{shop.name}}</a></p>
</body></html>
$html$),
('low_stock', 'email', 'en', '{{stock.count}} SKUs run low',
$text$These fell below what their warehouses ask for:

{{#lines}}
- {{line.sku}} ({{line.title}}): {{line.qty}} left, {{line.wanted}} wanted
{{/lines}}

{{shop.name}}
{{shop.url}}
$text$, $html$<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{{stock.count}} SKUs run low</title></head>
<body style="font-family: sans-serif; color: #222">
<p>These fell below what their warehouses ask for:</p>
<ul>
{{#lines}}
<li>{{line.sku}} ({{line.title}}): {{line.qty}} left, {{line.wanted}} wanted</li>
{{/lines}}
</ul>
<p><a href="{{shop.url}}">{{shop.name}}</a></p>
</body></html>
$html$),
('shipped', 'sms', 'en', '',
$text${{shop.name}}: order {{order.id}} is on its way{{#shipment.tracking}}, tracking {{shipment.tracking}}{{/shipment.tracking}}.$text$, $html$$html$),
('shipped', 'inbox', 'en', 'Shipped',
$text${{shop.name}}: order {{order.id}} is on its way{{#shipment.tracking}}, tracking {{shipment.tracking}}{{/shipment.tracking}}.
$text$, $html$$html$),
('shipped', 'sms', 'de', '',
$text${{shop.name}}: Bestellung {{order.id}} ist unterwegs{{#shipment.tracking}}, Sendung {{shipment.tracking}}{{/shipment.tracking}}.$text$, $html$$html$),
('shipped', 'inbox', 'de', 'Versandt',
$text${{shop.name}}: Bestellung {{order.id}} ist unterwegs{{#shipment.tracking}}, Sendung {{shipment.tracking}}{{/shipment.tracking}}.
$text$, $html$$html$),
('delivered', 'sms', 'en', '',
$text${{shop.name}}: order {{order.id}} was delivered.$text$, $html$$html$),
('delivered', 'inbox', 'en', 'Delivered',
$text${{shop.name}}: order {{order.id}} was delivered.
$text$, $html$$html$),
('delivered', 'sms', 'de', '',
$text${{shop.name}}: Bestellung {{order.id}} wurde zugestellt.$text$, $html$$html$),
('delivered', 'inbox', 'de', 'Zugestellt',
$text${{shop.name}}: Bestellung {{order.id}} wurde zugestellt.
$text$, $html$$html$),
('payment_action_needed', 'sms', 'en', '',
$text${{shop.name}}: please confirm the payment of {{order.total}} for order {{order.id}}: {{shop.url}}$text$, $html$$html$),
('payment_action_needed', 'inbox', 'en', 'Please confirm',
$text${{shop.name}}: please confirm the payment of {{order.total}} for order {{order.id}}: {{shop.url}}
$text$, $html$$html$),
('payment_action_needed', 'sms', 'de', '',
$text${{shop.name}}: Bitte bestätigen Sie die Zahlung von {{order.total}} für Bestellung {{order.id}}: {{shop.url}}$text$, $html$$html$),
('payment_action_needed', 'inbox', 'de', 'Bitte bestätigen',
$text${{shop.name}}: Bitte bestätigen Sie die Zahlung von {{order.total}} für Bestellung {{order.id}}: {{shop.url}}
$text$, $html$$html$),
('back_in_stock', 'inbox', 'en', 'Back in stock',
$text${{shop.name}}: {{product.title}} is back: {{shop.url}}
$text$, $html$$html$),
('back_in_stock', 'inbox', 'de', 'Wieder da',
$text${{shop.name}}: {{product.title}} ist wieder da: {{shop.url}}
$text$, $html$$html$),
('order_confirmed', 'inbox', 'en', 'Order {{order.id}} is confirmed',
$text$Thank you. We have your payment of {{order.total}}.
$text$, $html$$html$),
('order_confirmed', 'inbox', 'de', 'Bestellung {{order.id}} ist bestätigt',
$text$Vielen Dank. Ihre Zahlung von {{order.total}} ist eingegangen.
$text$, $html$$html$),
('payment_failed', 'inbox', 'en', 'The payment for order {{order.id}} failed',
$text$You have not been charged. Please try again.
$text$, $html$$html$),
('payment_failed', 'inbox', 'de', 'Die Zahlung für Bestellung {{order.id}} ist fehlgeschlagen',
$text$Es wurde nichts abgebucht. Bitte versuchen Sie es noch einmal.
$text$, $html$$html$),
('refund_sent', 'inbox', 'en', 'Refund of {{refund.amount}}',
$text$We have sent back {{refund.amount}} of order {{order.id}}.
$text$, $html$$html$),
('refund_sent', 'inbox', 'de', 'Erstattung von {{refund.amount}}',
$text$Wir haben {{refund.amount}} zu Bestellung {{order.id}} erstattet.
$text$, $html$$html$),
('refund_failed', 'inbox', 'en', 'Refund of {{refund.amount}} came back',
$text$Your bank sent back our refund for order {{order.id}}; we look for another way.
$text$, $html$$html$),
('refund_failed', 'inbox', 'de', 'Erstattung von {{refund.amount}} kam zurück',
$text$Ihre Bank hat unsere Erstattung zu Bestellung {{order.id}} zurückgegeben; wir suchen einen anderen Weg.
$text$, $html$$html$);
