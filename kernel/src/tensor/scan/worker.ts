// A thread that helps with scans. It sleeps in WebAssembly until there is a job, and ends with the thread that began it.
import { workerData } from "node:worker_threads";
import { instantiate, type Shared } from "./module";

const { shared, thread } = workerData as { shared: Shared; thread: number };
instantiate(shared).help(thread);
