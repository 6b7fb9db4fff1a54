// `npm ci`. Install scripts are off (.npmrc): everything that we depend on works without them.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../command.mjs";

/** @param {import("../setup.mjs").Context} context @returns {import("../setup.mjs").Step} */
export const npmPackages = (context) => ({
  title: "npm packages",
  megabytes: 1600,
  upToDate: () => sameLock(context.root),
  async make() {
    await run(context, "install the npm packages", [...npm(), "ci", "--no-audit", "--no-fund"], { log: "npm" });
  },
});

/** The npm that runs us, or the one on the PATH. */
export function npm() {
  const cli = process.env.npm_execpath;
  return cli && /npm-cli\.c?js$/.test(cli) ? [process.execPath, cli] : ["npm"];
}

/**
 * Whether node_modules is what package-lock.json says. npm's own record of what it installed serves as the stamp:
 * it is written last, and removed first, and a developer's `npm install` keeps it right too.
 */
async function sameLock(root) {
  let wanted;
  let installed;
  try {
    wanted = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")).packages;
    installed = JSON.parse(await readFile(join(root, "node_modules", ".package-lock.json"), "utf8")).packages;
  } catch {
    return false;
  }
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith("node_modules/")) return true;
    const found = installed[path];
    return found
      ? found.version === entry.version && found.resolved === entry.resolved
      : entry.optional || entry.devOptional || entry.peer;
  });
}
