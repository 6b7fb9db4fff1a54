// The inputs of this session and of those before, and what came of them.
import { HistoryFolder, type Line } from "./historyFolder";
import { log } from "./log";

/** session, line, input; or session, line, [input, output] */
export type Entry = [number, number, string | [string, string | null]];

const mostLines = 10_000; // of this session
const mostCharacters = 10_000; // of an output

export class History {
  private lines: Line[] = [];
  private session: number | undefined;
  private readonly disk: HistoryFolder | undefined;

  /** Keeps the inputs in `folder` for the sessions to come; in memory alone without. */
  constructor(folder?: string) {
    this.disk = folder ? new HistoryFolder(folder) : undefined;
  }

  /** Remembers an input. */
  add(line: number, input: string): Line {
    this.session ??= this.begin();
    const entry: Line = { session: this.session, line, input, output: null };
    this.lines.push(entry);
    if (this.lines.length > mostLines) this.lines.shift();
    this.disk?.write({ line, input });
    return entry;
  }

  /** Remembers what came of it. */
  finish(entry: Line, output: string): void {
    entry.output = output.slice(0, mostCharacters);
    this.disk?.write({ line: entry.line, output: entry.output });
  }

  /** history_reply for a history_request's content. */
  reply(content: Record<string, unknown>): { status: "ok"; history: Entry[] } {
    const select = selections[String(content.hist_access_type ?? "tail")];
    const all = [...(this.disk?.others(this.session) ?? []), ...this.lines];
    const current = this.session ?? (all.at(-1)?.session ?? 0) + 1;
    const found = select ? select(all, content, current) : [];
    const history = found.map(
      ({ session, line, input, output }): Entry => [session, line, content.output ? [input, output] : input],
    );
    return { status: "ok", history };
  }

  private begin(): number {
    try {
      return this.disk?.begin() ?? 1;
    } catch (error) {
      log(`keeps its history in memory alone: ${error}`);
      return (this.disk?.others(undefined).at(-1)?.session ?? 0) + 1;
    }
  }
}

type Selection = (lines: Line[], content: Record<string, unknown>, current: number) => Line[];

const selections: Record<string, Selection> = {
  tail: (lines, { n }) => last(lines, n),
  range: (lines, content, current) => {
    const asked = Number(content.session ?? 0);
    const wanted = asked > 0 ? asked : current + asked; // 0 is this one, -1 the one before
    const [start, stop] = [Number(content.start ?? 1), Number(content.stop ?? Number.POSITIVE_INFINITY)];
    return lines.filter(({ session, line }) => session === wanted && line >= start && line < stop);
  },
  search: (lines, { n, pattern, unique }) => {
    const matches = glob(String(pattern ?? "*"));
    const found = lines.filter(({ input }) => matches(input));
    const latest = new Map(found.map((line) => [line.input, line]));
    return last(unique ? found.filter((line) => latest.get(line.input) === line) : found, n);
  },
};

function last(lines: Line[], n: unknown): Line[] {
  return typeof n === "number" ? lines.slice(Math.max(0, lines.length - n)) : lines;
}

/** `*` stands for anything, `?` for one character. In one pass: a pattern of many stars takes no longer. */
function glob(pattern: string): (text: string) => boolean {
  const wanted = Array.from(pattern);
  return (text) => {
    const letters = Array.from(text);
    let [at, star, resume] = [0, -1, 0];
    for (let from = 0; from < letters.length; ) {
      if (wanted[at] === "*") [star, resume] = [at++, from];
      else if (at < wanted.length && (wanted[at] === "?" || wanted[at] === letters[from]))
        [at, from] = [at + 1, from + 1];
      else if (star >= 0) [at, from] = [star + 1, ++resume];
      else return false;
    }
    return wanted.slice(at).every((letter) => letter === "*");
  };
}
