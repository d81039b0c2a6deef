-- Incidents: what a person must look at, who does, and how it ended.

-- Every kind there is: what it means, and the command that leads to its end.  ORDER,
-- PAYMENT and OBJECT stand for the incident's own.
CREATE FUNCTION incident_kinds() RETURNS TABLE (kind text, words text, remedy text)
LANGUAGE sql IMMUTABLE AS $$ VALUES
	('amount_differs', 'the provider moved another amount than we booked', 'shopctl order why ORDER'),
	('authorization_ends', 'an authorization runs out; what is not captured until then is lost', 'shopctl payment capture PAYMENT, or void it'),
	('authorization_unsure', 'an authorization is honored for one more day, then asked for again', 'shopctl payment capture PAYMENT, or void it'),
	('balance_differs', 'the provider holds another sum than its transactions add up to', 'shopctl payment balance; then ask the provider what moved it'),
	('capture_refused', 'the provider refused to capture authorized money', 'shopctl payment show PAYMENT'),
	('captured_in_part', 'an authorization ended with less than the order costs', 'shopctl order cancel ORDER, or ship what was paid'),
	('currency_differs', 'the provider settled in another currency than we booked', 'shopctl payment show PAYMENT'),
	('dispute_answer_refused', 'the provider refused our answer to a dispute', 'shopctl dispute show OBJECT'),
	('dispute_escalated', 'an inquiry became a dispute: the money is gone until it is won', 'shopctl dispute show OBJECT'),
	('dispute_evidence_due', 'the evidence of a dispute is due soon and none was given', 'shopctl dispute evidence OBJECT --submit'),
	('dispute_lost', 'a dispute was lost; the money is written off', 'shopctl dispute show OBJECT'),
	('dispute_opened', 'a cardholder''s bank takes money back; evidence is due', 'shopctl dispute show OBJECT'),
	('fee_differs', 'the provider took another fee than we booked', 'shopctl payment show PAYMENT'),
	('missing_here', 'the provider moved money and our books do not know it', 'shopctl payment orphans; or shopctl ledger post OBJECT --account CODE --reason TEXT'),
	('missing_there', 'we booked money that the provider does not know', 'shopctl order why ORDER'),
	('order_missing', 'the provider holds money for an order that is not here', 'shopctl payment orphans'),
	('orphan_dispute', 'a bank disputes money of a payment that is not ours', 'shopctl payment orphans'),
	('orphan_payment', 'the provider captured money that belongs to no order', 'shopctl payment orphans'),
	('orphan_refund', 'the provider gave money back that belongs to no payment', 'shopctl payment orphans'),
	('payment_mismatch', 'the amount paid is not the amount due; a refund is proposed', 'shopctl order why ORDER'),
	('payout_differs', 'a payout is not the sum of its transactions', 'shopctl payment reconcile --since 30d'),
	('provider_away', 'a payment provider does not answer; its jobs wait, checkouts go on', 'shopctl breaker list'),
	('provider_call_broken', 'the provider refused a call as our mistake', 'shopctl order why ORDER'),
	('refund_awaits_approval', 'a refund waits for another operator''s yes or no', 'shopctl refund approve REFUND, or decline it'),
	('refund_awaits_transfer', 'a refund of a payment by hand waits for its transfer', 'shopctl refund settle REFUND --reference TEXT, once it is paid'),
	('refund_failed', 'a refund failed after it was sent; the customer has no money', 'shopctl refund retry REFUND, or refund settle REFUND --via bank'),
	('refund_mismatch', 'the provider refunded another amount than was asked', 'shopctl refund list --order ORDER'),
	('refund_object_unexpected', 'the provider has a refund that should not be', 'shopctl refund list --order ORDER'),
	('refund_rejected', 'the provider refused a refund', 'shopctl refund list --order ORDER'),
	('refund_unknown', 'the provider gave money back that nobody here asked for', 'shopctl payment show PAYMENT'),
	('return_awaits_dispute', 'money without a home is disputed; it goes back when that is won', 'shopctl dispute list --order ORDER'),
	('second_payment_object', 'the provider has a second payment for one of ours; it is ended', 'shopctl order why ORDER'),
	('shipment_returned', 'a parcel came back; its goods and its money wait for a decision', 'shopctl shipment show OBJECT'),
	('shipment_silent', 'a parcel is under way and its carrier has said nothing for two months', 'shopctl shipment track OBJECT STATUS, once you know'),
	('state_differs', 'the provider and we see a payment or refund in other states', 'shopctl order why ORDER'),
	('webhook_dead', 'an event that nobody could act on', 'shopctl webhook show OBJECT'),
	('webhook_endpoint_disabled', 'a program of others did not answer for days and hears nothing more', 'shopctl webhook-endpoint enable OBJECT, then replay it')
