-- Disputes: what we answer, how it is sent and followed, and how they are shown.

CREATE FUNCTION dispute_is_open(dispute_id bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT d.closed_at IS NULL FROM dispute d WHERE d.id = $1
$$;

-- The dispute, locked as everybody locks; refused when there is none.
CREATE FUNCTION dispute_lock(dispute_id bigint) RETURNS dispute LANGUAGE plpgsql AS $$
DECLARE
	d dispute;
BEGIN
	SELECT * INTO d FROM dispute x WHERE x.id = $1;
	IF NOT FOUND THEN
		PERFORM absent('dispute_exists', format('there is no dispute %s', $1),
			'shopctl dispute list');
	END IF;
	PERFORM FROM orders o WHERE o.id = d.order_id FOR UPDATE;
	PERFORM FROM payment p WHERE p.id = d.payment_id FOR UPDATE;
	SELECT * INTO d FROM dispute x WHERE x.id = $1 FOR UPDATE;
	RETURN d;
END $$;

-- Mean to call about a dispute, and have the job that will.
CREATE FUNCTION dispute_intend(d dispute, kind text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	p payment;
	op_id bigint;
BEGIN
	SELECT * INTO p FROM payment x WHERE x.id = d.payment_id;
	op_id := op_intend($2, p, d.provider_ref);
	UPDATE provider_op k SET dispute_id = d.id WHERE k.id = op_id;
	PERFORM job_trace_of(d.order_id);
	UPDATE dispute x SET checks = 0 WHERE x.id = d.id;
	PERFORM dispute_schedule(d.id);
	RETURN op_id;
END $$;

-- Only a dispute that waits for our answer takes one, and one answer at a time.
CREATE FUNCTION dispute_may_answer(d dispute) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF d.state NOT IN ('needs_response', 'warning_needs_response') THEN
		PERFORM refuse('dispute_awaits_an_answer', format('dispute %s is %s', d.id, d.state),
			format('shopctl dispute show %s', d.id));
	ELSIF d.submissions > 0 OR EXISTS (SELECT FROM provider_op k WHERE k.dispute_id = d.id
		AND (k.state IN ('sent', 'unknown') OR k.state IN ('new', 'done')
			AND (d.submit OR k.kind = 'dispute.close'))) THEN
		PERFORM refuse('dispute_is_answered_once', format(
			'dispute %s has an answer, or one is on its way: the bank sees no second', d.id),
			format('shopctl dispute show %s', d.id));
	END IF;
END $$;

-- Whether a provider keeps evidence that is not handed in yet; PayPal takes it as all of it.
CREATE FUNCTION dispute_is_drafted_there(provider text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
	SELECT $1 <> 'paypal'
$$;

-- Add evidence; with submit it goes to the bank, and that once.
CREATE FUNCTION api.dispute_evidence(dispute_id bigint, fields jsonb, submit boolean)
RETURNS SETOF dispute_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	d dispute := dispute_lock($1);
BEGIN
	PERFORM dispute_may_answer(d);
	IF $2 = '{}' AND (NOT $3 OR d.evidence = '{}') THEN
		PERFORM invalid('dispute_evidence_is_given', 'an answer needs some evidence',
			'--field customer_name=...');
	END IF;
	UPDATE dispute x SET evidence = x.evidence || $2, submit = $3
	WHERE x.id = d.id RETURNING x.* INTO d;
	UPDATE provider_op k SET state = 'abandoned', concluded_at = now()
	WHERE k.dispute_id = d.id AND k.state = 'new'; -- never sent, and this one says more
	IF $3 OR dispute_is_drafted_there(d.provider) THEN
		PERFORM dispute_intend(d, 'dispute.update');
	END IF;
	PERFORM audit('dispute:' || d.id, 'dispute.evidence', NULL, jsonb_build_object('fields',
		(SELECT jsonb_agg(f) FROM jsonb_object_keys($2) AS f), 'submit', $3));
	RETURN QUERY SELECT * FROM dispute_show(d.id);
END $$;

-- Give in: the money stays with the cardholder.
CREATE FUNCTION api.dispute_accept(dispute_id bigint, reason text)
RETURNS SETOF dispute_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	d dispute := dispute_lock($1);
BEGIN
	IF coalesce($2, '') = '' THEN
		PERFORM invalid('dispute_acceptance_has_a_reason',
			'giving in to a dispute needs a reason', '--reason TEXT');
	END IF;
	PERFORM dispute_may_answer(d);
	PERFORM dispute_intend(d, 'dispute.close');
	PERFORM audit('dispute:' || d.id, 'dispute.accept', jsonb_build_object('state', d.state),
		jsonb_build_object('reason', $2));
	RETURN QUERY SELECT * FROM dispute_show(d.id);
END $$;

-- What to ask the provider about a dispute now.  A call whose fate nobody knows and that
-- can no longer be repeated under its key is made anew: the same evidence twice is the
-- evidence, and closing what is closed is refused.
CREATE FUNCTION api.dispute_load(dispute_id bigint)
RETURNS TABLE (action text, op_id bigint, key text, provider text, payment_id bigint,
	order_id bigint, ref text, evidence jsonb, submit boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	d dispute := dispute_lock($1);
	k provider_op;
	again bigint;
BEGIN
	SELECT * INTO k FROM provider_op o WHERE o.dispute_id = d.id
		AND o.state IN ('new', 'sent', 'unknown') ORDER BY o.id DESC LIMIT 1;
	IF k.id IS NOT NULL AND (d.closed_at IS NOT NULL OR k.result = 'indeterminate'
		OR k.first_sent_at < now() - op_horizon(k.provider, k.kind)) THEN
		UPDATE provider_op o SET state = 'abandoned', concluded_at = now()
		WHERE o.dispute_id = d.id AND o.state IN ('new', 'sent', 'unknown');
		IF d.closed_at IS NULL THEN
			again := dispute_intend(d, k.kind);
			SELECT * INTO k FROM provider_op o WHERE o.id = again;
		ELSE
			k := NULL;
		END IF;
	END IF;
	RETURN QUERY SELECT CASE WHEN k.id IS NOT NULL THEN k.kind
			WHEN d.closed_at IS NULL THEN 'dispute.get' ELSE 'none' END,
		k.id, k.idem_key, d.provider, d.payment_id, d.order_id, d.provider_ref,
		d.evidence, d.submit;
END $$;

-- Conclude a call about a dispute, and remind of the evidence whether or not there was
-- an answer: the bank's date does not wait for the provider.
CREATE FUNCTION api.dispute_record(dispute_id bigint, op_id bigint, verdict text,
	status bigint, request_id text, error text, retry_after_s bigint, facts jsonb)
RETURNS TABLE (state text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	d dispute := dispute_lock($1);
BEGIN
	IF $8 IS NOT NULL THEN
		PERFORM dispute_apply(d.provider, jsonb_populate_record(NULL::dispute_facts, $8));
	END IF;
	IF $2 IS NOT NULL AND $3 <> 'absent' THEN
		PERFORM op_conclude($2, $3, $4, $5, coalesce($6, $8->>'ref'));
	END IF;
	SELECT * INTO d FROM dispute x WHERE x.id = $1;
	IF $2 IS NOT NULL AND $3 IN ('refused', 'broken') THEN
		UPDATE dispute x SET submit = false WHERE x.id = d.id;
		PERFORM incident_open('dispute_answer_refused', d.order_id, d.payment_id,
			jsonb_build_object('dispute', d.id, 'ref', d.provider_ref, 'error', $6));
	END IF;
	IF dispute_remind_at(d) <= now() THEN
		PERFORM dispute_tell(d, 'dispute_evidence_due');
		UPDATE dispute x SET reminded_at = now() WHERE x.id = d.id;
	END IF;
	PERFORM dispute_schedule(d.id, nullif($7, 0));
	RETURN QUERY SELECT x.state FROM dispute x WHERE x.id = d.id;
END $$;

CREATE FUNCTION dispute_show(dispute_id bigint) RETURNS SETOF dispute_view
LANGUAGE sql STABLE AS $$
	SELECT d.id, d.order_id, d.payment_id, d.provider, d.provider_ref, d.state, d.reason,
		ROW(d.amount, d.currency)::amount, ROW(d.lost, d.currency)::amount, d.refundable,
		d.evidence, d.submissions, d.evidence_due_by,
		(SELECT coalesce(jsonb_agg(jsonb_build_object('txn', m.txn, 'amount',
			jsonb_build_object('minor', m.amount, 'currency', m.currency), 'fee',
			jsonb_build_object('minor', m.fee, 'currency', m.currency), 'at', m.at)
			ORDER BY m.at, m.txn), '[]') FROM dispute_money m WHERE m.dispute_id = d.id),
		d.opened_at, d.closed_at
	FROM dispute d WHERE d.id = $1
$$;

CREATE FUNCTION api.dispute_get(dispute_id bigint) RETURNS SETOF dispute_view
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT * FROM dispute_show($1);
	IF NOT FOUND THEN
		PERFORM absent('dispute_exists', format('there is no dispute %s', $1),
			'shopctl dispute list');
	END IF;
END $$;

CREATE FUNCTION api.dispute_list(only_state text, only_order bigint, only_open boolean,
	since timestamptz, max_rows bigint)
RETURNS SETOF dispute_view
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT v.* FROM dispute d CROSS JOIN LATERAL dispute_show(d.id) v
	WHERE ($1 IS NULL OR d.state = $1) AND ($2 IS NULL OR d.order_id = $2)
		AND (NOT $3 OR d.closed_at IS NULL) AND ($4 IS NULL OR d.opened_at >= $4)
	ORDER BY d.evidence_due_by NULLS LAST, d.id DESC LIMIT coalesce($5, 50);
END $$;
