-- Payments whole: manual capture, voids, more attempts, money without a home.

-- An order whose money is promised, not taken: its stock is as good as sold.
ALTER TABLE orders DROP CONSTRAINT order_state_is_known,
	ADD CONSTRAINT order_state_is_known CHECK (state IN ('pending', 'expiring', 'canceling',
		'authorized', 'paid', 'on_hold', 'shipped', 'delivered', 'canceled', 'expired'));

INSERT INTO state_edge VALUES
	('order', 'pending',    'authorized', 'authorized', 'commit'),
	('order', 'expiring',   'authorized', 'authorized', 'commit'),
	('order', 'authorized', 'captured',   'paid',       'keep'),
	('order', 'authorized', 'cancel',     'canceling',  'keep'),
	('order', 'authorized', 'lapsed',     'canceled',   'release');

-- What a provider says is an event; what is no edge is a late word and changes nothing.
-- Captured is for good, even after it was canceled: the money is there.
INSERT INTO state_edge VALUES
	('payment', 'new',        'open',       'open'),
	('payment', 'new',        'processing', 'processing'),
	('payment', 'new',        'authorized', 'authorized'),
	('payment', 'new',        'captured',   'captured'),
	('payment', 'new',        'canceled',   'canceled'),
	('payment', 'new',        'abandon',    'abandoned'),
	('payment', 'open',       'processing', 'processing'),
	('payment', 'open',       'authorized', 'authorized'),
	('payment', 'open',       'captured',   'captured'),
	('payment', 'open',       'canceled',   'canceled'),
	('payment', 'processing', 'open',       'open'), -- the debit failed
	('payment', 'processing', 'authorized', 'authorized'),
	('payment', 'processing', 'captured',   'captured'),
	('payment', 'processing', 'canceled',   'canceled'),
	('payment', 'authorized', 'part',       'authorized'), -- some of it was captured
	('payment', 'authorized', 'captured',   'captured'),
	('payment', 'authorized', 'canceled',   'canceled'),
	('payment', 'canceled',   'captured',   'captured'),
	('payment', 'abandoned',  'open',       'open'), -- it exists after all
	('payment', 'abandoned',  'processing', 'processing'),
	('payment', 'abandoned',  'authorized', 'authorized'),
	('payment', 'abandoned',  'captured',   'captured'),
	('payment', 'abandoned',  'canceled',   'canceled');

ALTER TABLE payment
	ADD capture text,            -- automatic, manual; null: nobody chose, so automatic
	ADD late text,               -- what late money does: reserve (null too), refund
	ADD surplus text,            -- money that is too much: refund (null too), propose
	ADD capture_before timestamptz, -- until then the authorization holds
	ADD approved boolean NOT NULL DEFAULT false, -- the customer agreed: capture it
	ADD superseded boolean NOT NULL DEFAULT false, -- another attempt waits for its end
	ADD CONSTRAINT payment_capture_is_known CHECK (capture IN ('automatic', 'manual')),
	ADD CONSTRAINT payment_late_is_known CHECK (late IN ('reserve', 'refund')),
	ADD CONSTRAINT payment_surplus_is_known CHECK (surplus IN ('refund', 'propose'));
CREATE INDEX payment_unmatched ON payment (id) WHERE captured > 0 AND NOT applied;

-- A capture: how much of the authorization, and whether the rest is let go.
ALTER TABLE provider_op
	ADD minor bigint,
	ADD upto bigint,   -- captured altogether once it is done
	ADD final boolean;

ALTER TYPE payment_facts ADD ATTRIBUTE capture_before timestamptz;
ALTER TYPE payment_action ADD ATTRIBUTE capture text, ADD ATTRIBUTE final boolean;

-- Two more messages: the order ran out, and money that came after that goes back.
ALTER TABLE template DROP CONSTRAINT template_event_is_known,
	ADD CONSTRAINT template_event_is_known CHECK (event IN ('order_confirmed',
		'order_expired', 'payment_failed', 'payment_late', 'refund_sent'));
ALTER TABLE notification DROP CONSTRAINT notification_event_is_known,
	ADD CONSTRAINT notification_event_is_known CHECK (event IN ('order_confirmed',
		'order_expired', 'payment_failed', 'payment_late', 'refund_sent'));
