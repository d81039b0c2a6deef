-- Messages to customers: one a subject, event and channel, whatever is retried.

CREATE TABLE template (
	event   text NOT NULL,  -- order_confirmed, payment_failed, refund_sent
	channel text NOT NULL DEFAULT 'email',
	locale  text NOT NULL DEFAULT 'en',
	version integer NOT NULL DEFAULT 1,
	subject text NOT NULL,
	body_text text NOT NULL,
	body_html text NOT NULL,
	PRIMARY KEY (event, channel, locale, version),
	CONSTRAINT template_event_is_known CHECK (event IN ('order_confirmed',
		'payment_failed', 'refund_sent')),
	CONSTRAINT template_channel_is_known CHECK (channel IN ('email'))
);

CREATE TABLE notification (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	event      text NOT NULL,
	channel    text NOT NULL DEFAULT 'email',
	order_id   bigint NOT NULL,
	subject_id bigint NOT NULL, -- the order, payment or refund it is about
	state      text NOT NULL DEFAULT 'queued',
	message_id text NOT NULL,   -- the same whatever is retried
	copy       integer NOT NULL DEFAULT 1, -- an operator's resend is a new message
	attempts   integer NOT NULL DEFAULT 0,
	created_at timestamptz NOT NULL DEFAULT now(),
	sent_at    timestamptz,
	last_error text,
	CONSTRAINT notification_sent_once UNIQUE (event, channel, subject_id),
	CONSTRAINT notification_event_is_known CHECK (event IN ('order_confirmed',
		'payment_failed', 'refund_sent')),
	CONSTRAINT notification_state_is_known CHECK (state IN ('queued', 'sent', 'failed',
		'suppressed'))
);
CREATE INDEX notification_order ON notification (order_id);

-- What a template may name, as one row.
CREATE TYPE notice AS (
	id            bigint,
	event         text,
	channel       text,
	state         text,
	message_id    text,
	created_at    timestamptz,
	order_id      bigint,
	email         text,
	name          text,
	locale        text, -- of the template that was found
	placed_at     timestamptz,
	subtotal      amount,
	discount      amount,
	shipping      amount,
	tax           amount,
	total         amount,
	line_sku      text[],
	line_title    text[],
	line_qty      text[],
	line_price    text[], -- minor units
	line_total    text[],
	payment_error text,
	refund        amount,
	subject       text,
	body_text     text,
	body_html     text
);

