// Finds a C compiler for the tests that build a stand-in for a driver, or adds Debian's.
import { SetupError } from "../kernel/setup/command.mjs";
import { onPath } from "../kernel/setup/machine.mjs";
import { add, canAdd } from "./debian.mjs";

const find = () => process.env.CC || ["cc", "gcc", "clang"].map(onPath).find(Boolean);

/**
 * @param {import("../kernel/setup/setup.mjs").Context} context
 * @param {import("../kernel/setup/report.mjs").Report} report
 * @returns {Promise<string>} the compiler
 * @throws {SetupError} if there is none and none can be added
 */
export async function compiler(context, report) {
  const found = find();
  if (found) return found;
  if (canAdd()) await report.step("C compiler from apt", () => add(context, ["gcc", "libc6-dev"]));
  const added = find();
  if (added) return added;
  throw new SetupError(
    `Cannot run the tests: no C compiler on the PATH; run \`sudo apt install gcc libc6-dev\`, or set CC to one, and run \`${context.again}\` again`,
  );
}