$$;

-- The command that leads to the end of this one.
CREATE FUNCTION incident_remedy(i incident) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT replace(replace(replace(replace(k.remedy, 'REFUND', coalesce(i.detail->>'refund',
		'REFUND')), 'ORDER', coalesce(i.order_id::text, 'ORDER')),
		'PAYMENT', coalesce(i.payment_id::text, 'PAYMENT')),
		'OBJECT', coalesce(i.detail->>'webhook', i.detail->>'dispute',
		i.detail->>'object', 'OBJECT'))
	FROM incident_kinds() k WHERE k.kind = i.kind
$$;

-- Ask a person to look, unless the same is open already.  What makes it another one is
-- key, or else the thing of ours that the detail names.
CREATE FUNCTION incident_open(kind text, order_id bigint, payment_id bigint,
	detail jsonb DEFAULT '{}', key text DEFAULT NULL) RETURNS void
LANGUAGE sql AS $$
	INSERT INTO incident AS i (kind, order_id, payment_id, detail, key)
	VALUES ($1, $2, $3, $4, coalesce($5, $4->>'refund', $4->>'dispute', $4->>'op',
		$4->>'webhook', $4->>'ref', ''))
	ON CONFLICT (kind, (coalesce(i.order_id, 0)), (coalesce(i.payment_id, 0)), key)
		WHERE closed_at IS NULL DO NOTHING
$$;

