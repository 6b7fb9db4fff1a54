// The half-second of sound around a frame.
import type { MapFacts } from "../../../kernel/src/figures/map/facts";
import { adpcmToWav } from "./adpcm";

const halfSecond = 0.5;

export class Sound {
  readonly #audio = document.createElement("audio");
  readonly #seconds: number;
  #pause = 0;

  constructor(bytes: Uint8Array, { rate, samples, coding }: NonNullable<MapFacts["audio"]>) {
    const file = coding === "flac" ? (bytes as BlobPart) : adpcmToWav(bytes, rate, samples);
    this.#audio.src = URL.createObjectURL(new Blob([file], { type: coding === "flac" ? "audio/flac" : "audio/wav" }));
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
