// One execute request: run the code, show its value, evaluate the user's expressions, and answer exactly once.
import { bundle } from "./display";
import type { Interpreter } from "./interpreter";
import { beginInterruptible, endInterruptible, interruptRequested } from "./interrupts";
import type { Bundle, ExecuteRequest, Header, Outcome, Success } from "./protocol";
import { beginRun, newRun } from "./run";
import { failure, Interrupted } from "./traceback";

/** Calls `settle` with the outcome. An interrupted cell may never come back here, so the answer does not wait for it. */
export function runCell(
  interpreter: Interpreter,
  request: ExecuteRequest & { parent: Header },
  settle: (outcome: Outcome) => void,
): void {
  const run = newRun(request.parent, request.silent);
  let settled = false;
  const finish = (outcome: Outcome) => {
    if (settled) return;
    settled = true;
    endInterruptible();
    settle(outcome);
  };
  beginInterruptible(() => {
    run.abort.abort(new Interrupted());
    interpreter.abandon();
    finish(failure(new Interrupted(), request.label));
  });
  beginRun(run);
  outcome(interpreter, request).then(finish, (thrown) => {
    // What a library throws because it saw the interrupt coming is left to the listener above, whose turn comes next.
    if (!interruptRequested()) finish(failure(thrown, request.label));
  });
}

async function outcome(interpreter: Interpreter, request: ExecuteRequest): Promise<Success> {
  const result = await evaluate(interpreter, request.code, request.label);
  const expressions: Success["user_expressions"] = {};
  for (const [name, code] of Object.entries(request.userExpressions)) {
    expressions[name] = await evaluate(interpreter, code, anonymous).then(
      (value) => ({ status: "ok", ...(value ?? { data: { "text/plain": "undefined" }, metadata: {} }) }),
      (thrown) => failure(thrown, anonymous),
    );
  }
  return { status: "ok", result, user_expressions: expressions };
}

/** What the cells that have no number are called. */
const anonymous = "In[*]";

async function evaluate(interpreter: Interpreter, code: string, label: string): Promise<Bundle | undefined> {
  const { value } = await interpreter.evaluate(code, label);
  const awaited = await value;
  return awaited === undefined ? undefined : bundle(awaited);
}
