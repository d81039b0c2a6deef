-- The programs that may call the door.  Their keys are made by the caller and come
-- here as a digest: nobody can read a key out of the database.

-- What is shown of a client.
CREATE FUNCTION api_client_row(c api_client) RETURNS TABLE (id bigint, name text,
	key_id text, scopes text[], created_at timestamptz, expires_at timestamptz,
	revoked_at timestamptz, created_by text, state text)
LANGUAGE sql STABLE AS $$
	SELECT c.id, c.name, c.key_id, c.scopes, c.created_at, c.expires_at, c.revoked_at,
		c.created_by, CASE WHEN c.revoked_at IS NOT NULL THEN 'revoked'
			WHEN c.expires_at <= now() THEN 'expired' ELSE 'active' END
$$;

CREATE FUNCTION api.api_client_create(called text, public_part text, digest bytea,
	wanted text[], expires timestamptz)
RETURNS TABLE (id bigint, name text, key_id text, scopes text[], created_at timestamptz,
	expires_at timestamptz, revoked_at timestamptz, created_by text, state text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	made api_client;
BEGIN
	IF coalesce(cardinality(wanted), 0) = 0 OR NOT wanted <@ ARRAY['checkout', 'events', 'catalog',
		'inventory'] THEN
		PERFORM invalid('api_client_scope_is_known', 'a client has one or more scopes of: '
			'checkout, events, catalog, inventory', 'add --scope checkout');
	END IF;
	IF expires <= now() THEN
		PERFORM invalid('api_client_expires_later', 'the key would be expired already');
	END IF;
	INSERT INTO api_client AS c (name, key_id, key_hash, scopes, expires_at, created_by)
	VALUES (called, public_part, digest, wanted, expires, actor()) RETURNING c.* INTO made;
	PERFORM audit('api_client:' || made.key_id, 'create', NULL,
		to_jsonb(made) - 'key_hash');
	RETURN QUERY SELECT * FROM api_client_row(made);
END $$;

CREATE FUNCTION api.api_client_list()
RETURNS TABLE (id bigint, name text, key_id text, scopes text[], created_at timestamptz,
	expires_at timestamptz, revoked_at timestamptz, created_by text, state text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT r.* FROM api_client c, api_client_row(c) r ORDER BY c.id DESC;
END $$;

CREATE FUNCTION api.api_client_revoke(public_part text)
RETURNS TABLE (id bigint, name text, key_id text, scopes text[], created_at timestamptz,
	expires_at timestamptz, revoked_at timestamptz, created_by text, state text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	was api_client;
	now_is api_client;
BEGIN
	SELECT * INTO was FROM api_client c WHERE c.key_id = public_part FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM absent('api_client_exists', format('there is no api client %s', public_part),
			'shopctl api-client list');
	END IF;
	UPDATE api_client c SET revoked_at = coalesce(c.revoked_at, now())
	WHERE c.key_id = public_part RETURNING c.* INTO now_is;
	IF was.revoked_at IS NULL THEN
		PERFORM audit('api_client:' || public_part, 'revoke', to_jsonb(was) - 'key_hash',
			to_jsonb(now_is) - 'key_hash');
	END IF;
	RETURN QUERY SELECT * FROM api_client_row(now_is);
END $$;

-- What the door must know of a key that is still good; no row otherwise.
CREATE FUNCTION api.api_client_find(public_part text)
RETURNS TABLE (id bigint, hash text, scopes text[], expires_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT c.id, encode(c.key_hash, 'hex'), c.scopes, c.expires_at
	FROM api_client c WHERE c.key_id = public_part AND c.revoked_at IS NULL
		AND (c.expires_at IS NULL OR c.expires_at > now());
END $$;