INSERT INTO template (event, locale, subject, body_text, body_html) VALUES
('order_confirmed', 'en', 'Your order {{order.id}} at {{shop.name}}',
$text$Hello{{#customer.name}} {{customer.name}}{{/customer.name}},

thank you for your order {{order.id}}. Your payment has arrived.

{{#lines}}
{{line.qty}} x {{line.title}} ({{line.sku}}): {{line.total}}
{{/lines}}

Subtotal: {{order.subtotal}}
{{#order.discount}}
Discount: -{{order.discount}}
{{/order.discount}}
{{#order.shipping}}
Shipping: {{order.shipping}}
{{/order.shipping}}
{{#order.tax}}
Tax: {{order.tax}}
{{/order.tax}}
Total: {{order.total}}

{{shop.name}}
{{shop.url}}
$text$, $html$<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Order {{order.id}}</title></head>
<body style="font-family: sans-serif; color: #222">
<p>Hello{{#customer.name}} {{customer.name}}{{/customer.name}},</p>
<p>thank you for your order <b>{{order.id}}</b>. Your payment has arrived.</p>
<table cellpadding="4">
{{#lines}}
<tr><td>{{line.qty}} &times;</td><td>{{line.title}}<br><small>{{line.sku}}</small></td><td align="right">{{line.total}}</td></tr>
{{/lines}}
<tr><td></td><td>Subtotal</td><td align="right">{{order.subtotal}}</td></tr>
{{#order.discount}}
<tr><td></td><td>Discount</td><td align="right">-{{order.discount}}</td></tr>
{{/order.discount}}
{{#order.shipping}}
<tr><td></td><td>Shipping</td><td align="right">{{order.shipping}}</td></tr>
{{/order.shipping}}
{{#order.tax}}
<tr><td></td><td>Tax</td><td align="right">{{order.tax}}</td></tr>
{{/order.tax}}
<tr><td></td><td><b>Total</b></td><td align="right"><b>{{order.total}}</b></td></tr>
</table>
<p><a href="{{shop.url}}">{{shop.name}}</a></p>
</body></html>
$html$),
('order_confirmed', 'de', 'Ihre Bestellung {{order.id}} bei {{shop.name}}',
$text$Guten Tag{{#customer.name}} {{customer.name}}{{/customer.name}},

vielen Dank für Ihre Bestellung {{order.id}}. Ihre Zahlung ist eingegangen.

{{#lines}}
{{line.qty}} x {{line.title}} ({{line.sku}}): {{line.total}}
{{/lines}}

Zwischensumme: {{order.subtotal}}
{{#order.discount}}
Rabatt: -{{order.discount}}
{{/order.discount}}
{{#order.shipping}}
Versand: {{order.shipping}}
{{/order.shipping}}
{{#order.tax}}
Steuer: {{order.tax}}
{{/order.tax}}
Gesamtsumme: {{order.total}}

{{shop.name}}
{{shop.url}}
$text$, $html$<!DOCTYPE html>
<html lang="de"><head><meta charset="utf-8"><title>Bestellung {{order.id}}</title></head>
<body style="font-family: sans-serif; color: #222">
<p>Guten Tag{{#customer.name}} {{customer.name}}{{/customer.name}},</p>
<p>vielen Dank für Ihre Bestellung <b>{{order.id}}</b>. Ihre Zahlung ist eingegangen.</p>
<table cellpadding="4">
{{#lines}}
<tr><td>{{line.qty}} &times;</td><td>{{line.title}}<br><small>{{line.sku}}</small></td><td align="right">{{line.total}}</td></tr>
{{/lines}}
<tr><td></td><td>Zwischensumme</td><td align="right">{{order.subtotal}}</td></tr>
{{#order.discount}}
<tr><td></td><td>Rabatt</td><td align="right">-{{order.discount}}</td></tr>
{{/order.discount}}
{{#order.shipping}}
<tr><td></td><td>Versand</td><td align="right">{{order.shipping}}</td></tr>
{{/order.shipping}}
{{#order.tax}}
<tr><td></td><td>Steuer</td><td align="right">{{order.tax}}</td></tr>
{{/order.tax}}
<tr><td></td><td><b>Gesamtsumme</b></td><td align="right"><b>{{order.total}}</b></td></tr>
</table>
<p><a href="{{shop.url}}">{{shop.name}}</a></p>
</body></html>
$html$),
('payment_failed', 'en', 'The payment for your order {{order.id}} did not go through',
$text$Hello{{#customer.name}} {{customer.name}}{{/customer.name}},

we could not take {{order.total}} for your order {{order.id}}. You have not been charged.
{{#payment.error}}

The reason we were given: {{payment.error}}
{{/payment.error}}

Please try again, with another way to pay if need be: {{shop.url}}

{{shop.name}}
$text$, $html$<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Order {{order.id}}</title></head>
<body style="font-family: sans-serif; color: #222">
<p>Hello{{#customer.name}} {{customer.name}}{{/customer.name}},</p>
<p>we could not take <b>{{order.total}}</b> for your order <b>{{order.id}}</b>. You have not been charged.</p>
{{#payment.error}}
<p>The reason we were given: {{payment.error}}</p>
{{/payment.error}}
<p>Please <a href="{{shop.url}}">try again</a>, with another way to pay if need be.</p>
<p>{{shop.name}}</p>
</body></html>
$html$),
('payment_failed', 'de', 'Die Zahlung für Ihre Bestellung {{order.id}} ist fehlgeschlagen',
$text$Guten Tag{{#customer.name}} {{customer.name}}{{/customer.name}},

wir konnten {{order.total}} für Ihre Bestellung {{order.id}} nicht einziehen. Es wurde nichts abgebucht.
{{#payment.error}}

Der uns genannte Grund: {{payment.error}}
{{/payment.error}}

Bitte versuchen Sie es noch einmal, gern mit einer anderen Zahlungsart: {{shop.url}}

{{shop.name}}
$text$, $html$<!DOCTYPE html>
<html lang="de"><head><meta charset="utf-8"><title>Bestellung {{order.id}}</title></head>
<body style="font-family: sans-serif; color: #222">
<p>Guten Tag{{#customer.name}} {{customer.name}}{{/customer.name}},</p>
<p>wir konnten <b>{{order.total}}</b> für Ihre Bestellung <b>{{order.id}}</b> nicht einziehen. Es wurde nichts abgebucht.</p>
{{#payment.error}}
<p>Der uns genannte Grund: {{payment.error}}</p>
{{/payment.error}}
<p>Bitte <a href="{{shop.url}}">versuchen Sie es noch einmal</a>, gern mit einer anderen Zahlungsart.</p>
<p>{{shop.name}}</p>
</body></html>
$html$),
('refund_sent', 'en', 'Your refund of {{refund.amount}} for order {{order.id}}',
$text$Hello{{#customer.name}} {{customer.name}}{{/customer.name}},

we have sent back {{refund.amount}} of your order {{order.id}}. It reaches the account you
paid with within five to ten days, depending on your bank.

{{shop.name}}
{{shop.url}}
$text$, $html$<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Refund for {{order.id}}</title></head>
<body style="font-family: sans-serif; color: #222">
<p>Hello{{#customer.name}} {{customer.name}}{{/customer.name}},</p>
<p>we have sent back <b>{{refund.amount}}</b> of your order <b>{{order.id}}</b>. It reaches the account you paid with within five to ten days, depending on your bank.</p>
<p><a href="{{shop.url}}">{{shop.name}}</a></p>
</body></html>
$html$),
('refund_sent', 'de', 'Ihre Erstattung von {{refund.amount}} zur Bestellung {{order.id}}',
$text$Guten Tag{{#customer.name}} {{customer.name}}{{/customer.name}},

wir haben Ihnen {{refund.amount}} zu Ihrer Bestellung {{order.id}} erstattet. Der Betrag ist, je nach
Bank, in fünf bis zehn Tagen auf dem Konto, mit dem Sie bezahlt haben.

{{shop.name}}
{{shop.url}}
$text$, $html$<!DOCTYPE html>
<html lang="de"><head><meta charset="utf-8"><title>Erstattung zu {{order.id}}</title></head>
<body style="font-family: sans-serif; color: #222">
<p>Guten Tag{{#customer.name}} {{customer.name}}{{/customer.name}},</p>
<p>wir haben Ihnen <b>{{refund.amount}}</b> zu Ihrer Bestellung <b>{{order.id}}</b> erstattet. Der Betrag ist, je nach Bank, in fünf bis zehn Tagen auf dem Konto, mit dem Sie bezahlt haben.</p>
<p><a href="{{shop.url}}">{{shop.name}}</a></p>
</body></html>
$html$);