INSERT INTO template (event, locale, subject, body_text, body_html) VALUES
('order_expired', 'en', 'Your order {{order.id}} at {{shop.name}} has run out',
$text$Hello{{#customer.name}} {{customer.name}}{{/customer.name}},

no payment has reached us for your order {{order.id}} over {{order.total}}, so we no longer keep
its goods for you. Nothing was charged. You are welcome to order again: {{shop.url}}

{{shop.name}}
{{shop.url}}
$text$, $html$<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Order {{order.id}}</title></head>
<body style="font-family: sans-serif; color: #222">
<p>Hello{{#customer.name}} {{customer.name}}{{/customer.name}},</p>
<p>no payment has reached us for your order <b>{{order.id}}</b> over {{order.total}}, so we no longer keep its goods for you. Nothing was charged.</p>
<p>You are welcome to <a href="{{shop.url}}">order again</a>.</p>
<p><a href="{{shop.url}}">{{shop.name}}</a></p>
</body></html>
$html$),
('order_expired', 'de', 'Ihre Bestellung {{order.id}} bei {{shop.name}} ist verfallen',
$text$Guten Tag{{#customer.name}} {{customer.name}}{{/customer.name}},

für Ihre Bestellung {{order.id}} über {{order.total}} ist keine Zahlung eingegangen; wir halten die
Ware daher nicht länger zurück. Es wurde nichts abgebucht. Bestellen Sie gern noch einmal: {{shop.url}}

{{shop.name}}
{{shop.url}}
$text$, $html$<!DOCTYPE html>
<html lang="de"><head><meta charset="utf-8"><title>Bestellung {{order.id}}</title></head>
<body style="font-family: sans-serif; color: #222">
<p>Guten Tag{{#customer.name}} {{customer.name}}{{/customer.name}},</p>
<p>für Ihre Bestellung <b>{{order.id}}</b> über {{order.total}} ist keine Zahlung eingegangen; wir halten die Ware daher nicht länger zurück. Es wurde nichts abgebucht.</p>
<p>Bestellen Sie gern <a href="{{shop.url}}">noch einmal</a>.</p>
<p><a href="{{shop.url}}">{{shop.name}}</a></p>
</body></html>
$html$),
('payment_late', 'en', 'Your payment for order {{order.id}} came too late',
$text$Hello{{#customer.name}} {{customer.name}}{{/customer.name}},

we are sorry: your payment for order {{order.id}} reached us after the order had run out, and its
goods are gone. All of your money goes back the way it came; we write again when it is sent.

{{shop.name}}
{{shop.url}}
$text$, $html$<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Order {{order.id}}</title></head>
<body style="font-family: sans-serif; color: #222">
<p>Hello{{#customer.name}} {{customer.name}}{{/customer.name}},</p>
<p>we are sorry: your payment for order <b>{{order.id}}</b> reached us after the order had run out, and its goods are gone.</p>
<p>All of your money goes back the way it came; we write again when it is sent.</p>
<p><a href="{{shop.url}}">{{shop.name}}</a></p>
</body></html>
$html$),
('payment_late', 'de', 'Ihre Zahlung zur Bestellung {{order.id}} kam zu spät',
$text$Guten Tag{{#customer.name}} {{customer.name}}{{/customer.name}},

es tut uns leid: Ihre Zahlung zur Bestellung {{order.id}} kam an, als die Bestellung schon verfallen
und die Ware vergriffen war. Sie erhalten den ganzen Betrag zurück; wir schreiben Ihnen, sobald er unterwegs ist.

{{shop.name}}
{{shop.url}}
$text$, $html$<!DOCTYPE html>
<html lang="de"><head><meta charset="utf-8"><title>Bestellung {{order.id}}</title></head>
<body style="font-family: sans-serif; color: #222">
<p>Guten Tag{{#customer.name}} {{customer.name}}{{/customer.name}},</p>
<p>es tut uns leid: Ihre Zahlung zur Bestellung <b>{{order.id}}</b> kam an, als die Bestellung schon verfallen und die Ware vergriffen war.</p>
<p>Sie erhalten den ganzen Betrag zurück; wir schreiben Ihnen, sobald er unterwegs ist.</p>
<p><a href="{{shop.url}}">{{shop.name}}</a></p>
</body></html>
$html$);
