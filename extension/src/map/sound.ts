// The half-second of sound around a frame.
import type { MapFacts } from "../../../kernel/src/figures/map/facts";

const halfSecond = 0.5;

export class Sound {
  readonly #audio = document.createElement("audio");
  readonly #seconds: number;
  #pause = 0;

  /** @param file FLAC, which browsers play themselves */
  constructor(file: Uint8Array, { rate, samples }: NonNullable<MapFacts["audio"]>) {
    this.#audio.src = URL.createObjectURL(new Blob([file as BlobPart], { type: "audio/flac" }));
    this.#seconds = samples / rate;
  }

  /** Plays it. @returns from when to when, in seconds @throws Error where the browser cannot play it */
  async play(second: number): Promise<[number, number]> {
    const from = Math.max(0, Math.min(this.#seconds - halfSecond, second - halfSecond / 2));
    const to = Math.min(this.#seconds, from + halfSecond);
    clearTimeout(this.#pause);
    this.#audio.currentTime = from;
    await this.#audio.play();
    this.#pause = window.setTimeout(() => this.#audio.pause(), (to - from) * 1000);
    return [from, to];
  }

  close(): void {
    clearTimeout(this.#pause);
    this.#audio.pause();
    URL.revokeObjectURL(this.#audio.src);
  }
}
