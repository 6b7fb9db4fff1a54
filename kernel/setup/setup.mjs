// The set-up: a list of steps. Each knows whether it is up to date, and leaves nothing half-made when it is interrupted.
import { join } from "node:path";
import { withLock } from "./lock.mjs";
import { checkMachine, makeWorkFolder } from "./machine.mjs";
import { consoleReport } from "./report.mjs";
import { build } from "./steps/build.mjs";
import { kernelAndExtension } from "./steps/kernel-and-extension.mjs";
import { npmPackages } from "./steps/npm-packages.mjs";
import { pythonEnvironment } from "./steps/python-environment.mjs";
import { tensorflow } from "./steps/tensorflow.mjs";
import { webgpu } from "./steps/webgpu.mjs";

/**
 * @typedef {object} Context
 * @property {string} root the checkout
 * @property {string} cache a folder for logs, the lock and work in progress, on the same disk as the checkout
 * @property {string} again the command that the user runs to try again
 * @property {string[]} [add] what is to be there even if it serves nothing here: `webgpu`
 *
 * @typedef {object} Step
 * @property {string} title
 * @property {number} megabytes disk space that it needs while it runs
 * @property {boolean} [needsPython] the system's, to make an environment with
 * @property {() => Promise<boolean>} upToDate
 * @property {(progress: (text: string) => void) => Promise<string | void>} make returns a remark, if there is one
 */

/**
 * Makes the checkout ready to use: npm packages, the build, JupyterLab in `.venv`, libtensorflow, Dawn where
 * it helps, kernel and extension.
 * @param {{ root: string, again?: string, add?: string[], report?: import("./report.mjs").Report }} options
 * @throws {SetupError} with one line that says what is missing and what adds it
 */
export async function setUp({ root, again = "npm start", add = [], report = consoleReport(process.stdout) }) {
  const context = { root, cache: join(root, ".cache", "setup"), again, add };
  const makers = [npmPackages, build, pythonEnvironment, tensorflow, webgpu, kernelAndExtension];
  const steps = (await Promise.all(makers.map((maker) => maker(context)))).filter((step) => step !== undefined);
  await makeWorkFolder(context);
  await withLock(
    join(context.cache, "lock"),
    (owner) => report.line(`Waiting for another set-up (process ${owner})`),
    async () => {
      await report.step("this machine", () => checkMachine(context, steps));
      for (const step of steps) {
        if (await step.upToDate()) report.line(`${step.title}: up to date`);
        else await report.step(step.title, step.make);
      }
    },
  );
}
