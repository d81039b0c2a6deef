/* What came of it all: a line each. */
#ifndef WORLD_EFFECTS_H
#define WORLD_EFFECTS_H

/* What the faults led to; none of these may be zero in a batch either. */
#define EFFECTS(X)                                                                     \
	X(orders)                                                                      \
	X(out_of_stock)                                                                \
	X(replayed_checkout)                                                           \
	X(key_mismatch)                                                                \
	X(leases_fenced)                                                               \
	X(lookups)                                                                     \
	X(keys_replayed)                                                               \
	X(refunds_made)                                                                \
	X(refunds_refused)                                                             \
	X(cancels)                                                                     \
	X(dead_jobs_retried)                                                           \
	X(orders_looked_at)                                                            \
	X(without_webhooks)                                                            \
	X(without_resends)                                                             \
	X(without_gaps)                                                                \
	X(without_reconciler)                                                          \
	SUMS(X)

/* Of these the database knows at the end how many there were: api.sim_sums(). */
#define SUMS(X)                                                                        \
	X(orders_paid)                                                                 \
	X(orders_authorized)                                                           \
	X(orders_shipped)                                                              \
	X(orders_delivered)                                                            \
	X(orders_cut_short)                                                            \
	X(orders_held)                                                                 \
	X(paypal_captured)                                                             \
	X(paypal_authorized)                                                           \
	X(transfers_matched)                                                           \
	X(second_attempts_paid)                                                        \
	X(captured_in_parts)                                                           \
	X(captured_for_parcels)                                                        \
	X(authorizations_let_go)                                                       \
	X(authorizations_lapsed)                                                       \
	X(late_money_kept)                                                             \
	X(late_money_returned)                                                         \
	X(refunds_succeeded)                                                           \
	X(refunds_failed)                                                              \
	X(refunds_failed_late)                                                         \
	X(refunds_rejected)                                                            \
	X(refunds_approved)                                                            \
	X(refunds_declined)                                                            \
	X(refunds_retried)                                                             \
	X(refunds_settled)                                                             \
	X(shipments_canceled)                                                          \
	X(parcels_returned)                                                            \
	X(returns_closed)                                                              \
	X(returns_rejected)                                                            \
	X(units_restocked)                                                             \
	X(units_scrapped)                                                              \
	X(disputes_won)                                                                \
	X(disputes_lost)                                                               \
	X(disputes_withdrawn)                                                          \
	X(disputes_answered)                                                           \
	X(payouts_paid)                                                                \
	X(payouts_failed)                                                              \
	X(reconciled)                                                                  \
	X(periods_closed)

#endif
