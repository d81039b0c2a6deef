-- The audit log: what was changed, by whom and why; and the seals that show when a row of it
-- was edited or removed, even by somebody who may do anything in this database.
--
-- A seal is about rows whose transactions have all ended, in the order of their transactions:
-- a slow one that took its row's number early is sealed late, and never passed over.  The
-- log is evident against tampering, not proof: who rewrites a row and all seals after it is
-- found out by a root that is known elsewhere, so roots go to the worker's journal and, by
-- `audit anchor`, to wherever the operator keeps them.

-- The digest of a row, the same whatever time zone or cluster computes it.
CREATE FUNCTION audit_digest(a audit_log) RETURNS bytea LANGUAGE sql STABLE AS $$
	SELECT sha256(convert_to(jsonb_build_array(a.id, extract(epoch FROM a.at), a.role, a.actor,
		a.trace, a.object, a.action, a.reason, a.before, a.after)::text, 'UTF8'))
$$;

-- The seal to come, with no rows yet: it goes on where the last one ended.  The first of all,
-- and the first in another cluster, whose transaction numbers begin anew, goes by ids for the
-- rows there are; the lock waits for those who write now, so that none appears below later.
CREATE FUNCTION audit_seal_next() RETURNS audit_seal LANGUAGE plpgsql AS $$
DECLARE
	s audit_seal;
	here bigint := rollup_cluster();
BEGIN
	SELECT * INTO s FROM audit_seal ORDER BY n DESC LIMIT 1;
	IF s.cluster IS DISTINCT FROM here THEN
		LOCK TABLE audit_log IN SHARE MODE;
		s.cluster := here;
		s.moving := true;
		s.moved_id := coalesce((SELECT max(a.id) FROM audit_log a), 0);
		s.xid := rollup_horizon();
		s.last_id := 0;
	END IF;
	s.n := coalesce(s.n, 0) + 1;
	s.ids := NULL;
	RETURN s;
END $$;

-- The next rows to seal, at most so many.
CREATE FUNCTION audit_unsealed(s audit_seal, most bigint) RETURNS SETOF audit_log
LANGUAGE plpgsql AS $$
DECLARE
	horizon xid8 := rollup_horizon();
BEGIN
	IF s.moving THEN
		RETURN QUERY SELECT * FROM audit_log a WHERE a.id <= s.moved_id AND NOT EXISTS (
				SELECT FROM (SELECT unnest(x.ids) AS id FROM audit_seal x) y WHERE y.id = a.id)
			ORDER BY a.id LIMIT $2;
	ELSE
		RETURN QUERY SELECT * FROM audit_log a
			WHERE (a.xid, a.id) > (s.xid, s.last_id) AND a.xid < horizon AND a.id > s.moved_id
			ORDER BY a.xid, a.id LIMIT $2;
	END IF;
END $$;

-- Seal what was committed since the last time, at most so many rows; root is the newest there
-- is.  One at a time.
CREATE FUNCTION api.audit_seal(most bigint)
RETURNS TABLE (done bigint, seal bigint, root text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	s audit_seal;
	r record;
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('audit_seal'), 0);
	s := audit_seal_next();
	SELECT count(*) AS n, array_agg(a.id ORDER BY a.o) AS ids,
		string_agg(a.digest, '' ORDER BY a.o) AS hashes,
		(array_agg(a.xid ORDER BY a.o DESC))[1] AS xid INTO r
	FROM (SELECT x.id, x.xid, audit_digest(x) AS digest, row_number() OVER () AS o
		FROM audit_unsealed(s, $1) x) a;
	IF r.n = 0 AND s.moving AND s.n > 1 THEN
		-- what had moved is sealed: from now on by transactions
		UPDATE audit_seal x SET moving = false, cluster = s.cluster, xid = s.xid,
			last_id = s.last_id, moved_id = s.moved_id WHERE x.n = s.n - 1;
	ELSIF r.n > 0 THEN
		IF NOT s.moving THEN
			s.xid := r.xid;
			s.last_id := r.ids[r.n];
		END IF;
		INSERT INTO audit_seal (n, ids, hashes, root, xid, last_id, cluster, moved_id, moving)
		VALUES (s.n, r.ids, r.hashes, sha256(coalesce(s.root, '') || r.hashes), s.xid,
			s.last_id, s.cluster, s.moved_id, s.moving AND r.n >= $1);
	END IF;
	RETURN QUERY SELECT r.n, x.n, encode(x.root, 'hex')
	FROM (SELECT 1) AS one LEFT JOIN (SELECT * FROM audit_seal y ORDER BY y.n DESC LIMIT 1) x
		ON true;
END $$;

