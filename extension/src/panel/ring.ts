// The last samples of one series, in typed arrays that never grow beyond their capacity.

const first = 1024;

export class Ring {
  /** @param capacity how many samples are kept; older ones give way */
  constructor(readonly capacity: number) {
    this.#times = new Float64Array(Math.min(first, capacity));
    this.#values = new Float64Array(Math.min(first, capacity));
  }

  /** How many samples there are. */
  get length(): number {
    return this.#length;
  }

  /** What it takes in memory. */
  get byteLength(): number {
    return this.#times.byteLength + this.#values.byteLength;
  }

  /** When sample `index` was taken, the oldest being 0. */
  time(index: number): number {
    return this.#times[(this.#start + index) % this.#times.length];
  }

  value(index: number): number {
    return this.#values[(this.#start + index) % this.#values.length];
  }

  /** Appends a sample. One that is not later than the last is left out: it was sent before. */
  push(time: number, value: number): boolean {
    if (this.#length > 0 && !(time > this.time(this.#length - 1))) return false;
    if (this.#length === this.#times.length && this.#length < this.capacity) this.#grow();
    const size = this.#times.length;
    const place = (this.#start + this.#length) % size;
    this.#times[place] = time;
    this.#values[place] = value;
    if (this.#length < size) this.#length++;
    else this.#start = (this.#start + 1) % size;
    return true;
  }

  /** Forgets what was taken before `time`. */
  dropBefore(time: number): void {
    const dropped = this.firstFrom(time);
    this.#start = (this.#start + dropped) % this.#times.length;
    this.#length -= dropped;
  }

  /** The first sample taken at `time` or later; {@link length} if there is none. */
  firstFrom(time: number): number {
    let [low, high] = [0, this.#length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.time(middle) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  // Only called when full, so the samples are put in order.
  #grow(): void {
    const size = Math.min(this.capacity, 2 * this.#times.length);
    const [times, values] = [new Float64Array(size), new Float64Array(size)];
    for (let index = 0; index < this.#length; index++) {
      times[index] = this.time(index);
      values[index] = this.value(index);
    }
    [this.#times, this.#values, this.#start] = [times, values, 0];
  }

  #times: Float64Array;
  #values: Float64Array;
  #start = 0;
  #length = 0;
}
