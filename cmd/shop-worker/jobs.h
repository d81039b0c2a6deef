/* JOB(the struct job_kind of a file here); sorted. */
JOB(noop_crash)
JOB(noop_fail)
JOB(noop_run)
JOB(noop_sleep)
JOB(noop_sum)
JOB(notification_send)
JOB(rollup_sales)
