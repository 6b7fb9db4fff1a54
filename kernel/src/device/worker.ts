// The thread that samples where there is no kernel whose watchdog thread would: in a script, a test, a training run.
import { type MessagePort, workerData } from "node:worker_threads";
import { openSampler } from "./probes";
import { serve } from "./serve";

serve((workerData as { port: MessagePort }).port, openSampler());
