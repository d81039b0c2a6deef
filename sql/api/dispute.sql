-- Disputes: what a provider says of them is applied once, in any order; the money goes by
-- its balance transactions.

-- Money of this payment is under dispute now, so that a refund would pay it out twice.
-- An inquiry that the provider lets us refund is settled by that and stops nothing.
CREATE FUNCTION payment_disputed(payment_id bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT EXISTS (SELECT FROM dispute d WHERE d.payment_id = $1 AND d.closed_at IS NULL
		AND NOT d.refundable)
$$;

-- What disputes of this payment took for good.  Where the provider's account is in
-- another currency than the payment, what was disputed stands for it.
CREATE FUNCTION payment_lost(payment_id bigint) RETURNS bigint
LANGUAGE sql STABLE AS $$
	SELECT coalesce(sum(CASE WHEN EXISTS (SELECT FROM dispute_money m
		WHERE m.dispute_id = d.id AND m.currency = d.currency) THEN greatest(d.lost, 0)
		ELSE d.amount END), 0)::bigint
	FROM dispute d WHERE d.payment_id = $1 AND d.state = 'lost'
$$;

-- The one way in which what a provider says changes a dispute; null when no payment of
-- ours is disputed.  Money is booked whatever the state is: it moved.
CREATE FUNCTION dispute_apply(provider text, f dispute_facts) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	p payment;
	d dispute;
BEGIN
	SELECT * INTO p FROM payment x WHERE x.provider = $1 AND x.provider_ref = f.payment_ref;
	IF p.id IS NULL THEN
		SELECT * INTO p FROM payment x WHERE x.provider = $1 AND f.payment_ref IS NULL
			AND (x.charge_ref = f.charge OR x.id IN (SELECT t.payment_id FROM payment_part t
				WHERE t.ref = f.charge))
			ORDER BY x.id LIMIT 1;
	END IF;
	IF p.id IS NULL OR f.ref IS NULL THEN
		RETURN NULL;
	END IF;
	PERFORM FROM orders o WHERE o.id = p.order_id FOR UPDATE;
	PERFORM FROM payment x WHERE x.id = p.id FOR UPDATE;
	PERFORM job_trace_of(p.order_id);
	SELECT * INTO d FROM dispute x WHERE x.provider = $1 AND x.provider_ref = f.ref FOR UPDATE;
	IF d.id IS NULL THEN
		d := dispute_open($1, p, f);
	END IF;
	PERFORM dispute_book(d, f.txns);
	PERFORM dispute_follow(d, f);
	PERFORM dispute_write_off(d.id);
	PERFORM payment_return_waiting(p.id);
	PERFORM dispute_schedule(d.id);
	RETURN d.id;
END $$;

-- One that we had not heard of.  It begins where all begin, even when it is told as over:
-- from there it moves.  What was not handed over yet is not handed over now.
CREATE FUNCTION dispute_open(provider text, p payment, f dispute_facts) RETURNS dispute
LANGUAGE plpgsql AS $$
DECLARE
	d dispute;
BEGIN
	INSERT INTO dispute AS x (provider, provider_ref, order_id, payment_id, state, reason,
		currency, amount, refundable, submissions, evidence_due_by)
	VALUES ($1, f.ref, p.order_id, p.id, CASE WHEN f.status LIKE 'warning_%'
		THEN 'warning_needs_response' ELSE 'needs_response' END, coalesce(f.reason, ''),
		f.currency, f.amount, coalesce(f.refundable, false), coalesce(f.submissions, 0),
		f.evidence_due_by)
	RETURNING x.* INTO d;
	PERFORM dispute_hold(p.order_id);
	PERFORM dispute_tell(d, 'dispute_opened');
	RETURN d;
END $$;

CREATE FUNCTION dispute_tell(d dispute, kind text) RETURNS void LANGUAGE sql AS $$
	SELECT incident_open($2, d.order_id, d.payment_id, jsonb_build_object('dispute', d.id,
		'ref', d.provider_ref, 'reason', d.reason, 'amount', d.amount, 'currency',
		d.currency, 'evidence_due_by', d.evidence_due_by, 'order_state',
		(SELECT o.state FROM orders o WHERE o.id = d.order_id),
		'command', format('shopctl dispute show %s', d.id)))
$$;

-- Each balance transaction once, whichever event told of it first.
CREATE FUNCTION dispute_book(d dispute, txns jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	m dispute_money;
BEGIN
	FOR m IN INSERT INTO dispute_money AS x (provider, txn, dispute_id, currency, amount, fee)
		SELECT d.provider, t.txn, d.id, t.currency, t.amount, t.fee
		FROM jsonb_to_recordset(coalesce($2, '[]')) AS t (txn text, currency text,
			amount bigint, fee bigint) ORDER BY t.txn
		ON CONFLICT DO NOTHING RETURNING x.*
	LOOP
		PERFORM dispute_post(d, 'disp:' || m.txn, 'dispute', m.currency,
			'{psp:clearing,dispute:receivable,fees:dispute}',
			ARRAY[m.amount - m.fee, -m.amount, m.fee]);
	END LOOP;
END $$;

-- Post what is not zero of it.
CREATE FUNCTION dispute_post(d dispute, key text, kind text, currency text,
	accounts text[], amounts bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM post($2, $3, d.order_id, d.payment_id, NULL, $4,
		array_agg(l.account ORDER BY l.n), array_agg(l.amount ORDER BY l.n))
	FROM unnest($5, $6) WITH ORDINALITY AS l (account, amount, n)
	WHERE l.amount <> 0 HAVING count(*) > 0;
END $$;

-- Go where the provider says it is, if a way leads there; a late word changes nothing.
CREATE FUNCTION dispute_follow(d dispute, f dispute_facts) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	e state_edge;
	closed boolean := f.status IN ('warning_closed', 'won', 'lost', 'prevented');
BEGIN
	IF state_may('dispute', d.state, f.status) THEN
		e := state_move('dispute', d.id, d.order_id, d.state, f.status,
			jsonb_build_object('ref', d.provider_ref));
	ELSIF f.status <> d.state THEN
		RETURN;
	END IF;
	UPDATE dispute x SET state = f.status, checks = 0, amount = f.amount,
		reason = coalesce(f.reason, x.reason),
		refundable = coalesce(f.refundable, x.refundable),
		submissions = greatest(x.submissions, f.submissions),
		evidence_due_by = f.evidence_due_by,
		closed_at = CASE WHEN closed THEN coalesce(x.closed_at, now()) END
	WHERE x.id = d.id RETURNING x.* INTO d;
	IF e.to_state IS NULL THEN
		RETURN;
	ELSIF closed THEN
		PERFORM dispute_release(d.order_id);
	END IF;
	IF e.to_state = 'lost' THEN
		PERFORM dispute_tell(d, 'dispute_lost');
	ELSIF e.from_state LIKE 'warning_%' AND NOT closed AND e.to_state NOT LIKE 'warning_%' THEN
		PERFORM dispute_hold(d.order_id);
		PERFORM dispute_tell(d, 'dispute_escalated');
	END IF;
END $$;

-- What a lost dispute took is a loss, and what of it comes back later is none.
CREATE FUNCTION dispute_write_off(dispute_id bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	d dispute;
	owed bigint;
	told_in text;
BEGIN
	SELECT * INTO d FROM dispute x WHERE x.id = $1;
	SELECT -sum(m.amount), min(m.currency) INTO owed, told_in
	FROM dispute_money m WHERE m.dispute_id = d.id;
	IF d.state <> 'lost' OR coalesce(owed, 0) = d.lost THEN
		RETURN;
	END IF;
	PERFORM dispute_post(d, concat_ws(':', 'dlost', d.id, (SELECT count(*) FROM ledger_entry e
			WHERE e.order_id = d.order_id AND e.key ~ format('^dlost:%s(:|$)', d.id)
			HAVING count(*) > 0)),
		'dispute_lost', told_in, '{loss:dispute,dispute:receivable}',
		ARRAY[owed - d.lost, d.lost - owed]);
	UPDATE dispute x SET lost = owed WHERE x.id = d.id;
END $$;

-- When a person is told that the evidence is due.
CREATE FUNCTION dispute_remind_at(d dispute) RETURNS timestamptz LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN d.reminded_at IS NULL AND d.submissions = 0 AND d.state IN
		('needs_response', 'warning_needs_response')
		THEN greatest(d.evidence_due_by - interval '3 days', d.opened_at
			+ (d.evidence_due_by - d.opened_at) / 2) END
$$;

-- Somebody looks at an open dispute every day, and in time before the evidence is due;
-- an answer of ours goes out now.
CREATE FUNCTION dispute_schedule(dispute_id bigint, after_s bigint DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	d dispute;
	at timestamptz;
BEGIN
	SELECT * INTO d FROM dispute x WHERE x.id = $1;
	IF EXISTS (SELECT FROM provider_op k WHERE k.dispute_id = d.id
		AND k.state IN ('new', 'sent', 'unknown')) THEN
		UPDATE dispute x SET checks = checks + 1 WHERE x.id = d.id;
		at := coalesce(now() + $2 * interval '1 s', CASE WHEN d.checks = 0 THEN now()
			ELSE op_again(d.checks, '1 hour', d.id) END);
	ELSIF d.closed_at IS NULL THEN
		at := least(op_again(20, '1 day', d.id), CASE WHEN dispute_remind_at(d) IS NOT NULL
			THEN greatest(dispute_remind_at(d), now()) END);
	ELSE
		RETURN;
	END IF;
	PERFORM job_put('dispute.sync', d.id, at, NULL,
		d.id || CASE WHEN at > now() THEN ':later' ELSE ':now' END);
END $$;
