// Runs npm, pip and the rest with their output in a log file, and turns a failure into one line for the user.
import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { join, relative } from "node:path";

/** What the user can do something about. Its message is all that is shown: no stack. */
export class SetupError extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/** Ends the command, and then us, when we are told to end. Returns what undoes that. */
function endWith(child) {
  const handlers = Object.entries(signals).map(([signal, code]) => {
    const end = () => {
      child.kill("SIGTERM");
      process.exit(code);
    };
    process.on(signal, end);
    return () => process.off(signal, end);
  });
  return () => {
    for (const off of handlers) off();
  };
}

/**
 * Runs a command to its end, its output going to `<cache>/<log>.log`.
 * @param {import("./setup.mjs").Context} context
 * @param {string} purpose what it is for, as in "Cannot <purpose>"
 * @param {[string, ...string[]]} command the program and its arguments
 * @param {{ log: string, env?: Record<string, string | undefined>, timeoutMs?: number }} options
 * @returns {Promise<string>} what it wrote
 * @throws {SetupError} if it fails
 */
export async function run(context, purpose, [program, ...args], { log, env = {}, timeoutMs = 0 }) {
  const logFile = join(context.cache, `${log}.log`);
  const file = createWriteStream(logFile);
  file.write(`$ ${[program, ...args].join(" ")}\n`);
  let output = "";
  const code = await new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: context.root,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: timeoutMs,
    });
    const stopListening = endWith(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        file.write(text);
        output = (output + text).slice(-1_000_000);
      });
    }
    child.on("error", (error) => {
      output += error.code === "ENOENT" ? `${program} is not on the PATH` : error.message;
      stopListening();
      resolve(1);
    });
    child.on("close", (status) => {
      stopListening();
      resolve(status);
    });
  });
  await new Promise((resolve) => file.end(resolve));
  if (code === 0) return output;
  throw new SetupError(
    `Cannot ${purpose}: ${explain(output)} and run \`${context.again}\` again (log: ${relative(context.root, logFile)})`,
  );
}

/** Why npm or pip failed, and what to do about it, out of what they wrote. */
export function explain(output) {
  if (/ENOSPC|No space left on device/i.test(output)) return "the disk is full; make room";
  if (networkTrouble.test(output)) return "the network did not answer; connect to it (a proxy goes into HTTPS_PROXY)";
  const denied = /(?:EACCES|EPERM|Permission denied)[^\n]*/i.exec(output);
  if (denied) return `permission was denied (${shorten(denied[0])}); make the folder yours`;
  return `${shorten(culprit(output))}; put that right`;
}

/** The line that says most: the last error of the tool itself, else the first of npm's own. */
function culprit(output) {
  const lines = output.split("\n").map((line) => line.trim());
  const errors = lines.filter((line) => /error|cannot|not found|not on the PATH/i.test(line));
  const ofNpm = errors.filter((line) =>
    /^npm error (?!code|command|path|workspace|location|Lifecycle|A complete log)\S/.test(line),
  );
  return (
    errors.findLast((line) => !/^npm (error|warn)/i.test(line)) ??
    ofNpm[0] ??
    lines.findLast(Boolean) ??
    "it said nothing"
  );
}

const networkTrouble = new RegExp(
  [
    "ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER",
    "name resolution|network is unreachable|NewConnectionError|ReadTimeoutError|Read timed out|ProxyError|CERTIFICATE_VERIFY_FAILED|SSLError|ProtocolError",
    "Connection (?:refused|reset|aborted|broken|timed out)|Failed to establish a new connection|Download failure",
  ].join("|"),
  "i",
);

const shorten = (text) =>
  text
    .replace(/^npm error /, "")
    .replace(/^(.{200}).+$/, "$1…")
    .replace(/\.$/, "");
