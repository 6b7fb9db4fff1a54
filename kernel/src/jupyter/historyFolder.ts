// The history on disk. Each session writes a file of its own, so that kernels never get in each other's way: a line of
// JSON for each input, another one for what came of it.
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { log } from "./log";

/** One input. */
export interface Line {
  readonly session: number;
  /** The number of the cell. */
  readonly line: number;
  readonly input: string;
  output: string | null;
}

/** What is kept: the latest of each. */
const mostSessions = 300;
const mostBytes = 8 << 20;
const mostCharacters = 100_000; // of an input

export class HistoryFolder {
  /** What other sessions' files said when they had that size. */
  private readonly read = new Map<number, { size: number; lines: Line[] }>();
  private file: number | undefined;

  constructor(private readonly folder: string) {}

  /** Begins a session of its own, and gives its number. Throws away what is too old or too much. */
  begin(): number {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const sessions = this.sessions();
    let bytes = 0;
    for (const [age, session] of [...sessions].reverse().entries()) {
      bytes += this.size(session);
      if (age >= mostSessions || bytes > mostBytes) rmSync(this.path(session), { force: true });
    }
    for (let session = (sessions.at(-1) ?? 0) + 1; ; session++) {
      try {
        this.file = openSync(this.path(session), "ax", 0o600); // the number is ours if nobody else has made the file
        return session;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
    }
  }

  /** Writes of this session's line what is new. */
  write(line: Partial<Line>): void {
    if (this.file === undefined || (line.input?.length ?? 0) > mostCharacters) return;
    try {
      writeSync(this.file, `${JSON.stringify(line)}\n`);
    } catch (error) {
      log(`writes no more history: ${error}`);
      closeSync(this.file);
      this.file = undefined;
    }
  }

  /** The lines of all sessions but `own`, the latest last. What cannot be read is left out. */
  others(own: number | undefined): Line[] {
    return this.sessions().flatMap((session) => (session === own ? [] : this.linesOf(session)));
  }

  private linesOf(session: number): Line[] {
    const size = this.size(session);
    const known = this.read.get(session);
    if (known?.size === size) return known.lines;
    const lines = size <= mostBytes ? parse(this.text(session), session) : [];
    this.read.set(session, { size, lines });
    return lines;
  }

  private sessions(): number[] {
    try {
      const names = readdirSync(this.folder).flatMap((name) => /^([1-9]\d{0,9})\.jsonl$/.exec(name)?.[1] ?? []);
      return names.map(Number).sort((a, b) => a - b);
    } catch {
      return []; // nothing has been written yet
    }
  }

  private size(session: number): number {
    return statSync(this.path(session), { throwIfNoEntry: false })?.size ?? 0;
  }

  private text(session: number): string {
    try {
      return readFileSync(this.path(session), "utf8");
    } catch {
      return "";
    }
  }

  private path(session: number): string {
    return join(this.folder, `${session}.jsonl`);
  }
}

/** A kernel that was killed leaves half a line; the others stand. */
function parse(text: string, session: number): Line[] {
  const lines = new Map<number, Line>();
  for (const record of text.split("\n")) {
    try {
      const { line, input, output } = JSON.parse(record) as Partial<Record<keyof Line, unknown>>;
      if (typeof line !== "number") continue;
      const known = lines.get(line);
      if (typeof input === "string") lines.set(line, { session, line, input, output: null });
      else if (known && typeof output === "string") known.output = output;
    } catch {
      // not ours
    }
  }
  return [...lines.values()];
}
