// The inputs of this session, and what came of them.

/** session, line, input; or session, line, [input, output] */
export type Entry = [number, number, string | [string, string | null]];

interface Line {
  line: number;
  input: string;
  output: string | null;
}

/** There is one session, as nothing is kept on disk; a front end's 0 means the current one too. */
const session = 1;

export class History {
  private readonly lines: Line[] = [];

  /** Remembers an input; give the line its output once there is one. */
  add(line: number, input: string): Line {
    const entry: Line = { line, input, output: null };
    this.lines.push(entry);
    return entry;
  }

  /** history_reply for a history_request's content. */
  reply(content: Record<string, unknown>): { status: "ok"; history: Entry[] } {
    const select = selections[String(content.hist_access_type ?? "tail")];
    const found = select ? select(this.lines, content) : [];
    const history = found.map(
      ({ line, input, output }): Entry => [session, line, content.output ? [input, output] : input],
    );
    return { status: "ok", history };
  }
}

type Selection = (lines: Line[], content: Record<string, unknown>) => Line[];

const selections: Record<string, Selection> = {
  tail: (lines, { n }) => last(lines, n),
  range: (lines, content) => {
    if (content.session !== 0 && content.session !== undefined && content.session !== session) return [];
    const [start, stop] = [Number(content.start ?? 1), Number(content.stop ?? Number.POSITIVE_INFINITY)];
    return lines.filter(({ line }) => line >= start && line < stop);
  },
  search: (lines, { n, pattern, unique }) => {
    const matches = glob(String(pattern ?? "*"));
    const found = lines.filter(({ input }) => matches.test(input));
    const latest = new Map(found.map((line) => [line.input, line]));
    return last(unique ? found.filter((line) => latest.get(line.input) === line) : found, n);
  },
};

function last(lines: Line[], n: unknown): Line[] {
  return typeof n === "number" ? lines.slice(Math.max(0, lines.length - n)) : lines;
}

/** `*` stands for anything, `?` for one character. */
function glob(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "su");
}
