// What the kernel does with each kind of message. Busy, reply and idle around it are kernel.ts's.
import type { CommMessage, LanguageRequest } from "../executor/protocol";
import { execute } from "./execute";
import { kernelInfo } from "./info";
import type { Kernel } from "./kernel";
import type { Content, Message } from "./messages";

/** Gives the reply's content; nothing where the protocol has no reply. */
export type Handler = (kernel: Kernel, message: Message) => Content | undefined | Promise<Content | undefined>;

const introduce: Handler = () => kernelInfo;

const interrupt: Handler = (kernel) => {
  kernel.executor.interrupt();
  return { status: "ok" };
};

const shutdown: Handler = (kernel, { content }) => {
  kernel.stopping = true;
  return { status: "ok", restart: content.restart === true };
};

const ask =
  (op: LanguageRequest["op"]): Handler =>
  async (kernel, { header, content }) =>
    (await kernel.executor.call({ op, content }, header)) as Content;

const passOn: Handler = (kernel, { header, content, buffers }) => {
  const message = { op: "comm", type: header.msg_type, content, buffers } as CommMessage;
  kernel.comms.note(message.type, content);
  kernel.executor.comm(message, header);
  return undefined;
};

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
  interrupt_request: interrupt,
  shutdown_request: shutdown,
};
