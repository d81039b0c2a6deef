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

-- What must have a job: what it is, and the jobs that would do, as KIND:SUBJECT.
CREATE FUNCTION fsck_undriven(scope bigint[])
RETURNS TABLE (code text, object text, detail text, jobs text[])
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT 'J1', 'order:' || o.id, o.state || ' since ' || o.created_at,
			ARRAY['reservation.expire:' || o.id] || ARRAY(SELECT k || p.id FROM payment p,
				unnest('{payment.submit:,payment.sync:}'::text[]) k WHERE p.order_id = o.id)
		FROM orders o WHERE o.state IN ('pending', 'expiring', 'canceling')
			AND in_scope($1, o.id)
	UNION ALL
	SELECT 'J2', 'op:' || o.id, o.kind || ' ' || o.state, ARRAY['payment.submit:' || o.payment_id,
			'payment.sync:' || o.payment_id, 'reservation.expire:' || o.order_id,
			'refund.submit:' || o.refund_id, 'dispute.sync:' || o.dispute_id]
		FROM provider_op o WHERE o.state IN ('new', 'sent', 'unknown')
			AND in_scope($1, o.order_id)
	UNION ALL
	SELECT 'J4', 'webhook:' || w.id, w.type || ' received ' || w.received_at,
			ARRAY['webhook.' || w.provider || ':' || w.id]
		FROM webhook_event w WHERE $1 IS NULL AND w.state IN ('received', 'parked')
	UNION ALL
	SELECT 'J8', 'refund:' || r.id, 'requested ' || r.created_at,
			ARRAY['refund.submit:' || r.id]
		FROM refund r WHERE r.state = 'requested' AND in_scope($1, r.order_id)
			AND (SELECT p.provider <> 'manual' FROM payment p WHERE p.id = r.payment_id)
	UNION ALL
	SELECT 'J9', 'dispute:' || d.id, d.state || ' since ' || d.opened_at,
			ARRAY['dispute.sync:' || d.id]
		FROM dispute d WHERE d.closed_at IS NULL AND in_scope($1, d.order_id)
	UNION ALL
	SELECT 'N4', 'notification:' || n.id, n.event || ' queued ' || n.created_at,
			ARRAY[notification_job(n.channel) || ':' || n.id]
		FROM notification n WHERE n.state = 'queued' AND in_scope($1, n.order_id);
END $$;

-- A job is live while it waits, runs or is put off; a dead one drives nothing.  The
-- queues are only read when there is something to drive.
CREATE FUNCTION fsck_jobs(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF EXISTS (SELECT FROM fsck_undriven($1)) THEN
		RETURN QUERY SELECT u.code, u.object, u.detail || ', no job'
			FROM fsck_undriven($1) u CROSS JOIN LATERAL unnest(u.jobs) AS k (job)
			LEFT JOIN (SELECT DISTINCT j.kind || ':' || j.subject AS job FROM job_any j
				WHERE j.state <> 'dead') live ON live.job = k.job
			GROUP BY u.code, u.object, u.detail HAVING count(live.job) = 0;
	END IF;
END $$;
