// Adds Debian's packages to a machine where the tests run as root.
import { run } from "../kernel/setup/command.mjs";
import { onPath } from "../kernel/setup/machine.mjs";

/** Whether packages can be added here without asking anyone. */
export const canAdd = () => Boolean(onPath("apt-get")) && process.getuid?.() === 0;

/** @param {import("../kernel/setup/setup.mjs").Context} context @param {string[]} packages the first gives the log its name */
export async function add(context, packages) {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const [name] = packages;
  await run(context, "update apt's lists", ["apt-get", "update"], { log: "apt-update", env });
  await run(context, `install ${name}`, ["apt-get", "install", "-y", "--no-install-recommends", ...packages], {
    log: `apt-${name}`,
    env,
  });
}
