-- The kinds of imports: a line in each of these four functions, sorted.  In a staged row NULL is
-- "leave as it is" and '' (or -1 for a number) is "there is none"; the client decides which
-- an empty cell means.

-- The columns of a kind's stage, beside `line bigint` and `problems text[]`.
CREATE FUNCTION import_stage_columns(kind text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE kind
	WHEN 'product' THEN 'head_line bigint, derived boolean, handle text, sku text, title text,
		description text, brand text, category text, type text, tags text[], status text,
		attributes jsonb, option_names text[], options text[], barcode text,
		weight_grams bigint, tax_class text, requires_shipping boolean, cost bigint,
		variant_image text, variant_attributes jsonb, currency text, price bigint,
		compare_at bigint, warehouse text, on_hand bigint, image_url text, image_alt text,
		image_position bigint, extra jsonb'
	WHEN 'stock' THEN 'sku text, handle text, options text[], warehouse text,
		on_hand bigint, expected bigint'
	END
$$;

-- Who may import it and take it back, beside op_admin.
CREATE FUNCTION import_roles(kind text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE kind
	WHEN 'product' THEN '{op_catalog}'::text[]
	WHEN 'stock' THEN '{op_warehouse,op_catalog}'
	END
$$;

-- Look at the rows of import_stage (a view of the run's table, which may be updated); what
-- is wrong goes to import_reject: line, column_name, rule, message, hint.  The problems that
-- the client found (s.problems) are there already.  Before the write, all rows that have one
-- are taken out of import_stage.
CREATE FUNCTION import_check(run import_run) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	CASE run.kind
	WHEN 'product' THEN PERFORM import_product_check(run.id, run.warehouse);
	WHEN 'stock' THEN PERFORM import_stock_check(run);
	END CASE;
END $$;

-- Write what is left in import_stage, and only what differs: one transaction with its check.
-- To be undone, what it changes is kept in sets by INSERT INTO import_before (run_id, noun,
-- id, key, name, before, after): noun is the table, id its key, name what a person calls it,
-- before and after what import_diff(to_jsonb(old), to_jsonb(new)) says; before is null when
-- the row is new.  Of quantities it is 'stock', the variant, the warehouse's code, the SKU
-- and {"on_hand": ...}, the movement having the reference 'import:' || run.id; of prices
-- 'price', the variant, the currency, the SKU and {"amount": ..., "compare_at": ...}.
CREATE FUNCTION import_write(run import_run) RETURNS import_counts LANGUAGE plpgsql AS $$
BEGIN
	CASE run.kind
	WHEN 'product' THEN RETURN import_product_write(run.id,
		coalesce((run.options ->> 'allow_delete')::boolean, false));
	WHEN 'stock' THEN RETURN import_stock_write(run.id);
	END CASE;
END $$;
