// What the kernel does with each kind of message. Busy, reply and idle around it are kernel.ts's.
import type { CommMessage, LanguageRequest } from "../executor/protocol";
import { deviceTarget } from "./deviceTarget";
import { execute } from "./execute";
import { kernelInfo } from "./info";
import type { Kernel } from "./kernel";
import type { Content, Message } from "./messages";

/** Gives the reply's content; nothing where the protocol has no reply. */
export type Handler = (kernel: Kernel, message: Message) => Content | undefined | Promise<Content | undefined>;

const introduce: Handler = () => kernelInfo;

const interrupt: Handler = (kernel) => {
  kernel.interrupt();
  return { status: "ok" };
};

const shutdown: Handler = (kernel, { content }) => {
  kernel.stopping = true;
  return { status: "ok", restart: content.restart === true };
};

const ask =
  (op: LanguageRequest["op"]): Handler =>
  (kernel, { header, content }) =>
    kernel.language.ask(op, content, header, kernel.running > 0);

const passOn: Handler = (kernel, { header, content, buffers }) => {
  const message = { op: "comm", type: header.msg_type, content, buffers } as CommMessage;
  kernel.comms.note(message.type, content);
  const { comm_id, target_name } = message.content;
  if (target_name === deviceTarget || kernel.device.has(comm_id)) kernel.device.receive(message.type, content, header);
  else kernel.executor.comm(message, header);
  return undefined;
};

const createSubshell: Handler = ({ subshells }) => ({ status: "ok", subshell_id: subshells.create() });

const deleteSubshell: Handler = ({ subshells }, { content: { subshell_id: id } }) => {
  if (subshells.delete(String(id))) return { status: "ok" };
  const evalue = `Cannot delete subshell ${id}: there is none of that id`;
  return { status: "error", ename: "SubshellError", evalue, traceback: [] };
};

const listSubshells: Handler = ({ subshells }) => ({ status: "ok", subshell_id: subshells.ids });

export const shellHandlers: Record<string, Handler> = {
  kernel_info_request: introduce,
  execute_request: execute,
  complete_request: ask("complete"),
  inspect_request: ask("inspect"),
  is_complete_request: ask("is_complete"),
  history_request: (kernel, { content }) => kernel.history.reply(content),
  comm_info_request: (kernel, { content }) => kernel.comms.reply(content.target_name),
  comm_open: passOn,
  comm_msg: passOn,
  comm_close: passOn,
  interrupt_request: interrupt,
  shutdown_request: shutdown,
};

export const controlHandlers: Record<string, Handler> = {
  kernel_info_request: introduce,
  create_subshell_request: createSubshell,
  delete_subshell_request: deleteSubshell,
  list_subshell_request: listSubshells,
  interrupt_request: interrupt,
  shutdown_request: shutdown,
};