-- End one, with a word on how; by is a person, or the part of the system that saw it end.
CREATE FUNCTION incident_close(incident_id bigint, note text, by text DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	i incident;
	e state_edge;
BEGIN
	SELECT * INTO i FROM incident WHERE id = $1 FOR UPDATE;
	e := state_move('incident', i.id, i.order_id, i.state, 'close');
	UPDATE incident SET state = e.to_state, closed_at = now(), note = $2, closed_by = coalesce($3, actor())
	WHERE id = i.id;
	PERFORM audit('incident:' || i.id, 'close', jsonb_build_object('state', i.state),
		jsonb_build_object('note', $2, 'by', $3));
END $$;

CREATE FUNCTION incident_locked(incident_id bigint) RETURNS incident
LANGUAGE plpgsql AS $$
DECLARE
	i incident;
BEGIN
	SELECT * INTO i FROM incident WHERE id = $1 FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM absent('incident_exists', format('there is no incident %s', $1),
			'shopctl incident list');
	END IF;
	RETURN i;
END $$;

-- Take it on, or give it to somebody else; without a name it is the caller's.
CREATE FUNCTION api.incident_own(incident_id bigint, new_owner text)
RETURNS TABLE (id bigint, state text, owner text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	i incident := incident_locked($1);
	e state_edge;
	name text := coalesce(nullif($2, ''), actor());
BEGIN
	e := state_move('incident', i.id, i.order_id, i.state, 'own',
		jsonb_build_object('owner', name));
	UPDATE incident x SET state = e.to_state, owner = name WHERE x.id = i.id;
	PERFORM audit('incident:' || i.id, 'own', jsonb_build_object('owner', i.owner),
		jsonb_build_object('owner', name));
	RETURN QUERY SELECT x.id, x.state, x.owner FROM incident x WHERE x.id = i.id;
END $$;

-- What fsck would say of an order's money, and what will have no home when a dispute ends.
CREATE FUNCTION money_astray(order_id bigint) RETURNS text[] LANGUAGE sql STABLE AS $$
	SELECT coalesce(array_agg(f.code || ' ' || f.object || ': ' || f.detail), '{}') FROM (
		SELECT * FROM fsck_orders_of(ARRAY[$1])
		UNION ALL SELECT * FROM fsck_payments_of(ARRAY[$1])
		UNION ALL SELECT 'O5', 'payment:' || p.id, 'goes back when no dispute has it'
			FROM payment p JOIN orders o ON o.id = p.order_id
			WHERE p.order_id = $1 AND payment_disputed(p.id)
				AND (NOT p.applied OR o.state = 'canceled')
				AND p.captured > payment_refunded(p.id)
				AND NOT EXISTS (SELECT FROM incident i WHERE i.order_id = p.order_id
					AND i.closed_at IS NULL)) AS f
	WHERE f.code IN ('O3', 'O5', 'O6', 'P8')
$$;

-- Whether what it waits for is still to come: a yes or no, a transfer, a bank's word.
CREATE FUNCTION incident_waits(i incident) RETURNS boolean LANGUAGE sql STABLE AS $$
	SELECT CASE i.kind WHEN 'return_awaits_dispute' THEN payment_disputed(i.payment_id)
		WHEN 'refund_awaits_approval' THEN EXISTS (SELECT FROM refund r
			WHERE r.id = (i.detail ->> 'refund')::bigint AND r.state = 'proposed')
		WHEN 'refund_awaits_transfer' THEN EXISTS (SELECT FROM refund r
			WHERE r.id = (i.detail ->> 'refund')::bigint AND r.state = 'requested')
		ELSE false END
$$;

-- Not while it is all that is left of some money: then nobody would look for it again.
CREATE FUNCTION api.incident_close(incident_id bigint, note text)
RETURNS TABLE (id bigint, state text, owner text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	i incident := incident_locked($1);
	astray text[] := money_astray(i.order_id);
BEGIN
	IF coalesce(btrim($2), '') = '' THEN
		PERFORM invalid('incident_closed_with_a_word',
			'an incident is closed with a note on how it ended', '--note TEXT');
	END IF;
	PERFORM incident_close(i.id, $2);
	IF incident_waits(i) THEN
		PERFORM refuse('incident_is_not_all_that_is_left', format(
			'incident %s waits for what has not come yet', i.id), incident_remedy(i));
	END IF;
	IF NOT money_astray(i.order_id) <@ astray THEN
		PERFORM refuse('incident_is_not_all_that_is_left', format(
			'only incident %s tells of money that has no home: %s', i.id,
			array_to_string(money_astray(i.order_id), '; ')), incident_remedy(i));
	END IF;
	RETURN QUERY SELECT x.id, x.state, x.owner FROM incident x WHERE x.id = i.id;
END $$;

-- Those that wait for somebody, oldest first; or those in one state ('all': in any).
CREATE FUNCTION api.incident_list(only_state text, only_kind text, only_owner text,
	only_order bigint, since timestamptz, max_rows bigint)
RETURNS TABLE (id bigint, at timestamptz, kind text, state text, owner text,
	order_id bigint, payment_id bigint, words text, remedy text, detail jsonb,
	closed_at timestamptz, closed_by text, note text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT i.id, i.at, i.kind, i.state, i.owner, i.order_id, i.payment_id, k.words,
		incident_remedy(i), i.detail, i.closed_at, i.closed_by, i.note
	FROM incident i LEFT JOIN incident_kinds() k ON k.kind = i.kind
	WHERE CASE $1 WHEN 'all' THEN true WHEN 'open' THEN i.state = 'open'
			WHEN 'owned' THEN i.state = 'owned' WHEN 'closed' THEN i.state = 'closed'
			ELSE i.closed_at IS NULL END
		AND ($2 IS NULL OR i.kind = $2) AND ($3 IS NULL OR i.owner = $3)
		AND ($4 IS NULL OR i.order_id = $4) AND ($5 IS NULL OR i.at >= $5)
	ORDER BY i.at, i.id LIMIT coalesce($6, 50);
END $$;

-- One, with what was done about it.
CREATE FUNCTION api.incident_get(incident_id bigint)
RETURNS TABLE (id bigint, at timestamptz, kind text, state text, owner text,
	order_id bigint, payment_id bigint, words text, remedy text, detail jsonb,
	closed_at timestamptz, closed_by text, note text, history jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT i.id, i.at, i.kind, i.state, i.owner, i.order_id, i.payment_id, k.words,
		incident_remedy(i), i.detail, i.closed_at, i.closed_by, i.note,
		(SELECT coalesce(jsonb_agg(jsonb_build_object('at', a.at, 'actor', a.actor,
			'action', a.action, 'after', a.after) ORDER BY a.id), '[]')
			FROM audit_log a WHERE a.object = 'incident:' || i.id)
	FROM incident i LEFT JOIN incident_kinds() k ON k.kind = i.kind WHERE i.id = $1;
	IF NOT FOUND THEN
		PERFORM absent('incident_exists', format('there is no incident %s', $1),
			'shopctl incident list');
	END IF;
END $$;
