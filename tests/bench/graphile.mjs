// Drain the jobs of a database with graphile-worker: jobs/s from the first to the last.
//
//	node graphile.mjs JOBS CONCURRENCY LOCAL     LOCAL: jobs fetched at once, 0: each by itself
//
// The settings are its fastest of those that keep a job until it is done: a large local
// queue, completions in batches, no logger.
import { Logger, run } from "graphile-worker";

const [jobs, concurrency, local] = process.argv.slice(2).map(Number);
let done = 0;
let begun;
let finished;
const all = new Promise((resolve) => (finished = resolve));

const runner = await run({
	preset: {
		worker: {
			connectionString: "postgres:///",
			concurrentJobs: concurrency,
			maxPoolSize: concurrency + 4,
			pollInterval: 100,
			...(local ? { localQueue: { size: local }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } : {}),
		},
	},
	logger: new Logger(() => () => {}),
	noHandleSignals: true,
	taskList: {
		noop() {
			begun ??= performance.now();
			if (++done === jobs) {
				finished();
			}
		},
	},
});
await all;
console.log((jobs / (performance.now() - begun)) * 1000);
await runner.stop();
process.exit(0);
