// One execute request: run the code, show its value, evaluate the user's expressions, and answer exactly once.
import { bundle } from "./display";
import type { Interpreter } from "./interpreter";
import { beginInterruptible, endInterruptible, interruptRequested } from "./interrupts";
import type { Bundle, ExecuteRequest, Header, Outcome, Success } from "./protocol";
import { beginRun, newRun, type Run } from "./run";
import { failure, Interrupted } from "./traceback";

/**
 * Calls `taken` when it can be interrupted, and `settle` with the outcome. An interrupted cell may never come back here, so
 * the answer does not wait for it.
 */
export function runCell(
  interpreter: Interpreter,
  request: ExecuteRequest & { parent: Header },
  settle: (outcome: Outcome) => void,
  taken: () => void,
): void {
  const run = newRun(request.parent, request);
  const interrupt = () => run.end?.(new Interrupted());
  const finish = (outcome: Outcome) => {
    if (!run.end) return;
    endInterruptible(interrupt);
    run.end = undefined;
    settle(outcome);
  };
  run.end = (thrown) => {
    run.abort.abort(thrown);
    finish(failure(thrown, request.label));
  };
  beginInterruptible(interrupt, taken);
  beginRun(run);
  outcome(interpreter, request, run).then(finish, (thrown) => {
    // What a library throws because it saw the interrupt coming is left to the listener above, whose turn comes next.
    if (!interruptRequested()) finish(failure(thrown, request.label));
  });
}

async function outcome(interpreter: Interpreter, request: ExecuteRequest, run: Run): Promise<Success> {
  const result = await evaluate(interpreter, request.code, request.label, run);
  const expressions: Success["user_expressions"] = {};
  for (const [name, code] of Object.entries(request.userExpressions)) {
    expressions[name] = await evaluate(interpreter, code, anonymous, run).then(
      (value) => ({ status: "ok", ...(value ?? { data: { "text/plain": "undefined" }, metadata: {} }) }),
      (thrown) => failure(thrown, anonymous),
    );
  }
  return { status: "ok", result, user_expressions: expressions };
}

/** What the cells that have no number are called. */
const anonymous = "In[*]";

async function evaluate(interpreter: Interpreter, code: string, label: string, run: Run): Promise<Bundle | undefined> {
  const { value } = await interpreter.evaluate(code, label, run);
  const awaited = await value;
  await Promise.all(run.shown.splice(0));
  return awaited === undefined ? undefined : bundle(awaited);
}
