-- Dead letters: what was given up, in groups and one by one, mended before it runs again.

-- Dead letters, newest first.
CREATE FUNCTION api.dlq_find(queue text, kind text, rule text, n bigint)
RETURNS SETOF job_dead
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT * FROM job_dead d
	WHERE ($1 IS NULL OR d.queue = $1) AND ($2 IS NULL OR d.kind = $2)
		AND ($3 IS NULL OR d.rule = $3)
	ORDER BY d.died_at DESC, d.id DESC LIMIT $4;
END $$;

-- What died of the same rule in the same kind, the largest group first.
CREATE FUNCTION api.dlq_groups(queue text)
RETURNS TABLE (rule text, kind text, count bigint, first_at timestamptz,
	last_at timestamptz, sample bigint, message text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT d.rule, d.kind, count(*), min(d.died_at), max(d.died_at),
		(array_agg(d.id ORDER BY d.died_at DESC, d.id DESC))[1],
		(array_agg(d.message ORDER BY d.died_at DESC, d.id DESC))[1]
	FROM job_dead d WHERE $1 IS NULL OR d.queue = $1
	GROUP BY d.rule, d.kind ORDER BY count(*) DESC, max(d.died_at) DESC, d.rule, d.kind;
END $$;

CREATE FUNCTION api.dlq_show(id bigint) RETURNS SETOF job_dead
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT * FROM job_dead d WHERE d.id = $1;
	IF NOT FOUND THEN
		PERFORM absent('dead_letter_exists', format('job %s is no dead letter', $1),
			'shopctl job show ' || $1);
	END IF;
END $$;

-- Mend what a dead letter was given, so that it can be run again; null leaves it.
CREATE FUNCTION api.dlq_edit(id bigint, subject bigint, payload jsonb)
RETURNS SETOF job_dead
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	was job_dead;
BEGIN
	SELECT * INTO was FROM api.dlq_show($1);
	UPDATE job_dead d SET subject = coalesce($2, d.subject), payload = coalesce($3, d.payload)
	WHERE d.id = $1;
	PERFORM audit('job/' || $1, 'edit', jsonb_build_object('subject', was.subject,
		'payload', was.payload), jsonb_build_object('subject', $2, 'payload', $3));
	RETURN QUERY SELECT * FROM api.dlq_show($1);
END $$;
