// A cell asks for input: the question goes to the front end that runs it, and the answer back. The executor's main thread
// waits meanwhile, so there is one question at a time.
import type { Header, Question } from "../executor/protocol";
import type { Message } from "./messages";

/** Sends the question to the peer with these identities, and gives the id of the message. */
type Send = (identities: Uint8Array[], content: { prompt: string; password: boolean }, parent: Header) => string;

export class Input {
  /** Who sent the cells that run and may ask, by the id of the message. */
  private readonly peers = new Map<unknown, Uint8Array[]>();
  private asked: { question: Question; messageId: string } | undefined;

  constructor(
    private readonly send: Send,
    private readonly answer: (question: Question, value?: string) => void,
  ) {}

  /** The front end that sent this message can be asked from now on, until `forget`. */
  know({ header, identities }: Message): void {
    this.peers.set(header.msg_id, identities);
  }

  forget({ header }: Message): void {
    this.peers.delete(header.msg_id);
  }

  /** A cell asks. */
  ask(question: Question): void {
    const { prompt, password, parent } = question;
    const identities = this.peers.get(parent.msg_id);
    if (identities) this.asked = { question, messageId: this.send(identities, { prompt, password }, parent) };
    else this.answer(question); // that there will be none
  }

  /** A front end answers. What answers no question, or one that is over, is dropped. */
  receive({ header, parent, content }: Message): void {
    if (header.msg_type !== "input_reply" || !this.asked) return;
    if (parent.msg_id !== undefined && parent.msg_id !== this.asked.messageId) return;
    const { question } = this.asked;
    this.asked = undefined;
    this.answer(question, String(content.value ?? ""));
  }

  /** The cells that run are to end: neither the question is answered any more, nor what they ask next. */
  cancel(): void {
    this.peers.clear();
    if (this.asked) this.answer(this.asked.question);
    this.asked = undefined;
  }
}
