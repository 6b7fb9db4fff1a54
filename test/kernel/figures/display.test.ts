import { display, displaySymbol, type Host, hostSymbol } from "bestrq/figures";
import { afterEach, expect, test, vi } from "vitest";

const globals = globalThis as { [hostSymbol]?: Host };
afterEach(() => {
  delete globals[hostSymbol];
});

function fakeHost() {
  const sent: unknown[] = [];
  globals[hostSymbol] = {
    display: (data, _, options) => void sent.push([data["text/plain"], options.update === true, options.displayId]),
    registerTarget: () => {},
    openComm: () => {
      throw new Error("not used here");
    },
  };
  return sent;
}

test("display() sends a value at once and replaces it in the same place", () => {
  const sent = fakeHost();
  display("first", { id: "place" }).update("second").update(3);
  expect(sent).toEqual([
    ["first", false, "place"],
    ["second", true, "place"],
    ["3", true, "place"],
  ]);
});

test("display() keeps the order when a value needs time to show itself", async () => {
  const sent = fakeHost();
  const slow = { [displaySymbol]: async () => ({ "text/plain": "slow" }) };
  const handle = display(slow, { id: "place" }).update("fast");
  await handle.shown;
  expect(sent.map((call) => (call as unknown[])[0])).toEqual(["slow", "fast"]);
});

test("display() tells a value its handle", () => {
  fakeHost();
  const told = vi.fn(() => ({ "text/plain": "" }));
  const handle = display({ [displaySymbol]: told });
  expect(told).toHaveBeenCalledWith(handle);
});

test("display() prints the text where there is no notebook", () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  display({ [displaySymbol]: () => ({ "text/plain": "a figure" }) });
  expect(log).toHaveBeenCalledWith("a figure");
  log.mockRestore();
});
