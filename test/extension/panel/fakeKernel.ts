// A kernel that reports its memory as a test tells it to, in place of that of the notebook in front.
import { Dictionary, Int32, makeData, makeVector, Table, tableToIPC, Utf8, vectorFromArray } from "apache-arrow";
import type { Page } from "playwright-core";

export interface Sample {
  readonly series: string;
  readonly timesMs: readonly number[] | Float64Array;
  readonly values: readonly number[] | Float64Array;
}

/** The samples as a kernel sends them: an Arrow IPC stream. */
export function sampleBytes(parts: readonly Sample[]): Uint8Array {
  const length = parts.reduce((sum, { values }) => sum + values.length, 0);
  const [times, values, names] = [new Float64Array(length), new Float64Array(length), new Int32Array(length)];
  let row = 0;
  parts.forEach((part, index) => {
    times.set(part.timesMs, row);
    values.set(part.values, row);
    names.fill(index, row, row + part.values.length);
    row += part.values.length;
  });
  const dictionary = vectorFromArray(
    parts.map(({ series }) => series),
    new Utf8(),
  );
  const type = new Dictionary(new Utf8(), new Int32());
  return tableToIPC(
    new Table({
      time_ms: makeVector(times),
      series: makeVector(makeData({ type, length, data: names, dictionary })),
      value: makeVector(values),
    }),
    "stream",
  );
}

interface Fake {
  status: string;
  connectionStatus: string;
  info: Promise<{ implementation: string }>;
  comm?: { onMsg(message: object): void; onClose(message: object): void };
  asked: unknown[];
  opened: number;
}

interface InPage {
  jupyterapp: {
    shell: {
      currentWidget: {
        sessionContext: { connectionStatusChanged: { emit(value: unknown): void } };
      };
    };
  };
  fake: Fake;
}

export class FakeKernel {
  private constructor(private readonly page: Page) {}

  /** Puts it in the place of the kernel of the notebook in front. @param implementation as it introduces itself */
  static async in(page: Page, implementation = "bestrq"): Promise<FakeKernel> {
    await page.evaluate((implementation) => {
      const { jupyterapp } = window as unknown as InPage;
      const { sessionContext } = jupyterapp.shell.currentWidget;
      // JupyterLab itself listens to some of them.
      const signal = { connect: () => true, disconnect: () => true };
      const fake = {
        ...{ statusChanged: signal, connectionStatusChanged: signal, iopubMessage: signal, anyMessage: signal },
        id: crypto.randomUUID(),
        isDisposed: false,
        status: "idle",
        connectionStatus: "connected",
        info: Promise.resolve({ implementation }),
        asked: [] as unknown[],
        opened: 0,
        createComm() {
          const sent = (data: unknown) => {
            fake.asked.push(data);
            return { done: Promise.resolve() };
          };
          fake.opened++;
          fake.comm = {
            isDisposed: false,
            open: sent,
            send: sent,
            close: () => sent("close"),
            onMsg() {},
            onClose() {},
          };
          return fake.comm;
        },
        comm: undefined as unknown,
      };
      (window as unknown as { fake: unknown }).fake = fake;
      Object.defineProperty(sessionContext, "session", { configurable: true, get: () => ({ kernel: fake }) });
      const name = implementation === "bestrq" ? "TypeScript (BEST-RQ)" : "Python 3";
      Object.defineProperty(sessionContext, "kernelDisplayName", { configurable: true, get: () => name });
      // The signal that little else in JupyterLab listens to.
      sessionContext.connectionStatusChanged.emit("connected");
    }, implementation);
    return new FakeKernel(page);
  }

  /** Once the panel has asked it. */
  async asked(): Promise<void> {
    await this.page.waitForFunction(() => (window as unknown as InPage).fake.comm !== undefined);
  }

  /** Sends a message. */
  send(data: object, samples?: readonly Sample[] | Uint8Array): Promise<void> {
    return this.sendAll([{ data, samples }]);
  }

  /** Sends messages, one directly after the other. */
  async sendAll(messages: readonly { data: object; samples?: readonly Sample[] | Uint8Array }[]): Promise<void> {
    const encoded = messages.map(({ data, samples }) => {
      const bytes = samples instanceof Uint8Array ? samples : samples && sampleBytes(samples);
      return { data, bytes: bytes && Buffer.from(bytes).toString("base64") };
    });
    await this.page.evaluate((messages) => {
      for (const { data, bytes } of messages) {
        const buffer = bytes && Uint8Array.from(atob(bytes), (byte) => byte.charCodeAt(0)).buffer;
        const buffers = buffer ? [new DataView(buffer)] : [];
        (window as unknown as InPage).fake.comm!.onMsg({ content: { data }, buffers });
      }
    }, encoded);
  }

  /** Changes its status. */
  async become(status: string, connectionStatus = "connected"): Promise<void> {
    await this.page.evaluate(
      ([status, connectionStatus]) => {
        const { fake, jupyterapp } = window as unknown as InPage;
        Object.assign(fake, { status, connectionStatus });
        jupyterapp.shell.currentWidget.sessionContext.connectionStatusChanged.emit(connectionStatus);
      },
      [status, connectionStatus] as const,
    );
  }

  /** What the front end has asked for, in order. */
  requests(): Promise<unknown[]> {
    return this.page.evaluate(() => (window as unknown as InPage).fake.asked);
  }
}
