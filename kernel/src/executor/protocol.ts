// What the front process and the executor say to each other. Types only: the front never loads the executor's code.
import type { Description, Values } from "../device";

/** The header of the message that a front end sent; the executor hands it back untouched with every output it caused. */
export type Header = Record<string, unknown>;

/** Data by MIME type, as Jupyter shows it. */
export type MimeBundle = Record<string, unknown>;

export interface Bundle {
  data: MimeBundle;
  metadata: Record<string, unknown>;
}

export interface Failure {
  status: "error";
  ename: string;
  evalue: string;
  traceback: string[];
}

export interface Success {
  status: "ok";
  /** The value of the cell's last expression, absent where it is `undefined`. */
  result?: Bundle;
  user_expressions: Record<string, ({ status: "ok" } & Bundle) | Failure>;
}

export type Outcome = Success | Failure;

export interface ExecuteRequest {
  op: "execute";
  code: string;
  /** What stack traces call the cell, such as `In[3]`. */
  label: string;
  /** No output leaves the executor. */
  silent: boolean;
  /** Whether the front end can be asked for input. */
  allowStdin: boolean;
  userExpressions: Record<string, string>;
}

/** The contents of Jupyter's own requests, passed on as they came. */
export interface LanguageRequest {
  op: "complete" | "inspect" | "is_complete";
  content: Record<string, unknown>;
}

export type Request = ExecuteRequest | LanguageRequest;

export interface CommMessage {
  op: "comm";
  type: "comm_open" | "comm_msg" | "comm_close";
  content: { comm_id: string; target_name?: string; data: unknown };
  buffers: Uint8Array[];
}

/** Something for the main thread to do. */
export type Message = (Request & { id: number; parent: Header }) | (CommMessage & { parent: Header });

/** Front to executor, where the watchdog reads it: frames of `v8.serialize`d messages. */
export type ToExecutor = Message | { op: "interrupt" } | SampleRequest;

/** Sample memory every so often (milliseconds), 0: not at all. */
export interface SampleRequest {
  op: "sample";
  intervalMs: number;
}

/** Watchdog to front, the other way on the same connection, in the same frames: what can be sampled, and samples. */
export type FromSampler =
  | { kind: "description"; description: Description }
  | { kind: "values"; timeMs: number; values: Values };

/** Watchdog to main thread: what came, by number, as it may be told again; that cells shall stop; that the front is gone. */
export type FromWatchdog =
  | { kind: "message"; number: number; message: Message }
  | { kind: "interrupt" }
  | { kind: "leave" };

/** Something to publish on iopub. */
export interface Publication {
  kind: "publish";
  type: string;
  content: Record<string, unknown>;
  metadata: Record<string, unknown>;
  buffers: Uint8Array[];
  parent: Header;
}

/** The text that follows was written to this stream, in the name of this message. */
export interface StreamName {
  kind: "stream";
  name: "stdout" | "stderr";
  parent: Header;
}

/** A cell asks whoever runs it for a line of text, and waits. */
export interface Question {
  kind: "question";
  id: number;
  prompt: string;
  password: boolean;
  parent: Header;
}

/** What came of a question, as JSON on a line: without a value nothing did. */
export interface Answer {
  id: number;
  value?: string;
}

/**
 * Executor to front, by the channel. Each is its length in four bytes, then the bytes of `v8.serialize`; or UTF-8, which
 * never begins with 0xff as those do: text for the stream that was named last.
 */
export type FromExecutor =
  | { kind: "ready" }
  | { kind: "reply"; id: number; content: object }
  | Publication
  | StreamName
  | Question;

/** The executor's file descriptors beside stdin, stdout and stderr. */
export const descriptors = {
  /** The watchdog reads it, and writes samples to it; its end says that the front process is gone. */
  control: 3,
  /** The channel. */
  channel: 4,
  /** The main thread reads answers from it, when it has asked. */
  input: 5,
} as const;
