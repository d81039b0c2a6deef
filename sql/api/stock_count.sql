-- Counts: what lies on a shelf, against what the book had when it was counted.  Goods may
-- come and go until the count is posted: only the difference is posted.

CREATE FUNCTION count_show(count_id bigint, replayed boolean) RETURNS SETOF stock_count_view
LANGUAGE sql STABLE AS $$
	SELECT c.id, c.state, w.code, c.blind, x.skus, x.counted,
		CASE WHEN s.seen THEN x.differ END, CASE WHEN s.seen THEN x.more END,
		CASE WHEN s.seen THEN x.missing END, c.reason, c.started_at, c.closed_at, $2
	FROM stock_count c JOIN warehouse w ON w.id = c.warehouse_id
	CROSS JOIN LATERAL (SELECT c.state <> 'open' OR NOT c.blind AS seen) s
	CROSS JOIN LATERAL (SELECT count(*) AS skus, count(l.counted) AS counted,
			count(*) FILTER (WHERE l.counted <> l.book) AS differ,
			coalesce(sum(greatest(l.counted - l.book, 0)), 0)::bigint AS more,
			coalesce(sum(greatest(l.book - l.counted, 0)), 0)::bigint AS missing
		FROM stock_count_line l WHERE l.count_id = c.id) x
	WHERE c.id = $1
$$;

CREATE FUNCTION count_lock(count_id bigint) RETURNS stock_count LANGUAGE plpgsql AS $$
DECLARE
	c stock_count;
BEGIN
	SELECT * INTO c FROM stock_count x WHERE x.id = $1 FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM absent('count_exists', format('there is no count %s', $1),
			'shopctl count list');
	END IF;
	RETURN c;
END $$;

