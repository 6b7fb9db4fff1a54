import { displaySymbol } from "../figures";
import { sampleRate } from "./resample";
import { encodeWav } from "./wav";

/** What an {@link Utterance} is made of. */
export interface UtteranceFields {
  /** The file it was read from. */
  path: string;
  /** The file's name without folder and extension, unless told otherwise. */
  name: string;
  /** Mono, 16 kHz, in [-1, 1]. */
  waveform: Float32Array;
  /** What is said. */
  text?: string;
  /** Who says it. */
  speaker?: string;
}

/** One recording of speech. As the result of a notebook cell it can be listened to. */
export class Utterance implements UtteranceFields {
  readonly path: string;
  readonly name: string;
  readonly waveform: Float32Array;
  readonly text?: string;
  readonly speaker?: string;

  constructor({ path, name, waveform, text, speaker }: UtteranceFields) {
    this.path = path;
    this.name = name;
    this.waveform = waveform;
    if (text !== undefined) this.text = text;
    if (speaker !== undefined) this.speaker = speaker;
  }

  /** How long it takes. */
  get seconds(): number {
    return this.waveform.length / sampleRate;
  }

  toString(): string {
    const who = this.speaker === undefined ? "" : `, ${this.speaker}`;
    const what = this.text === undefined ? "" : `: "${this.text}"`;
    return `${this.name} (${this.seconds.toFixed(2)} s${who})${what}`;
  }

  /** @internal What a notebook shows. */
  [displaySymbol](): Record<string, string> {
    const wav = Buffer.from(encodeWav(this.waveform, sampleRate)).toString("base64");
    return { "audio/wav": wav, "text/plain": this.toString() };
  }
}
