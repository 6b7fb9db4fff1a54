import { tableFromIPC } from "apache-arrow";
import { type Comm, display, type Host, hostSymbol, LiveTrace, liveTarget, memoryMimeType } from "bestrq/figures";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { memoryEvents } from "./samples";

type Opened = (comm: Comm, data: unknown, buffers: Uint8Array[]) => void;
const globals = globalThis as { [hostSymbol]?: Host };
let targets: Map<string, Opened>;
let shown: { data: Record<string, unknown>; update?: boolean }[];

beforeEach(() => {
  vi.useFakeTimers();
  targets = new Map();
  shown = [];
  globals[hostSymbol] = {
    display: (data, _, { update }) => void shown.push({ data, update }),
    registerTarget: (name, onOpen) => void targets.set(name, onOpen),
    openComm: () => {
      throw new Error("only a front end opens comms here");
    },
  };
});
afterEach(() => {
  vi.useRealTimers();
  delete globals[hostSymbol];
});

function watcher(id: string) {
  const messages: { done: boolean; rows: number }[] = [];
  const comm: Comm = {
    id: "comm",
    send: (data, buffers) =>
      void messages.push({ done: (data as { done: boolean }).done, rows: tableFromIPC(buffers![0]).numRows }),
    close: vi.fn(),
  };
  targets.get(liveTarget)!(comm, { id }, []);
  return { comm, messages };
}

const events = memoryEvents(2);

test("LiveTrace sends all rows so far to a new watcher, then only the new ones, together", () => {
  const trace = new LiveTrace({ title: "a step" });
  trace.append(events.slice(0, 5));
  const { messages } = watcher(trace.id);
  trace.append(events.slice(5, 7));
  trace.append(events.slice(7, 12));
  expect(messages).toEqual([{ done: false, rows: 5 }]);
  vi.advanceTimersByTime(100);
  const late = watcher(trace.id);
  vi.advanceTimersByTime(1000);
  trace.finish();
  expect(messages).toEqual([
    { done: false, rows: 5 },
    { done: false, rows: 7 },
    { done: true, rows: 0 },
  ]);
  expect(late.messages).toEqual([
    { done: false, rows: 12 },
    { done: true, rows: 0 },
  ]);
  expect(late.comm.close).toHaveBeenCalled();
});

test("LiveTrace sends at most ten messages a second, also when no timer gets its turn", () => {
  const trace = new LiveTrace({ title: "a busy cell" });
  const { messages } = watcher(trace.id);
  const start = performance.now();
  for (const event of events) {
    trace.append([event]);
    vi.advanceTimersByTime(10);
  }
  const seconds = (performance.now() - start) / 1000;
  expect(messages.length).toBeGreaterThan(3);
  expect(messages.length).toBeLessThanOrEqual(10 * seconds + 2);
});

test("LiveTrace.finish() leaves the complete figure where it was displayed", () => {
  const trace = new LiveTrace({ title: "a step" });
  display(trace);
  trace.append(events);
  trace.finish();
  const [first, last] = shown;
  const read = (data: Record<string, unknown>) => tableFromIPC(Buffer.from(String(data[memoryMimeType]), "base64"));
  expect(JSON.parse(read(first.data).schema.metadata.get("live")!)).toBe(trace.id);
  expect(read(first.data).numRows).toBe(0);
  expect(last.update).toBe(true);
  expect(read(last.data).schema.metadata.has("live")).toBe(false);
  expect(read(last.data).numRows).toBe(events.length);
  expect(() => trace.append(events)).toThrow("the trace is finished");
});

test("LiveTrace closes the comm of a trace that is not running, and forgets a watcher that left", () => {
  const trace = new LiveTrace({ title: "a step" });
  const { comm, messages } = watcher(trace.id);
  comm.onClose?.();
  trace.append(events);
  trace.finish();
  expect(messages).toHaveLength(1);
  expect(watcher(trace.id).comm.close).toHaveBeenCalled();
  expect(watcher("unknown").comm.close).toHaveBeenCalled();
});
