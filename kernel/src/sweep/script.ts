// A sweep as a Slurm job array: one script, and a file with one line for each task.

import type { Sweep } from "./options";
import { bashWord, slurmWord } from "./quote";

/** What a task's line of `tasks.txt` holds: it can be read, and runs of it be left out. */
export const tasksText = ({ tasks }: Sweep): string =>
  tasks.map(({ mixer, size, seed }) => `${mixer} ${size} ${seed}\n`).join("");

/**
 * The script that `sbatch` takes. Its task of number n does what line n of `tasks.txt` says, and goes on with a run that
 * was begun: the same script may be submitted again and again, as when the time was too short.
 *
 * @param program what starts `bestrq`, word by word
 */
export function scriptText({ folder, tasks, shared, resources }: Sweep, program: readonly string[]): string {
  const { time, partition, account, cpus, gpus, mem, ntasks, atOnce } = resources;
  const wanted: readonly (readonly [name: string, value: string | undefined])[] = [
    ["job-name", "bestrq"],
    ["chdir", folder],
    ["output", "logs/%a.txt"],
    ["open-mode", "append"],
    ["array", `1-${tasks.length}${atOnce ? `%${atOnce}` : ""}`],
    ["ntasks", String(ntasks)],
    ["cpus-per-task", cpus],
    ["gpus", gpus],
    ["mem", mem],
    ["time", time],
    ["partition", partition],
    ["account", account],
  ];
  const lines = wanted.flatMap(([name, value]) =>
    value === undefined ? [] : [`#SBATCH --${name}=${slurmWord(value)}`],
  );
  // Else mpirun, told to end, kills processes a second after it has told them, before they could save.
  const together = ["mpirun", "--mca", "odls_base_sigkill_timeout", "50", "-n", String(ntasks)];
  const start = [...(ntasks > 1 ? together : []), ...program].map(bashWord).join(" ");
  return `#!/bin/bash
# A sweep of pre-training runs, made by bestrq sweep. Line n of tasks.txt is task n: mixer, size, seed.
${lines.join("\n")}
#SBATCH --signal=B:TERM@60
set -euo pipefail

read -r mixer size seed < <(sed -n "\${SLURM_ARRAY_TASK_ID}p" tasks.txt)
run="runs/$mixer-$size-$seed"
resume=()
if [ -e "$run" ]; then resume=(--resume); fi

# A run that is told to end, a minute before its time is over, saves where it is.
exec ${start} train \\
  --mixer "$mixer" --size "$size" --seed "$seed" \\
  ${[...shared.map(bashWord), '--out "$run"'].join(" ")} "\${resume[@]}"
`;
}
