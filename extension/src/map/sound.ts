// The half-second of sound around a frame.
import { decodeSound } from "../../../kernel/src/figures/map/adpcm";

const halfSecond = 0.5;

export class Sound {
  readonly #samples: Float32Array;
  #context: AudioContext | undefined;
  #playing: AudioBufferSourceNode | undefined;

  constructor(
    bytes: Uint8Array,
    private readonly rate: number,
    count: number,
  ) {
    this.#samples = decodeSound(bytes, count);
  }

  /** Plays it. @returns from when to when, in seconds */
  play(second: number): [number, number] {
    const length = this.#samples.length / this.rate;
    const from = Math.max(0, Math.min(length - halfSecond, second - halfSecond / 2));
    const to = Math.min(length, from + halfSecond);
    this.#context ??= new AudioContext();
    const part = this.#samples.slice(Math.floor(from * this.rate), Math.floor(to * this.rate));
    fade(part, Math.round(0.01 * this.rate));
    this.stop();
    if (part.length > 0) {
      const buffer = this.#context.createBuffer(1, part.length, this.rate);
      buffer.copyToChannel(part, 0);
      this.#playing = this.#context.createBufferSource();
      this.#playing.buffer = buffer;
      this.#playing.connect(this.#context.destination);
      this.#playing.start();
    }
    return [from, to];
  }

  stop(): void {
    this.#playing?.stop();
    this.#playing = undefined;
  }

  close(): void {
    this.stop();
    void this.#context?.close();
  }
}

// Without it, the sound would begin and end with a click.
function fade(samples: Float32Array, length: number): void {
  for (let i = 0; i < Math.min(length, samples.length); i++) {
    samples[i] *= i / length;
    samples[samples.length - 1 - i] *= i / length;
  }
}
