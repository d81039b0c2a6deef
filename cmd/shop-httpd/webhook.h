/* What the doors of all providers share: stored, then 200; refused, and counted. */
#ifndef SHOP_HTTPD_WEBHOOK_H
#define SHOP_HTTPD_WEBHOOK_H

#include "shop-httpd/request.h"

/* For pool_run(): r->of is a struct webhook_receipt that was verified. */
void webhook_store(struct request *r);
void webhook_stored(struct request *r);

/* For the metric: what became of a webhook. */
void webhook_count(const char *provider, const char *result);

/* Answer the op's fault; one address is heard only so often. */
void webhook_refuse(struct request *r, const char *provider, const char *result);

#endif
