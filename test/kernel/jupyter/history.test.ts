import { History } from "bestrq/jupyter/history";
import { describe, expect, test } from "vitest";

function filled(): History {
  const history = new History();
  ["const a = 3", "a + 1", "a.b()", "a + 1", "print?"].forEach((input, index) => {
    history.add(index + 1, input).output = index === 1 ? "4" : null;
  });
  return history;
}
const lines = (content: Record<string, unknown>) =>
  filled()
    .reply(content)
    .history.map(([, line]) => line);

describe("History.reply()", () => {
  test("gives the last ones", () => {
    expect(lines({ hist_access_type: "tail", n: 2 })).toEqual([4, 5]);
    expect(lines({ hist_access_type: "tail", n: 99 })).toEqual([1, 2, 3, 4, 5]);
  });

  test("gives a range, its end excluded, of this session only", () => {
    expect(lines({ hist_access_type: "range", session: 0, start: 2, stop: 4 })).toEqual([2, 3]);
    expect(lines({ hist_access_type: "range", session: 1, start: 5 })).toEqual([5]);
    expect(lines({ hist_access_type: "range", session: -1, start: 1, stop: 4 })).toEqual([]);
  });

  test("searches by pattern, the last n, each once if asked", () => {
    expect(lines({ hist_access_type: "search", pattern: "a + *" })).toEqual([2, 4]);
    expect(lines({ hist_access_type: "search", pattern: "a + 1", unique: true })).toEqual([4]);
    expect(lines({ hist_access_type: "search", pattern: "*a*", n: 2 })).toEqual([3, 4]);
    expect(lines({ hist_access_type: "search", pattern: "a?b()" })).toEqual([3]);
  });

  test("adds the outputs if asked", () => {
    const { history } = filled().reply({ hist_access_type: "range", start: 2, stop: 4, output: true });
    expect(history).toEqual([
      [1, 2, ["a + 1", "4"]],
      [1, 3, ["a.b()", null]],
    ]);
  });

  test("gives nothing for an unknown kind of access", () => {
    expect(lines({ hist_access_type: "other" })).toEqual([]);
  });
});