-- The newest seal, to be kept where nobody of this database can write.
CREATE FUNCTION api.audit_anchor()
RETURNS TABLE (seal bigint, root text, sealed_at timestamptz, unsealed bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT s.n, encode(s.root, 'hex'), s.sealed_at, (SELECT count(*)
		FROM audit_log a WHERE (a.xid, a.id) > (s.xid, s.last_id) AND a.id > s.moved_id)
	FROM audit_seal s ORDER BY s.n DESC LIMIT 1;
	IF NOT FOUND THEN
		PERFORM absent('audit_seal_exists', 'nothing was sealed yet', 'shopctl audit seal');
	END IF;
END $$;

-- Every row that is not as it was sealed, and every seal that does not follow from the one
-- before; oldest first.  since: only seals made since then.
CREATE FUNCTION audit_faults(since timestamptz)
RETURNS TABLE (seal bigint, id bigint, problem text, detail text)
LANGUAGE sql STABLE AS $$
	WITH chain AS (
		SELECT s.*, lag(s.root) OVER w AS before_root, lag(s.n) OVER w AS before_n
		FROM audit_seal s WINDOW w AS (ORDER BY s.n)),
	chosen AS (SELECT * FROM chain c WHERE $1 IS NULL OR c.sealed_at >= $1),
	leaf AS (
		SELECT c.n, u.id, substring(c.hashes FROM 32 * u.i::int - 31 FOR 32) AS digest
		FROM chosen c, unnest(c.ids) WITH ORDINALITY AS u (id, i)),
	fault AS (
		SELECT l.n, l.id, CASE WHEN a.id IS NULL THEN 'missing' ELSE 'edited' END AS problem,
			CASE WHEN a.id IS NULL THEN 'the row was removed after it was sealed'
				ELSE format('now %s by %s on %s', a.action, a.actor, a.object) END AS detail
		FROM leaf l LEFT JOIN audit_log a ON a.id = l.id
		WHERE a.id IS NULL OR audit_digest(a) <> l.digest
		UNION ALL
		SELECT c.n, NULL, 'seals missing', format('seal %s comes after seal %s', c.n,
			coalesce(c.before_n, 0))
		FROM chosen c WHERE c.n <> coalesce(c.before_n, 0) + 1
		UNION ALL
		SELECT c.n, NULL, 'seal edited', 'its root does not follow from its rows'
		FROM chosen c WHERE c.n = coalesce(c.before_n, 0) + 1
			AND c.root <> sha256(coalesce(c.before_root, '') || c.hashes)
		UNION ALL
		SELECT NULL, a.id, 'added', 'a row behind the seals that none of them knows'
		FROM audit_log a, (SELECT * FROM audit_seal s ORDER BY s.n DESC LIMIT 1) s
		WHERE $1 IS NULL AND NOT s.moving
			AND ((a.xid, a.id) <= (s.xid, s.last_id) OR a.id <= s.moved_id)
			AND NOT EXISTS (SELECT FROM leaf l WHERE l.id = a.id))
	SELECT f.n, f.id, f.problem, f.detail FROM fault f ORDER BY f.n NULLS LAST, f.id
$$;

-- The same, and whether the seals are those that an anchor, SEAL:ROOT, remembers.
CREATE FUNCTION api.audit_verify(since timestamptz, anchor text)
RETURNS TABLE (seal bigint, id bigint, problem text, detail text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	p text[] := regexp_match($2, '^([0-9]{1,18}):([0-9a-f]{64})$');
	s audit_seal;
BEGIN
	IF $2 IS NOT NULL AND p IS NULL THEN
		PERFORM invalid('audit_anchor_is_readable', format('"%s" is no anchor', $2),
			'SEAL:ROOT, as shopctl audit anchor prints them');
	END IF;
	RETURN QUERY SELECT * FROM audit_faults($1);
	SELECT * INTO s FROM audit_seal x WHERE x.n = p[1]::bigint;
	IF p IS NOT NULL AND encode(s.root, 'hex') IS DISTINCT FROM p[2] THEN
		RETURN QUERY SELECT p[1]::bigint, NULL::bigint, 'anchor differs', CASE
			WHEN s.n IS NULL THEN 'there is no such seal any more'
			ELSE format('its root is %s', encode(s.root, 'hex')) END;
	END IF;
END $$;

-- Changes, newest first.  object: one thing (order:1042), or all of a noun (order).
CREATE FUNCTION api.audit_list(of_object text, of_actor text, of_action text,
	since timestamptz, max_rows bigint)
RETURNS TABLE (id bigint, at timestamptz, actor text, role text, object text, action text,
	reason text, trace text, before jsonb, after jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT a.id, a.at, a.actor, a.role, a.object, a.action, a.reason, a.trace,
		a.before, a.after
	FROM audit_log a
	WHERE ($1 IS NULL OR a.object = $1 OR a.object LIKE replace($1, '_', '\_') || ':%')
		AND ($2 IS NULL OR a.actor = $2) AND ($3 IS NULL OR a.action = $3)
		AND ($4 IS NULL OR a.at >= $4)
	ORDER BY a.id DESC LIMIT $5;
END $$;

CREATE FUNCTION api.audit_get(audit_id bigint)
RETURNS TABLE (id bigint, at timestamptz, actor text, role text, object text, action text,
	reason text, trace text, before jsonb, after jsonb, seal bigint, digest text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT a.id, a.at, a.actor, a.role, a.object, a.action, a.reason, a.trace,
		a.before, a.after, (SELECT s.n FROM audit_seal s WHERE a.id = ANY (s.ids)),
		encode(audit_digest(a), 'hex')
	FROM audit_log a WHERE a.id = $1;
	IF NOT FOUND THEN
		PERFORM absent('audit_row_exists', format('there is no audit row %s', $1),
			'shopctl audit list; shopctl audit verify tells of rows that were removed');
	END IF;
END $$;
