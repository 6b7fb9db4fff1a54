import { type Host, hostSymbol, lateProgress, type MimeBundle } from "bestrq/figures";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const globals = globalThis as { [hostSymbol]?: Host };
let shown: { text: unknown; update?: boolean }[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
  shown = [];
  const display = (data: MimeBundle, _: unknown, { update }: { update?: boolean }) =>
    void shown.push({ text: data["text/plain"], update });
  globals[hostSymbol] = { display } as Host;
});
afterEach(() => {
  delete globals[hostSymbol];
  vi.useRealTimers();
});

test("lateProgress() shows nothing of what is done within two seconds", () => {
  const tell = lateProgress("Loading", 3);
  for (const done of [1, 2, 3]) {
    vi.advanceTimersByTime(500);
    tell(done);
  }
  expect(shown).toEqual([]);
});

test("lateProgress() shows a bar after two seconds, moves it a few times a second, and fills it at the end", () => {
  const tell = lateProgress("Loading", 1000);
  for (let done = 1; done <= 999; done++) {
    vi.advanceTimersByTime(10);
    tell(done, "speech");
  }
  tell(1000);
  expect(shown[0]).toEqual({ text: expect.stringContaining("200 of 1000 · 2"), update: false });
  expect(shown.length).toBeGreaterThan(20);
  expect(shown.length).toBeLessThan(40);
  expect(shown.at(-1)).toEqual({ text: expect.stringContaining("1000 of 1000"), update: true });
});

test("lateProgress() shows nothing outside of a notebook", () => {
  delete globals[hostSymbol];
  const tell = lateProgress("Loading", 2);
  vi.advanceTimersByTime(9000);
  tell(1);
  expect(shown).toEqual([]);
});
