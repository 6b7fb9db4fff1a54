// `npm run build`: AssemblyScript and TypeScript to kernel/dist, the extension to extension/labextension.
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../command.mjs";
import { hashFiles, readStamp, writeStamp } from "../stamp.mjs";
import { npm } from "./npm-packages.mjs";

const made = new Set(["node_modules", "dist", "lib", "labextension", "setup"]);

/** What the build is made from. */
export const sourcesHash = (root) =>
  hashFiles(root, ["kernel", "kernel/setup/build.mjs", "extension", "package-lock.json"], made);

/** @param {import("../setup.mjs").Context} context @returns {import("../setup.mjs").Step} */
export const build = (context) => {
  const dist = join(context.root, "kernel", "dist");
  const stamp = join(dist, "built-from");
  return {
    title: "build of kernel and extension",
    megabytes: 100,
    async upToDate() {
      const complete = [join(dist, "cli.js"), join(context.root, "extension", "labextension", "package.json")].every(
        existsSync,
      );
      return complete && (await readStamp(stamp)) === (await sourcesHash(context.root));
    },
    async make() {
      await rm(stamp, { force: true });
      const sources = await sourcesHash(context.root);
      await run(context, "build the kernel and the extension", [...npm(), "run", "build"], { log: "build" });
      await mkdir(dist, { recursive: true });
      await writeStamp(stamp, sources);
    },
  };
};
