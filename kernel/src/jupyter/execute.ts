// execute_request: one cell.
import type { Outcome } from "../executor/protocol";
import { isDeath, notRun } from "./death";
import type { Kernel } from "./kernel";
import type { Content, Message } from "./messages";

/** Runs a cell and says what came of it. */
export async function execute(kernel: Kernel, message: Message): Promise<Content> {
  const { header, content } = message;
  const code = String(content.code ?? "");
  const silent = content.silent === true;
  const store = !silent && content.store_history !== false;
  if (store) kernel.executionCount++;
  const execution_count = kernel.executionCount;
  const line = store ? kernel.history.add(execution_count, code) : undefined;
  if (!silent) kernel.publish("execute_input", { code, execution_count }, header);

  const allowStdin = content.allow_stdin === true;
  if (allowStdin) kernel.input.know(message);
  kernel.running++;
  kernel.device.begin(header.msg_id, execution_count);
  const outcome = (await kernel.executor.call(
    {
      op: "execute",
      code,
      label: store ? `In[${execution_count}]` : "In[*]",
      silent,
      allowStdin,
      userExpressions: (content.user_expressions ?? {}) as Record<string, string>,
    },
    header,
  )) as Outcome;
  kernel.device.end(header.msg_id);
  kernel.running--;
  kernel.input.forget(message);
  kernel.streams.flush();

  if (outcome.status === "error") {
    const { ename, evalue, traceback } = outcome;
    if (!silent) kernel.publish("error", { ename, evalue, traceback }, header);
    if (!silent && content.stop_on_error !== false) kernel.subshells.queue(header)?.abort(isDeath(outcome));
    return { status: "error", execution_count, ename, evalue, traceback };
  }
  if (outcome.result && !silent) {
    kernel.publish("execute_result", { execution_count, ...outcome.result }, header);
    if (line) kernel.history.finish(line, String(outcome.result.data["text/plain"] ?? ""));
  }
  return { status: "ok", execution_count, payload: [], user_expressions: outcome.user_expressions };
}

/** The answer to a cell that waited while another one failed. */
export function aborted(kernel: Kernel): Content {
  return { status: "aborted", execution_count: kernel.executionCount };
}

/** The same, where nobody would know why. */
export function abortedByDeath(kernel: Kernel, { header, content }: Message): Content {
  const { ename, evalue, traceback } = notRun();
  if (content.silent !== true) kernel.publish("error", { ename, evalue, traceback }, header);
  return { ...aborted(kernel), ename, evalue, traceback };
}
