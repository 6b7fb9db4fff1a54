// One set-up at a time in a checkout. The holder touches its lock every few seconds; a lock left by a crash is taken over.
import { readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

const touchEveryMs = 5_000;
const staleAfterMs = 60_000;

/**
 * Runs `body` while holding the lock `file`; waits for another holder to finish first.
 * @template T
 * @param {string} file
 * @param {(owner: string) => void} onWait called once if there is something to wait for
 * @param {() => Promise<T>} body
 * @returns {Promise<T>}
 */
export async function withLock(file, onWait, body) {
  const mine = JSON.stringify({ pid: process.pid, host: hostname() });
  for (let waiting = false; !(await take(file, mine)); ) {
    const owner = await read(file);
    if (owner === undefined) continue;
    if (owner.stale) await removeStale(file, owner.text);
    else {
      if (!waiting) onWait(String(owner.pid));
      waiting = true;
      await sleep(500);
    }
  }
  const touch = setInterval(() => utimes(file, new Date(), new Date()).catch(() => {}), touchEveryMs);
  const release = () => rm(file, { force: true });
  try {
    return await body();
  } finally {
    clearInterval(touch);
    await release();
  }
}

async function take(file, text) {
  try {
    await writeFile(file, text, { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

async function read(file) {
  try {
    const text = await readFile(file, "utf8");
    const ageMs = Date.now() - (await stat(file)).mtimeMs;
    const { pid, host } = parse(text);
    // An unreadable lock is one being written right now, or one that a full disk cut short.
    const dead = pid !== undefined && host === hostname() && !isRunning(pid);
    return { text, pid, stale: dead || ageMs > staleAfterMs };
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Moves the lock aside before deleting it, so that of two who find it stale only one removes it. */
async function removeStale(file, text) {
  const aside = `${file}.${process.pid}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (error.code === "ENOENT") return;
    throw error;
  }
  // Someone quicker may have taken over meanwhile: then what was moved is theirs, and goes back.
  if ((await readFile(aside, "utf8")) !== text) await rename(aside, file);
  else await rm(aside, { force: true });
}
