-- The kinds of imports: a line in each of these functions, sorted.  In a staged row NULL is
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
-- What was there before and changes is kept by import_keep(run, table, name, before, after),
-- or in sets by INSERT INTO import_before, both rows as to_jsonb(t); then it can be undone.
CREATE FUNCTION import_write(run import_run) RETURNS import_counts LANGUAGE plpgsql AS $$
BEGIN
	CASE run.kind
	WHEN 'product' THEN RETURN import_product_write(run.id);
	WHEN 'stock' THEN RETURN import_stock_write(run.id);
	END CASE;
END $$;
