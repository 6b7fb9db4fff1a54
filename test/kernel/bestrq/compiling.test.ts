import "bestrq/bestrq";
import { hostSymbol } from "bestrq/figures/display";
import { compiled } from "bestrq/tensor/jit/functions";
import { afterEach, expect, test, vi } from "vitest";

const place = globalThis as { [hostSymbol]?: unknown };
afterEach(() => {
  delete place[hostSymbol];
  vi.useRealTimers();
});

test("compiling that takes longer than two seconds is told in one line a pass, and short work is not", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const shown: [string, boolean?][] = [];
  place[hostSymbol] = {
    display: (data: Record<string, string>, _: object, { update }: { update: boolean }) =>
      shown.push([data["text/plain"], update]),
  };
  const compile = (seconds: number) => {
    vi.advanceTimersByTime(1000 * seconds);
    compiled.onCompile?.({ ops: 7, seconds });
  };
  vi.advanceTimersByTime(60_000);
  compile(1.5);
  expect(shown).toEqual([]);
  compile(1.5);
  compile(4);
  const line = (functions: number, time: string) =>
    `Compiled ${functions} functions for input of this length in ${time}; the next pass has them at hand`;
  expect(shown).toEqual([
    [line(2, "3.0 s"), false],
    [line(3, "7.0 s"), true],
  ]);
  vi.advanceTimersByTime(60_000);
  compile(1.9);
  expect(shown).toHaveLength(2);
});
