-- What fsck proves of queues, and of the jobs that drive whatever is not at its end.

-- What is wrong with the queues themselves; one is late when nobody works on it.
CREATE FUNCTION fsck_queues() RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT 'J6', 'lease:' || l.id, l.n || ' jobs of ' || l.owner
			|| ', over since ' || l.expires_at
		FROM job_lease l WHERE l.expires_at < now() - interval '10 minutes';
	RETURN QUERY SELECT 'J7', 'job:' || j.id, j.kind || ' was tried ' || j.attempt
			|| ' times of ' || q.max_attempts
		FROM queue q JOIN job_any j ON split_part(j.kind, '.', 1) = q.name
		WHERE j.state <> 'dead' AND j.attempt >= q.max_attempts;
	RETURN QUERY SELECT 'J10', 'queue:' || q.name, count(*) || ' jobs, the oldest since '
			|| min(j.created_at)
		FROM queue q JOIN job_any j ON split_part(j.kind, '.', 1) = q.name
		WHERE q.paused_at IS NULL AND j.state = 'ready'
			AND j.created_at < now() - interval '1 hour'
		GROUP BY q.name;
END $$;

-- A job is live while it waits, runs or is put off; a dead one drives nothing.
CREATE FUNCTION fsck_jobs(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY WITH live AS MATERIALIZED (
		SELECT DISTINCT j.kind, j.subject FROM job_any j WHERE j.state <> 'dead'
	)
	SELECT 'J1', 'order:' || o.id, o.state || ' since ' || o.created_at || ', no job'
		FROM orders o WHERE o.state IN ('pending', 'expiring', 'canceling')
			AND in_scope($1, o.id)
			AND NOT EXISTS (SELECT FROM live j WHERE j.kind = 'reservation.expire'
				AND j.subject = o.id)
			AND NOT EXISTS (SELECT FROM live j JOIN payment p ON p.id = j.subject
				WHERE j.kind IN ('payment.submit', 'payment.sync') AND p.order_id = o.id)
	UNION ALL
	SELECT 'J2', 'op:' || o.id, o.kind || ' ' || o.state || ', no job'
		FROM provider_op o WHERE o.state IN ('new', 'sent', 'unknown')
			AND in_scope($1, o.order_id)
			AND NOT EXISTS (SELECT FROM live j WHERE j.kind IN ('payment.submit',
					'payment.sync') AND j.subject = o.payment_id)
			AND NOT EXISTS (SELECT FROM live j WHERE j.kind = 'reservation.expire'
				AND j.subject = o.order_id)
			AND NOT EXISTS (SELECT FROM live j WHERE j.kind = 'refund.submit'
				AND j.subject = o.refund_id)
			AND NOT EXISTS (SELECT FROM live j WHERE j.kind = 'dispute.sync'
				AND j.subject = o.dispute_id)
	UNION ALL
	SELECT 'J4', 'webhook:' || w.id, w.type || ' received ' || w.received_at || ', no job'
		FROM webhook_event w WHERE $1 IS NULL
			AND w.state IN ('received', 'parked') AND NOT EXISTS (
			SELECT FROM live j WHERE j.kind = 'webhook.' || w.provider AND j.subject = w.id)
	UNION ALL
	SELECT 'J8', 'refund:' || r.id, 'requested ' || r.created_at || ', no job'
		FROM refund r WHERE r.state = 'requested' AND in_scope($1, r.order_id)
			AND (SELECT p.provider <> 'manual' FROM payment p WHERE p.id = r.payment_id)
			AND NOT EXISTS (SELECT FROM live j
			WHERE j.kind = 'refund.submit' AND j.subject = r.id)
	UNION ALL
	SELECT 'J9', 'dispute:' || d.id, d.state || ' since ' || d.opened_at || ', no job'
		FROM dispute d WHERE d.closed_at IS NULL AND in_scope($1, d.order_id)
			AND NOT EXISTS (SELECT FROM live j
			WHERE j.kind = 'dispute.sync' AND j.subject = d.id)
	UNION ALL
	SELECT 'N4', 'notification:' || n.id, n.event || ' queued ' || n.created_at || ', no job'
		FROM notification n WHERE n.state = 'queued' AND in_scope($1, n.order_id)
			AND NOT EXISTS (SELECT FROM live j
			WHERE j.kind = 'notification.send' AND j.subject = n.id);
END $$;
