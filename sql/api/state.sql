-- States: the one place that says which change is allowed, and remembers it.

-- Whether an event means anything to something in that state.  What a provider says late
-- or twice does not: such a word is no error, it changes nothing.
CREATE FUNCTION state_may(machine text, from_state text, event text) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT EXISTS (SELECT FROM state_edge e
		WHERE e.machine = $1 AND e.from_state = $2 AND e.event = $3)
$$;

-- Take an edge: answers with it, so that the caller sets its row to to_state, and logs it.
-- The caller holds the row's lock.  Refused by rule state_follows_its_graph when the
-- graph has no such edge.  subject_id is null for an order itself.
CREATE FUNCTION state_move(machine text, subject_id bigint, order_id bigint,
	from_state text, event text, detail jsonb DEFAULT NULL) RETURNS state_edge
LANGUAGE plpgsql AS $$
DECLARE
	e state_edge;
BEGIN
	SELECT * INTO e FROM state_edge g
	WHERE g.machine = $1 AND g.from_state = $4 AND g.event = $5;
	IF NOT FOUND THEN
		PERFORM refuse('state_follows_its_graph', format('%s %s is %s: no %s from there',
			$1, coalesce($2, $3), $4, $5), CASE WHEN $3 IS NOT NULL
				THEN format('shopctl order why %s', $3)
				WHEN $1 IN ('transfer', 'count') THEN format('shopctl %s show %s', $1, $2)
				ELSE '' END);
	END IF;
	INSERT INTO order_event (machine, subject_id, order_id, event, from_state, to_state,
		actor, detail)
	VALUES ($1, $2, $3, $5, $4, e.to_state, actor(), $6);
	RETURN e;
END $$;