-- Begin to count all that a warehouse has or had, or the SKUs that are like these
-- patterns: DOG-*.  A SKU is in one open count of its warehouse.
CREATE FUNCTION api.count_start(key text, p_warehouse text, skus text[], blind boolean,
	reason text) RETURNS SETOF stock_count_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	w warehouse := warehouse_named($2);
	made bigint;
	likes text[] := ARRAY(SELECT replace(replace(replace(replace(s, '\', '\\'), '%', '\%'),
		'_', '\_'), '*', '%') FROM unnest($3) s);
BEGIN
	INSERT INTO stock_count AS c (key, warehouse_id, blind, reason)
	VALUES ($1, w.id, $4, $5) ON CONFLICT DO NOTHING RETURNING c.id INTO made;
	IF made IS NULL THEN
		RETURN QUERY SELECT v.* FROM stock_count c CROSS JOIN LATERAL count_show(c.id, true) v
			WHERE c.key = $1;
		RETURN;
	END IF;
	INSERT INTO stock_count_line (count_id, variant_id, warehouse_id)
	SELECT DISTINCT made, s.variant_id, w.id FROM stock s JOIN variant v ON v.id = s.variant_id
	WHERE s.warehouse_id = w.id AND (cardinality(likes) = 0 OR v.sku LIKE ANY (likes));
	IF NOT FOUND THEN
		PERFORM refuse('count_has_lines', format('%s has nothing like that to count', w.code),
			'shopctl warehouse show ' || w.code);
	END IF;
	PERFORM audit('count:' || made, 'count.start', NULL, jsonb_build_object('warehouse',
		w.code, 'skus', $3));
	RETURN QUERY SELECT * FROM count_show(made, false);
END $$;

-- What the book has of a place, and the last movement that it knows; at an earlier moment
-- as the movements until then say.  The place is locked, so that no movement is half seen.
CREATE FUNCTION count_book(variant bigint, warehouse bigint, moment timestamptz,
	OUT book bigint, OUT seen bigint)
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM stock_lock($1, $2);
	SELECT coalesce(sum(m.delta), 0), coalesce(max(m.id), 0) INTO book, seen
	FROM stock_movement m WHERE m.variant_id = $1 AND m.warehouse_id = $2
		AND ($3 IS NULL OR m.at <= $3);
END $$;

-- What was found: in the place of what was said before, or (add) beside it, from another
-- shelf.  What the count did not ask for and was found all the same is added to it.
CREATE FUNCTION api.count_enter(count_id bigint, lines jsonb, moment timestamptz,
	add boolean) RETURNS SETOF stock_count_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	c stock_count := count_lock($1);
	u record;
	b record;
	before stock_count_line;
BEGIN
	IF c.state <> 'open' THEN
		PERFORM refuse('count_is_open', format('count %s is %s', c.id, c.state),
			'shopctl count list --state open');
	ELSIF $3 NOT BETWEEN c.started_at AND now() THEN
		PERFORM invalid('count_is_of_its_time', format(
			'count %s began at %s: nothing was counted at %s', c.id, c.started_at, $3));
	END IF;
	FOR u IN SELECT * FROM units_named($2) ORDER BY 1 LOOP
		INSERT INTO stock_count_line (count_id, variant_id, warehouse_id)
		VALUES (c.id, u.variant_id, c.warehouse_id) ON CONFLICT ON CONSTRAINT
			stock_count_line_pkey DO NOTHING;
		SELECT * INTO before FROM stock_count_line l
		WHERE l.count_id = c.id AND l.variant_id = u.variant_id;
		b := count_book(u.variant_id, c.warehouse_id, $3);
		IF $4 AND before.seen <> b.seen THEN
			PERFORM refuse('count_is_of_one_moment', format(
				'%s moved since its other shelf was counted', u.sku),
				'count all its shelves again and enter the sum');
		END IF;
		UPDATE stock_count_line l SET book = b.book, seen = b.seen,
			counted = u.qty + CASE WHEN $4 THEN coalesce(before.counted, 0) ELSE 0 END,
			counted_at = coalesce($3, now()), counted_by = actor()
		WHERE l.count_id = c.id AND l.variant_id = u.variant_id;
		PERFORM audit('count:' || c.id, 'count.enter', to_jsonb(before.counted),
			jsonb_build_object('sku', u.sku, 'qty', u.qty));
	END LOOP;
	RETURN QUERY SELECT * FROM count_show(c.id, false);
END $$;

-- Some SKUs, and how many more.
CREATE FUNCTION count_names(skus text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT array_to_string($1[:5], ', ') || CASE WHEN cardinality($1) > 5
		THEN format(' and %s more', cardinality($1) - 5) ELSE '' END
$$;

-- Refuse what cannot be posted: a SKU that nobody counted, unless such are left alone, or
-- one that was set to a number since, which says already what was found.
CREATE FUNCTION count_check(c stock_count, uncounted boolean) RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
	bad text[];
BEGIN
	bad := ARRAY(SELECT v.sku FROM stock_count_line l JOIN variant v ON v.id = l.variant_id
		WHERE l.count_id = c.id AND l.counted IS NULL ORDER BY 1);
	IF bad <> '{}' AND NOT $2 THEN
		PERFORM refuse('count_is_complete', format('%s were not counted', count_names(bad)),
			'count them, or say what they are: --uncounted leave, --uncounted zero');
	END IF;
	bad := ARRAY(SELECT v.sku FROM stock_count_line l JOIN variant v ON v.id = l.variant_id
		WHERE l.count_id = c.id AND EXISTS (SELECT FROM stock_movement m
			WHERE (m.variant_id, m.warehouse_id) = (l.variant_id, l.warehouse_id)
				AND m.id > l.seen AND m.reason IN ('set', 'import', 'count')) ORDER BY 1);
	IF bad <> '{}' THEN
		PERFORM refuse('count_is_newest', format('%s were set to another number since they '
			'were counted', count_names(bad)), 'count them again: shopctl count enter');
	END IF;
END $$;

-- Post the differences.  uncounted says what is to become of SKUs that nobody counted:
-- null refuses, leave lets them be, zero means that there are none.
CREATE FUNCTION api.count_post(count_id bigint, uncounted text)
RETURNS SETOF stock_count_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	c stock_count := count_lock($1);
	e state_edge := state_move('count', c.id, NULL, c.state, 'post');
BEGIN
	IF $2 NOT IN ('leave', 'zero') THEN
		PERFORM invalid('uncounted_is_known', format('what would %s mean?', $2),
			'leave or zero');
	END IF;
	PERFORM stock_lock_many(array_agg(l.variant_id), array_agg(l.warehouse_id))
	FROM stock_count_line l WHERE l.count_id = c.id;
	IF $2 = 'zero' THEN
		UPDATE stock_count_line l SET counted = 0, book = b.book, seen = b.seen,
			counted_at = now(), counted_by = actor()
		FROM stock_count_line x CROSS JOIN LATERAL
			count_book(x.variant_id, x.warehouse_id, NULL) b
		WHERE x.count_id = c.id AND x.counted IS NULL AND l.count_id = x.count_id
			AND l.variant_id = x.variant_id;
	END IF;
	PERFORM count_check(c, coalesce($2, '') = 'leave');
	PERFORM stock_move_many(array_agg(l.variant_id), array_agg(l.warehouse_id),
		array_agg(l.counted - l.book), 'count', 'count:' || c.id)
	FROM stock_count_line l WHERE l.count_id = c.id AND l.counted IS NOT NULL;
	UPDATE stock_count_line l SET live = false WHERE l.count_id = c.id;
	UPDATE stock_count x SET state = e.to_state, closed_at = now() WHERE x.id = c.id;
	PERFORM audit('count:' || c.id, 'count.post', to_jsonb(c.state), to_jsonb($2));
	RETURN QUERY SELECT * FROM count_show(c.id, false);
END $$;

CREATE FUNCTION api.count_cancel(count_id bigint) RETURNS SETOF stock_count_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	c stock_count := count_lock($1);
	e state_edge := state_move('count', c.id, NULL, c.state, 'cancel');
BEGIN
	UPDATE stock_count_line l SET live = false WHERE l.count_id = c.id;
	UPDATE stock_count x SET state = e.to_state, closed_at = now() WHERE x.id = c.id;
	PERFORM audit('count:' || c.id, 'count.cancel', to_jsonb(c.state), NULL);
	RETURN QUERY SELECT * FROM count_show(c.id, false);
END $$;

CREATE FUNCTION api.count_list(only_state text, p_warehouse text, max_rows bigint)
RETURNS SETOF stock_count_view
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	at_id bigint := CASE WHEN $2 IS NOT NULL THEN (warehouse_named($2)).id END;
BEGIN
	RETURN QUERY SELECT v.* FROM stock_count c CROSS JOIN LATERAL count_show(c.id, false) v
	WHERE ($1 IS NULL OR c.state = $1) AND (at_id IS NULL OR c.warehouse_id = at_id)
	ORDER BY c.id DESC LIMIT coalesce($3, 50);
END $$;

-- Its SKUs: what was found, and what the book had, once that may be seen.
CREATE FUNCTION api.count_lines(count_id bigint)
RETURNS TABLE (sku text, title text, counted bigint, book bigint, difference bigint,
	counted_at timestamptz, counted_by text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	c stock_count;
BEGIN
	SELECT * INTO c FROM stock_count x WHERE x.id = $1;
	IF NOT FOUND THEN
		PERFORM absent('count_exists', format('there is no count %s', $1),
			'shopctl count list');
	END IF;
	RETURN QUERY SELECT v.sku, v.title, l.counted,
		CASE WHEN s.seen THEN l.book END, CASE WHEN s.seen THEN l.counted - l.book END,
		l.counted_at, l.counted_by
	FROM stock_count_line l JOIN variant v ON v.id = l.variant_id
	CROSS JOIN LATERAL (SELECT c.state <> 'open' OR NOT c.blind AS seen) s
	WHERE l.count_id = $1 ORDER BY v.sku;
END $$;
