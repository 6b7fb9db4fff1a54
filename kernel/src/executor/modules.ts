// A module that is terminated while it loads would stay in Node's cache as far as it had come, for good.
import Module = require("node:module");

import { uninterrupted } from "./shared";

/** From now on an interrupt waits until the modules have loaded that are about to. */
export function protectLoading(): void {
  const internal = Module as unknown as { _load(...request: unknown[]): unknown };
  const { _load: load } = internal;
  internal._load = function (...request) {
    return uninterrupted(() => load.apply(this, request));
  };
}
