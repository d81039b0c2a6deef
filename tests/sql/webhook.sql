-- What a provider tells, in every order in which it may come: the same rows at the end.
-- And every word in every state of a webhook.
BEGIN;

INSERT INTO warehouse (code) VALUES ('AMS');
INSERT INTO product (handle, title, status) VALUES ('dog', 'Dog', 'active');
INSERT INTO variant (product_id, sku, title) SELECT id, 'DOG', 'Dog' FROM product;
INSERT INTO stock (variant_id, warehouse_id, on_hand, reserved)
	SELECT v.id, w.id, 10, 2 FROM variant v, warehouse w;
INSERT INTO orders (id, client_id, key, fingerprint, currency, subtotal, total, expires_at)
VALUES (1024, 0, 'a', '\x00', 'EUR', 10000, 10000, now() + interval '15 min');
INSERT INTO order_line (order_id, n, variant_id, warehouse_id, qty, unit_price, sku, title)
	SELECT 1024, 1, v.id, w.id, 2, 5000, 'DOG', 'Dog' FROM variant v, warehouse w;
INSERT INTO order_contact (order_id, email) VALUES (1024, 'a@example.com');
INSERT INTO payment (id, order_id, provider_ref, state, currency, amount)
VALUES (1024, 1024, 'pi_1', 'open', 'EUR', 10000);

-- The six, each as the provider's object stood when its event was made: stale words come
-- late, and a refund or a dispute may be told before the money.
CREATE TEMP TABLE told (n int, what text, facts jsonb);
INSERT INTO told VALUES
	(1, 'payment', '{"ref": "pi_1", "status": "open", "currency": "EUR", "amount": 10000}'),
	(2, 'payment', '{"ref": "pi_1", "status": "processing", "currency": "EUR", "amount": 10000}'),
	(3, 'payment', '{"ref": "pi_1", "status": "captured", "currency": "EUR", "amount": 10000,
		"captured": 10000, "charge": "ch_1", "fee": 320, "fee_currency": "EUR", "fee_ref": "txn_1"}'),
	(4, 'refund', '{"ref": "re_1", "payment_ref": "pi_1", "status": "pending", "currency": "EUR",
		"amount": 3000}'),
	(5, 'refund', '{"ref": "re_1", "payment_ref": "pi_1", "status": "succeeded", "currency": "EUR",
		"amount": 3000}'),
	(6, 'dispute', '{"ref": "dp_1", "payment_ref": "pi_1", "charge": "ch_1", "currency": "EUR",
		"status": "needs_response", "reason": "fraudulent", "amount": 7000, "refundable": false,
		"submissions": 0, "evidence_due_by": "2099-01-01T00:00:00Z", "txns": [{"txn": "txn_2",
		"currency": "EUR", "amount": -7000, "fee": 1500}]}');

-- All that is left of it, without the numbers and times that say when.
CREATE FUNCTION pg_temp.digest() RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(x, E'\n' ORDER BY x) FROM (
		SELECT concat_ws(' ', 'order', state) FROM orders
		UNION ALL SELECT concat_ws(' ', 'line', stock_state) FROM order_line
		UNION ALL SELECT concat_ws(' ', 'stock', reserved, on_hand) FROM stock
		UNION ALL SELECT concat_ws(' ', 'payment', state, live, applied, captured, charge_ref,
			fee_ref) FROM payment
		UNION ALL SELECT concat_ws(' ', 'refund', state, amount, provider_ref, key, reason) FROM refund
		UNION ALL SELECT concat_ws(' ', 'part', l.n, l.qty, l.amount, l.tax) FROM refund_line l
		UNION ALL SELECT concat_ws(' ', 'dispute', state, amount, provider_ref, lost, closed_at,
			evidence_due_by) FROM dispute
		UNION ALL SELECT concat_ws(' ', 'moved', txn, amount, fee) FROM dispute_money
		UNION ALL SELECT concat_ws(' ', 'ledger', e.kind, l.account, l.currency, l.amount)
			FROM ledger_entry e JOIN ledger_line l ON l.entry_id = e.id
		UNION ALL SELECT concat_ws(' ', 'mail', event, state) FROM notification
		UNION ALL SELECT concat_ws(' ', 'incident', kind, state) FROM incident
	) AS t (x)
$$;

-- Tell what is left in every order, as the job does; what no row of ours is ready for is
-- parked and told again.  What each came to, and nothing of it stays.
CREATE FUNCTION pg_temp.tell(done int[], parked int[], rest int[], OUT p int[], OUT ends text)
RETURNS SETOF record
LANGUAGE plpgsql AS $$
DECLARE
	t told;
	answers jsonb := '[]';
	waits boolean;
