// Many pre-training runs on a cluster: a Slurm job array, and one table of what they came to.
export { runSweep } from "./command";
