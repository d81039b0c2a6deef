-- Money that came by hand: invoices, bank transfers, cash on delivery.  Nobody tells us
-- but the operator who reads the bank's statement.

-- Record money for an order.  The reference is the statement's own: one line of it is
-- counted once, however often it is told.
CREATE FUNCTION api.payment_match(order_id bigint, minor bigint, currency text,
	reference text)
RETURNS TABLE (payment_id bigint, state text, order_state text, captured amount,
	applied boolean, replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	o orders;
	p payment;
	told ledger_entry;
BEGIN
	SELECT * INTO o FROM orders WHERE id = $1 FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM absent('order_exists', format('there is no order %s', $1),
			'shopctl order list');
	ELSIF coalesce(trim($4), '') = '' OR length($4) > 200 THEN
		PERFORM invalid('payment_reference_is_given',
			'money is matched by the reference of its statement line', '--reference TEXT');
	ELSIF $2 <= 0 THEN
		PERFORM invalid('payment_amount_is_positive', 'money that came is more than nothing');
	END IF;
	-- two who read the same line at once, for two orders, hold no row in common
	PERFORM pg_advisory_xact_lock(hashtextextended('cap:manual:' || trim($4), 0));
	SELECT * INTO told FROM ledger_entry e WHERE e.key = 'cap:manual:' || trim($4);
	IF told.order_id <> $1 OR NOT EXISTS (SELECT FROM ledger_line l
		WHERE l.entry_id = told.id AND (l.currency, l.amount) = ($3, $2)) THEN
		PERFORM refuse('payment_reference_used_once', format(
			'%s was matched to order %s', trim($4), told.order_id)
			|| coalesce((SELECT format(' with %s', money_text(l.amount, l.currency))
				FROM ledger_line l WHERE l.entry_id = told.id AND l.amount > 0), ''),
			format('shopctl order why %s', told.order_id))
		WHERE told.id IS NOT NULL;
	END IF;
	payment_id := coalesce(told.payment_id, payment_by_hand(o, $2, $3, trim($4)));
	RETURN QUERY SELECT x.id, x.state, y.state, ROW(x.captured, x.currency)::amount,
		x.applied, told.id IS NOT NULL
	FROM payment x JOIN orders y ON y.id = x.order_id WHERE x.id = payment_id;
END $$;

-- The attempt that the money is for: the one that waits, else the last that did not
-- become money, else one of its own.
CREATE FUNCTION payment_by_hand(o orders, minor bigint, currency text, reference text)
RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	p payment;
BEGIN
	SELECT * INTO p FROM payment x WHERE x.order_id = o.id AND x.provider = 'manual'
		AND x.captured = 0 ORDER BY x.live DESC, x.id DESC LIMIT 1 FOR UPDATE;
	IF NOT FOUND THEN
		INSERT INTO payment AS x (id, order_id, provider, live, currency, amount)
		VALUES (new_id(), o.id, 'manual', false, o.currency, o.total) RETURNING * INTO p;
	END IF;
	UPDATE payment x SET provider_ref = coalesce(x.provider_ref, 'manual_' || x.id)
	WHERE x.id = p.id RETURNING * INTO p;
	PERFORM audit('order:' || o.id, 'payment.match', NULL, jsonb_build_object(
		'payment', p.id, 'amount', $2, 'currency', $3, 'reference', $4));
	PERFORM payment_apply(p.id, jsonb_populate_record(NULL::payment_facts,
		jsonb_build_object('ref', p.provider_ref, 'status', 'captured', 'currency', $3,
		'amount', $2, 'captured', $2, 'charge', $4)));
	PERFORM payment_schedule(x.id, 0) FROM payment x
	WHERE x.order_id = o.id AND (x.id = p.id OR x.live);
	RETURN p.id;
END $$;
