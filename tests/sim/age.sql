-- Time passes, for tests: shop.sim_age('6 hours') moves every instant that the shop has
-- stored so far into the past, which is to now() what waiting would be.  Load it as the
-- owner of the tables, in a database that may be thrown away.
--
-- Moved: every timestamptz column of every table of the shop, whoever adds one.  Not moved:
-- dates, for they are labels of the calendar (a closed period stays closed), and what lies
-- inside arrays (when the jobs under a lease were created), and the audit log, which is
-- sealed.  Which due times have run is forgotten, because they come again.  The sums that reports read
-- are keyed by hour and day, so what they counted is counted again where it now belongs.
CREATE OR REPLACE FUNCTION shop.sim_age(span interval) RETURNS void
LANGUAGE plpgsql SET search_path = shop, pg_temp AS $$
DECLARE
	t record;
BEGIN
	DELETE FROM schedule_run;
	FOR t IN SELECT c.oid::regclass AS name,
			string_agg(format('%1$I = %1$I - $1', a.attname), ', ') AS moves,
			string_agg(format('%I IS NOT NULL', a.attname), ' OR ') AS has
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relnamespace = 'shop'::regnamespace AND c.relkind IN ('r', 'p')
			AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
			AND a.attgenerated = '' AND a.atttypid = 'timestamptz'::regtype
			AND c.relname NOT IN ('audit_log', 'rollup_sales_hour', 'rollup_item_hour',
				'behaviour_event', 'schema_version')
		GROUP BY c.oid
	LOOP
		EXECUTE format('UPDATE %s SET %s WHERE %s', t.name, t.moves, t.has) USING $1;
	END LOOP;
	PERFORM rollup_recompute('-infinity', 'infinity');
END $$;
REVOKE ALL ON FUNCTION shop.sim_age(interval) FROM PUBLIC;
