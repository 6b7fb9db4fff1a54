// Small writes of a cell are joined into few messages: a front end is slow at taking thousands.
import type { Header } from "../executor/protocol";

/** How long text may wait for more (milliseconds). */
const patience = 30;
const mostCharacters = 1 << 18;

export class Streams {
  private waiting: { name: string; text: string[]; length: number; parent: Header } | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly publish: (type: string, content: { name: string; text: string }, parent: Header) => void,
  ) {}

  /** Takes what was written to the stream `name`. */
  write(name: string, text: string, parent: Header): void {
    if (this.waiting && (this.waiting.name !== name || this.waiting.parent.msg_id !== parent.msg_id)) this.flush();
    this.waiting ??= { name, text: [], length: 0, parent };
    this.waiting.text.push(text);
    this.waiting.length += text.length;
    if (this.waiting.length >= mostCharacters) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), patience);
  }

  /** Publishes what is waiting; to be called before anything that must come after it. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.waiting) return;
    const { name, text, parent } = this.waiting;
    this.waiting = undefined;
    this.publish("stream", { name, text: text.join("") }, parent);
  }
}
