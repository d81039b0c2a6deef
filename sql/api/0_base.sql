-- What every other function stands on: refusals, ids, audit, the version.

-- The schema this database has: the number of its last migration.
CREATE FUNCTION api.version() RETURNS TABLE (version bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$ SELECT count(*) FROM schema_version $$;

-- Refuse: a rule of the shop says no.
CREATE FUNCTION refuse(rule text, message text, hint text DEFAULT '') RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION USING ERRCODE = 'SH409', CONSTRAINT = rule, MESSAGE = message,
		HINT = hint;
END $$;

-- There is no such thing.
CREATE FUNCTION absent(rule text, message text, hint text DEFAULT '') RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION USING ERRCODE = 'SH404', CONSTRAINT = rule, MESSAGE = message,
		HINT = hint;
END $$;

-- The input is wrong in itself.
CREATE FUNCTION invalid(rule text, message text, hint text DEFAULT '') RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION USING ERRCODE = 'SH422', CONSTRAINT = rule, MESSAGE = message,
		HINT = hint;
END $$;

-- A time of which something is asked has a beginning before its end; null is open.
CREATE FUNCTION time_range(since timestamptz, until timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	IF since >= until THEN
		PERFORM invalid('time_range_is_not_empty', '--since must be before --until');
	END IF;
END $$;

-- This caller may not.
CREATE FUNCTION denied(rule text, message text, hint text DEFAULT '') RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION USING ERRCODE = 'SH403', CONSTRAINT = rule, MESSAGE = message,
		HINT = hint;
END $$;

-- Who asks: the operator that shopctl names, or the database role.
CREATE FUNCTION actor() RETURNS text LANGUAGE sql STABLE AS $$
	SELECT coalesce(nullif(current_setting('shop.actor', true), ''), session_user::text)
$$;

-- Reserve n numbers; ids are (first << 10) .. ((first + n - 1) << 10).
CREATE FUNCTION api.id_block(n bigint) RETURNS TABLE (first bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	IF n NOT BETWEEN 1 AND 100000 THEN
		PERFORM invalid('id_block_is_bounded', 'a block has 1 to 100000 ids');
	END IF;
	UPDATE id_counter c SET next = c.next + n WHERE c.cell = 0
		RETURNING c.next - n INTO first;
	RETURN NEXT;
END $$;

-- One id, for rows that are rare; what is hot takes blocks.
CREATE FUNCTION new_id() RETURNS bigint LANGUAGE sql AS $$
	UPDATE id_counter SET next = next + 1 WHERE cell = 0 RETURNING (next - 1) << 10
$$;

-- Remember who changed what, and why, in the transaction that changes it.
CREATE FUNCTION audit(object text, action text, before jsonb, after jsonb)
RETURNS void LANGUAGE sql AS $$
	INSERT INTO audit_log (role, actor, trace, object, action, reason, before, after)
	VALUES (session_user, actor(), nullif(current_setting('shop.trace_id', true), ''),
		object, action, nullif(current_setting('shop.reason', true), ''), before, after)
$$;
