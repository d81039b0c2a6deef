/* The lists of what can go wrong, and of what may come of it: a line each. */
#ifndef WORLD_SWARM_H
#define WORLD_SWARM_H

/* What can go wrong: its name and the most that its rate may be, in ten thousandths. */
#define FAULTS(X)                                                                      \
	X(kill_before_commit, 100)                                                     \
	X(kill_after_commit, 100)                                                      \
	X(kill_before_call, 300)                                                       \
	X(kill_after_call, 400)                                                        \
	X(commit_lost_not_applied, 150)                                                \
	X(commit_lost_applied, 150)                                                    \
	X(worker_paused, 150)                                                          \
	X(blackout, 100)                                                               \
	X(jump_minutes, 60)                                                            \
	X(jump_hours, 15)                                                              \
	X(door_down, 1500)                                                             \
	X(mail_down, 3000)                                                             \
	X(shopper_repeats, 4000)                                                       \
	X(shopper_changes_body, 2000)                                                  \
	X(shopper_wants_scarce, 3000)                                                  \
	X(shopper_off_session, 6000)                                                   \
	X(shopper_walks_away, 2000)                                                    \
	X(shopper_pays_late, 4000)                                                     \
	X(card_declines, 4000)                                                         \
	X(card_asks, 3000)                                                             \
	X(bank_debit, 4000)                                                            \
	X(bank_debit_fails, 2000)                                                      \
	X(refund_pends, 3000)                                                          \
	X(refund_fails_soon, 2000)                                                     \
	X(refund_fails_late, 400)                                                      \
	X(operator_cancels, 6000)                                                      \
	X(operator_refunds_units, 6000)                                                \
	X(operator_refunds_amount, 6000)                                               \
	X(operator_refunds_rest, 3000)                                                 \
	X(operator_syncs, 4000)

/* What the provider does wrong, as /sim/faults names it, and what it matches. */
#define PROVIDER_FAULTS(X)                                                             \
	X(p429, "429", "*/v1/*", 800)                                                  \
	X(p429_lock, "429_lock", "*/v1/*", 800)                                        \
	X(p503, "503", "*/v1/*", 800)                                                  \
	X(p503_after, "503_after", "*/v1/*", 800)                                      \
	X(p500, "500", "POST /v1/*", 800)                                              \
	X(p500_after, "500_after", "POST /v1/*", 800)                                  \
	X(timeout_not_processed, "timeout_before", "*/v1/*", 800)                      \
	X(timeout_processed, "timeout_after", "*/v1/*", 800)                           \
	X(reset_before, "reset", "*/v1/*", 800)                                        \
	X(reset_after, "reset_after", "*/v1/*", 800)                                   \
	X(truncated, "truncate", "*/v1/*", 800)                                        \
	X(garbage, "garbage", "*/v1/*", 800)                                           \
	X(hook_lost, "lost", "webhook*", 3000)                                         \
	X(hook_twice, "duplicate", "webhook*", 3000)                                   \
	X(hook_twin, "twin", "webhook*", 3000)                                         \
	X(hook_delayed, "reorder", "webhook*", 5000)                                   \
	X(hook_forged, "bad_signature", "webhook*", 1000)                              \
	X(hook_stale, "stale", "webhook*", 1000)

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
	X(orders_paid)                                                                 \
	X(late_money_kept)                                                             \
	X(late_money_returned)                                                         \
	X(refunds_succeeded)                                                           \
	X(refunds_failed)                                                              \
	X(refunds_rejected)

#endif
