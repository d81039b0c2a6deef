-- Who may call what.  Applied by `migrate up` as the role that runs it, after the functions.

DO $$
DECLARE
	r text;
BEGIN
	FOREACH r IN ARRAY ARRAY['shop_http', 'shop_worker'] LOOP
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
			EXECUTE format('CREATE ROLE %I LOGIN', r);
		END IF;
		EXECUTE format('ALTER ROLE %I SET plan_cache_mode = force_generic_plan', r);
		EXECUTE format('ALTER ROLE %I SET statement_timeout = ''30s''', r);
		EXECUTE format('ALTER ROLE %I SET lock_timeout = ''5s''', r);
		EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''30s''', r);
	END LOOP;
	-- Compiling a query takes longer than any of ours runs: seconds, for what an operator
	-- asks of an empty shop, because the planner has no figures of it yet.
	EXECUTE format('ALTER DATABASE %I SET jit = off', current_database());
	-- An import's stage is temporary; the functions that make it are the owner's.
	EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO shop_owner', current_database());
	-- Operators' groups; each person has a login role of their own inside them.
	FOREACH r IN ARRAY ARRAY['op_support', 'op_warehouse', 'op_finance', 'op_catalog',
			'op_auditor', 'op_admin'] LOOP
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
			EXECUTE format('CREATE ROLE %I NOLOGIN', r);
		END IF;
	END LOOP;
	FOREACH r IN ARRAY ARRAY['shop_http', 'shop_worker', 'op_support', 'op_warehouse',
			'op_finance', 'op_catalog', 'op_auditor', 'op_admin'] LOOP
		EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), r);
		EXECUTE format('GRANT USAGE ON SCHEMA api TO %I', r);
		EXECUTE format('GRANT EXECUTE ON FUNCTION api.version TO %I', r);
	END LOOP;
END $$;

GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA api TO op_admin;

-- GRANT EXECUTE ON FUNCTION ... by noun; a function not named here is the admin's alone.
GRANT EXECUTE ON FUNCTION api.id_block, api.order_place TO shop_http, op_support;
GRANT EXECUTE ON FUNCTION api.order_place_fast, api.checkout_get TO shop_http;
GRANT EXECUTE ON FUNCTION api.notification_load, api.notification_record, api.rollup_fold,
	api.notification_begin, api.notification_wait, api.notification_stock,
	api.notification_carts, api.inbox_put, api.webhook_out_begin, api.webhook_out_record
	TO shop_worker;
GRANT EXECUTE ON FUNCTION api.sms_heard, api.sms_told TO shop_http;
GRANT EXECUTE ON FUNCTION api.unsubscribe TO shop_http, op_support;
GRANT EXECUTE ON FUNCTION api.notification_list, api.notification_show,
	api.notification_preview, api.notification_resend, api.notification_tell,
	api.template_list, api.template_history, api.preference_show, api.preference_set,
	api.quiet_hours, api.suppression_list, api.suppression_add, api.suppression_remove,
	api.inbox_list, api.inbox_read, api.stock_subscribe, api.webhook_endpoint_list,
	api.webhook_endpoint_deliveries, api.webhook_endpoint_replay TO op_support;
GRANT EXECUTE ON FUNCTION api.template_list, api.template_set, api.template_history
	TO op_catalog;
GRANT EXECUTE ON FUNCTION api.report_sales, api.report_sales_by, api.report_top_products,
	api.report_latest_orders, api.report_funnel, api.rollup_status
	TO op_support, op_finance, op_auditor;
GRANT EXECUTE ON FUNCTION api.rollup_verify TO op_finance, op_auditor;
GRANT EXECUTE ON FUNCTION api.rollup_fold, api.rollup_rebuild_begin, api.rollup_rebuild_day,
	api.history_open, api.history_apply, api.history_rejects TO op_finance;
GRANT EXECUTE ON FUNCTION api.funnel_fold, api.recommend_fold TO shop_worker, op_finance;
GRANT EXECUTE ON FUNCTION api.recommend_product, api.recommend_customer,
	api.recommend_explain TO op_support, op_catalog, op_auditor;
GRANT EXECUTE ON FUNCTION api.recommend_rebuild_begin, api.recommend_rebuild TO op_catalog;
GRANT EXECUTE ON FUNCTION api.event_ingest TO shop_http, op_catalog;
GRANT EXECUTE ON FUNCTION api.search_query, api.search_explain, api.search_synonym_list,
	api.search_verify, api.search_verify_begin, api.search_verify_terms
	TO op_catalog, op_warehouse, op_support, op_auditor;
GRANT EXECUTE ON FUNCTION api.search_reindex_begin, api.search_reindex,
	api.search_synonym_set, api.search_synonym_remove TO op_catalog;
GRANT EXECUTE ON FUNCTION api.shipment_poll_load, api.shipment_poll_record TO shop_worker;
GRANT EXECUTE ON FUNCTION api.search_index, api.search_count_sold, api.search_catch_up
	TO shop_worker;
GRANT EXECUTE ON FUNCTION api.search_query, api.product_offer, api.recommend_product,
	api.inventory_put, api.cart_create, api.cart_get, api.cart_line, api.cart_coupon,
	api.cart_merge, api.cart_quote TO shop_http;
GRANT EXECUTE ON FUNCTION api.webhook_receive, api.webhook_certificate_find TO shop_http;
GRANT EXECUTE ON FUNCTION api.webhook_certificate_load, api.webhook_certificate_record
	TO shop_worker;
GRANT EXECUTE ON FUNCTION api.payment_load, api.payment_record, api.op_sent,
	api.order_expire_begin, api.refund_load, api.refund_record, api.webhook_load,
	api.webhook_record TO shop_worker;
GRANT EXECUTE ON FUNCTION api.dispute_load, api.dispute_record, api.webhook_missing,
	api.webhook_receive, api.webhook_pull_on TO shop_worker;
GRANT EXECUTE ON FUNCTION api.dispute_list, api.dispute_get, api.webhook_body
	TO op_support, op_finance, op_auditor;
GRANT EXECUTE ON FUNCTION api.dispute_evidence TO op_support, op_finance;
GRANT EXECUTE ON FUNCTION api.dispute_accept, api.webhook_chosen, api.webhook_replay,
	api.webhook_preview, api.webhook_missing, api.webhook_receive TO op_finance;
GRANT EXECUTE ON FUNCTION api.order_list, api.order_get, api.order_lines,
	api.order_timeline, api.payment_list, api.payment_get, api.refund_list,
	api.refund_get, api.webhook_list, api.webhook_get
	TO op_support, op_finance, op_auditor;
GRANT EXECUTE ON FUNCTION api.order_cancel TO op_support;
GRANT EXECUTE ON FUNCTION api.order_hold, api.order_release TO op_support, op_finance;
GRANT EXECUTE ON FUNCTION api.payment_capture, api.payment_void, api.payment_retry,
	api.payment_match TO op_finance;
GRANT EXECUTE ON FUNCTION api.refund_create, api.refund_approve, api.refund_decline
	TO op_support, op_finance;
GRANT EXECUTE ON FUNCTION api.refund_retry, api.refund_settle TO op_finance;
GRANT EXECUTE ON FUNCTION api.refund_limit_list TO op_support, op_finance, op_auditor;
GRANT EXECUTE ON FUNCTION api.return_create, api.return_approve, api.return_reject,
	api.return_cancel TO op_support, op_warehouse;
GRANT EXECUTE ON FUNCTION api.return_receive, api.return_inspect TO op_warehouse;
GRANT EXECUTE ON FUNCTION api.return_close TO op_warehouse, op_support, op_finance;
GRANT EXECUTE ON FUNCTION api.return_list, api.return_get
	TO op_warehouse, op_support, op_finance, op_auditor;
GRANT EXECUTE ON FUNCTION api.promotion_list, api.promotion_usage, api.promotion_simulate,
	api.coupon_list, api.coupon_get TO op_catalog, op_support, op_finance, op_auditor;
GRANT EXECUTE ON FUNCTION api.promotion_create, api.promotion_set, api.promotion_enable,
	api.coupon_make, api.coupon_disable TO op_catalog;
GRANT EXECUTE ON FUNCTION api.ledger_accounts, api.ledger_balance, api.ledger_entries,
	api.ledger_export, api.ledger_periods TO op_finance, op_auditor;
GRANT EXECUTE ON FUNCTION api.ledger_close, api.txn_post TO op_finance;
GRANT EXECUTE ON FUNCTION api.shipment_create, api.shipment_ship, api.shipment_track,
	api.shipment_cancel TO op_warehouse;
GRANT EXECUTE ON FUNCTION api.shipment_list, api.shipment_get
	TO op_warehouse, op_support, op_finance, op_auditor;
GRANT EXECUTE ON FUNCTION api.job_claim, api.job_renew, api.job_done, api.job_fail,
	api.job_give_back, api.job_recover, api.job_rescue, api.job_promote, api.job_schedule,
	api.queue_rotate, api.queue_shares, api.queue_stats, api.worker_beat, api.worker_gone,
	api.worker_find, api.worker_backlog, api.job_history, api.breaker_ask,
	api.breaker_note TO shop_worker;
GRANT EXECUTE ON FUNCTION api.audit_anchor, api.audit_seal, api.cart_purge, api.event_keep,
	api.housekeeping_ran, api.import_stage_purge, api.import_undo_purge, api.inbox_purge,
	api.inventory_purge, api.message_purge, api.schedule_list, api.schedule_purge,
	api.tracking_purge,
	api.webhook_purge, api.worker_purge TO shop_worker;
GRANT EXECUTE ON FUNCTION api.audit_anchor, api.audit_get, api.audit_list, api.audit_verify
	TO op_auditor;
GRANT EXECUTE ON FUNCTION api.schedule_list, api.schedule_missed, api.schedule_next
	TO op_support, op_finance, op_auditor;
GRANT EXECUTE ON FUNCTION api.job_find, api.job_show, api.job_retry, api.dlq_find,
	api.dlq_groups, api.dlq_show, api.queue_stats, api.worker_find,
	api.worker_leases, api.breaker_list TO op_support;
GRANT EXECUTE ON FUNCTION api.api_client_find, api.checkout_get, api.order_place,
	api.order_place_fast TO shop_http;

GRANT EXECUTE ON FUNCTION api.product_set, api.product_move, api.product_create,
	api.product_put, api.product_image_put, api.product_image_remove, api.variant_add,
	api.variant_set, api.variant_archive, api.category_create, api.category_set,
	api.category_move, api.category_merge, api.category_delete,
	api.category_attribute_set, api.category_attribute_remove, api.brand_create,
	api.brand_set, api.brand_merge, api.brand_delete, api.supplier_create,
	api.supplier_set, api.supplier_merge, api.supplier_delete TO op_catalog;
GRANT EXECUTE ON FUNCTION api.product_document, api.product_history, api.category_tree,
	api.category_attribute_list, api.supplier_list TO op_catalog, op_support, op_warehouse;
GRANT EXECUTE ON FUNCTION api.product_list, api.product_show, api.product_variants,
	api.product_export, api.product_export_shopify, api.brand_list, api.category_list,
	api.warehouse_list, api.warehouse_get, api.stock_show, api.stock_ledger,
	api.stock_as_of, api.stock_why, api.stock_low, api.transfer_list, api.transfer_get,
	api.count_list, api.count_lines
	TO op_catalog, op_warehouse, op_support, op_finance, op_auditor;
GRANT EXECUTE ON FUNCTION api.import_open, api.import_staged, api.import_apply, api.import_drop,
	api.import_let, api.import_rejects_keep, api.import_resume, api.import_obstacles,
	api.import_undo TO op_catalog, op_warehouse, op_finance; -- each its kinds: import_roles
GRANT EXECUTE ON FUNCTION api.import_runs, api.import_show, api.import_changes,
	api.import_rejects TO op_catalog, op_warehouse, op_finance, op_auditor;
GRANT EXECUTE ON FUNCTION api.price_list, api.price_show, api.price_history,
	api.pricelist_list, api.pricelist_show, api.pricelist_customers
	TO op_catalog, op_support, op_finance, op_auditor;
GRANT EXECUTE ON FUNCTION api.price_set, api.price_schedule, api.price_cancel, api.price_bulk,
	api.pricelist_create, api.pricelist_set, api.pricelist_assign
	TO op_catalog;
GRANT EXECUTE ON FUNCTION api.tax_class_list, api.tax_rate_list, api.tax_quote
	TO op_catalog, op_support, op_finance, op_auditor;
GRANT EXECUTE ON FUNCTION api.shipping_zone_list, api.shipping_rate_list, api.shipment_quote
	TO op_catalog, op_support, op_warehouse, op_finance, op_auditor;
GRANT EXECUTE ON FUNCTION api.shipping_zone_set, api.shipping_zone_remove,
	api.shipping_rate_set, api.shipping_rate_remove TO op_catalog, op_finance;
GRANT EXECUTE ON FUNCTION api.tax_class_set, api.tax_rate_set, api.tax_rate_end
	TO op_finance;
-- A run's stage is filled by COPY; the right to it is given for each.
GRANT USAGE ON SCHEMA stage TO op_catalog, op_finance, op_warehouse, op_admin;
GRANT EXECUTE ON FUNCTION api.stock_adjust, api.stock_set, api.stock_reorder, api.stock_receive,
	api.warehouse_create, api.warehouse_set, api.warehouse_open, api.warehouse_policy,
	api.transfer_create, api.transfer_ship, api.transfer_receive, api.transfer_cancel,
	api.count_start, api.count_enter, api.count_post, api.count_cancel
	TO op_warehouse;
GRANT EXECUTE ON FUNCTION api.fsck, api.fsck_begin, api.fsck_list, api.fsck_order, api.fsck_ran
	TO op_auditor, op_finance;
GRANT EXECUTE ON FUNCTION api.incident_list, api.incident_get
	TO op_support, op_finance, op_auditor;
GRANT EXECUTE ON FUNCTION api.incident_own, api.incident_close TO op_support, op_finance;
GRANT EXECUTE ON FUNCTION api.reconcile_begin, api.reconcile_load, api.reconcile_record,
	api.reconcile_finish TO shop_worker, op_finance;
GRANT EXECUTE ON FUNCTION api.reconcile_put TO op_finance;
GRANT EXECUTE ON FUNCTION api.balance_list, api.payment_orphans, api.reconcile_runs
	TO op_support, op_finance, op_auditor;
GRANT EXECUTE ON FUNCTION api.metrics TO op_auditor;
GRANT EXECUTE ON FUNCTION api.status
	TO op_support, op_warehouse, op_finance, op_catalog, op_auditor;
