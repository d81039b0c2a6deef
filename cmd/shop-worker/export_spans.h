/* The exporter of spans: one process a machine. */
#ifndef SHOP_WORKER_EXPORT_SPANS_H
#define SHOP_WORKER_EXPORT_SPANS_H

#include "base/op.h"

/*
 * Read spans from trace.socket and post them to the collector until SIGTERM; then send
 * what is left, once.  metrics_file: for a textfile collector, or NULL.
 */
enum err export_spans(struct op *op, const char *metrics_file);

#endif