BEGIN
	FOR t IN SELECT * FROM told x WHERE x.n = ANY (rest) OR rest = '{}' AND x.n = parked[1] LOOP
		BEGIN
			waits := webhook_apply('stripe', t.what, t.facts) IS NULL;
			SELECT jsonb_agg(x) INTO answers FROM pg_temp.tell(
				done || CASE WHEN rest <> '{}' THEN ARRAY[t.n] ELSE '{}' END,
				CASE WHEN rest = '{}' THEN parked[2:] ELSE parked END
				|| CASE WHEN waits THEN ARRAY[t.n] ELSE '{}' END, array_remove(rest, t.n)) x;
			RAISE EXCEPTION 'undo';
		EXCEPTION WHEN raise_exception THEN
			RETURN QUERY SELECT ARRAY(SELECT jsonb_array_elements_text(x->'p')::int), x->>'ends'
				FROM jsonb_array_elements(answers) x;
		END;
	END LOOP;
	IF rest = '{}' AND parked = '{}' THEN
		p := done;
		ends := pg_temp.digest();
		RETURN NEXT;
	END IF;
END $$;

CREATE TEMP TABLE final AS SELECT p, ends AS is FROM pg_temp.tell('{}', '{}', '{1,2,3,4,5,6}');

SELECT plan(8);
SELECT is((SELECT count(*) FROM final), 720::bigint, 'case 13: the six are told in all 720 orders');
SELECT is((SELECT count(DISTINCT f.is) FROM final f), 1::bigint,
	'case 13: and every one of them ends in identical rows');
SELECT is((SELECT DISTINCT f.is FROM final f WHERE p = '{1,2,3,4,5,6}'), $$dispute needs_response 7000 dp_1 0 2099-01-01 00:00:00+00
incident dispute_opened open
ledger capture customer:deposits EUR -10000
ledger capture psp:clearing EUR 10000
ledger dispute dispute:receivable EUR 7000
ledger dispute fees:dispute EUR 1500
ledger dispute psp:clearing EUR -8500
ledger fee fees:psp EUR 320
ledger fee psp:clearing EUR -320
ledger refund_accepted psp:clearing EUR -3000
ledger refund_accepted refund:payable EUR 3000
ledger refund_requested customer:deposits EUR 3000
ledger refund_requested refund:payable EUR -3000
line committed
mail order_confirmed queued
mail refund_sent queued
moved txn_2 -7000 1500
order on_hold
part 1 0 3000 0
payment captured f t 10000 ch_1 txn_1
refund succeeded 3000 re_1 provider:re_1 made at the provider
stock 2 10$$, 'case 13: which are these');

-- The machine of webhooks, written down a second time.
CREATE TEMP TABLE edge (from_state text, event text, to_state text);
INSERT INTO edge SELECT f, e, e FROM unnest('{received,parked}'::text[]) f,
	unnest('{processed,ignored,parked,dead}'::text[]) e
UNION ALL SELECT f, 'again', 'received' FROM unnest('{received,parked}'::text[]) f
UNION ALL SELECT f, 'replay', 'received' FROM unnest('{processed,ignored,parked,dead}'::text[]) f;
SELECT set_eq($$ SELECT from_state, event, to_state FROM state_edge WHERE machine = 'webhook' $$,
	'SELECT * FROM edge', 'the graph of webhooks is as it was meant');

INSERT INTO webhook_event (provider, livemode, event_id, type, object_id, body)
VALUES ('stripe', false, 'evt_1', 'payment_intent.succeeded', 'pi_none', '{}');
CREATE FUNCTION pg_temp.told_in(state text, event text, of_order bigint) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	w webhook_event;
	answer text := 'refused';
BEGIN
	UPDATE webhook_event SET state = $1 RETURNING * INTO w;
	BEGIN
		PERFORM webhook_move(w, $2, $3, NULL);
		SELECT e.state INTO answer FROM webhook_event e;
		RAISE EXCEPTION 'undo';
	EXCEPTION WHEN raise_exception OR SQLSTATE 'SH409' THEN
		RETURN answer;
	END;
END $$;
SELECT is_empty($$ SELECT s, e, o FROM unnest('{received,processed,ignored,parked,dead}'::text[]) s,
		unnest('{processed,ignored,parked,dead,again,replay,strange}'::text[]) e,
		unnest('{1024,NULL}'::bigint[]) o LEFT JOIN edge x ON false
	WHERE pg_temp.told_in(s, e, o) <> coalesce((SELECT to_state FROM edge g
		WHERE g.from_state = s AND g.event = e), 'refused') $$,
	'every event in every state, of an order or of none, does what the graph says');

-- An order that is not ours is parked for a day; money then is told, the rest is not.
UPDATE webhook_event SET state = 'received';
SELECT is((SELECT state FROM api.webhook_record(id, 'done', NULL, 'payment',
	'{"ref": "pi_none", "status": "open", "captured": 0, "currency": "EUR"}')), 'parked',
	'what nobody knows yet waits') FROM webhook_event;
UPDATE webhook_event SET received_at = now() - interval '25 hours', state = 'parked';
SELECT is((SELECT state FROM api.webhook_record(id, 'done', NULL, 'payment',
	'{"ref": "pi_none", "status": "open", "captured": 0, "currency": "EUR"}')), 'ignored',
	'and is none of ours when no money moved') FROM webhook_event;
SELECT is((SELECT count(*) FROM incident WHERE kind LIKE 'orphan%'), 0::bigint, 'about which nobody is told');
SELECT * FROM finish();
ROLLBACK;
