// Finds the programs that tests start, or adds Debian's.
import { SetupError } from "../kernel/setup/command.mjs";
import { onPath } from "../kernel/setup/machine.mjs";
import { add, canAdd } from "./debian.mjs";

/** What must be on the PATH, and Debian's packages that hold it. */
export const mpi = { name: "Open MPI", programs: ["mpirun"], packages: ["openmpi-bin", "libopenmpi3"] };

export const slurm = {
  name: "Slurm",
  programs: ["sbatch", "slurmctld", "slurmd", "munged"],
  packages: ["slurmctld", "slurmd", "slurm-client", "munge"],
};

/**
 * @param {typeof mpi} wanted
 * @param {import("../kernel/setup/setup.mjs").Context} context
 * @param {import("../kernel/setup/report.mjs").Report} report
 * @throws {SetupError} if a program is missing and cannot be added
 */
export async function ensure({ name, programs, packages }, context, report) {
  const missing = () => programs.filter((program) => !onPath(program));
  if (missing().length === 0) return;
  if (canAdd()) await report.step(`${name} from apt`, () => add(context, packages));
  if (missing().length === 0) return;
  throw new SetupError(
    `Cannot run the tests: no ${missing().join(", ")} on the PATH; run \`sudo apt install ${packages.join(" ")}\` and run \`${context.again}\` again`,
  );
}
