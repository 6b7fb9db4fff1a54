// Questions about code, which front ends wait for: while a cell computes and lets nothing else have its turn, the answer
// is that there is none yet.
import type { Header, LanguageRequest } from "../executor/protocol";
import type { ExecutorClient } from "./executorClient";
import type { Content } from "./messages";

/** How long an answer may take while cells run, and while none does: then the compiler may be reading a large library. */
const patience = { busy: 300, idle: 5000 }; // milliseconds

const nothing: Record<LanguageRequest["op"], (content: Content) => Content> = {
  complete: ({ cursor_pos = 0 }) => ({
    status: "ok",
    matches: [],
    cursor_start: cursor_pos,
    cursor_end: cursor_pos,
    metadata: {},
  }),
  inspect: () => ({ status: "ok", found: false, data: {}, metadata: {} }),
  is_complete: () => ({ status: "unknown" }),
};

export class Language {
  /** Whether the executor still owes an answer that nobody waits for: until it comes, busy as it is, it gets no more questions. */
  private behind = false;

  constructor(private readonly executor: ExecutorClient) {}

  async ask(op: LanguageRequest["op"], content: Content, parent: Header, busy: boolean): Promise<Content> {
    if (this.behind && busy) return nothing[op](content);
    const answer = this.executor.call({ op, content }, parent) as Promise<Content>;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Content>((resolve) => {
      const giveUp = () => {
        this.behind = true;
        answer.then(() => {
          this.behind = false;
        });
        resolve(nothing[op](content));
      };
      timer = setTimeout(giveUp, busy ? patience.busy : patience.idle);
    });
    return Promise.race([answer, late]).finally(() => clearTimeout(timer));
  }
}
