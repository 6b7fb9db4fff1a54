import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { KernelReport } from "../../../extension/src/panel/report";
import { sentence } from "../../../extension/src/panel/sentence";
import { SessionInUse } from "../../../extension/src/panel/sessionInUse";
import { fakeKernel, fakeLab, fakeNotebook, settled } from "./fakeComm";
import { sampleBytes } from "./fakeKernel";

const described = { series: [{ name: "rss", label: "RSS", group: "process" }], notes: [] };
const wanted = { intervalMs: 100, historyMs: 3_600_000 };
const samples = (...timesMs: number[]) => sampleBytes([{ series: "rss", timesMs, values: timesMs }]);

function begin(kernel?: object) {
  const lab = fakeLab(kernel);
  const report = new KernelReport(new SessionInUse(lab.shell as never, [lab.tracker as never]), wanted);
  return { ...lab, report };
}

test("KernelReport asks the kernel in use and records what it tells", async () => {
  const { kernel, comms } = fakeKernel();
  const { report } = begin(kernel);
  expect(report.standing).toBe("asking");
  await settled();
  expect(comms[0].target).toBe("bestrq.device");
  expect(comms[0].open).toHaveBeenCalledWith({ interval_ms: 100 });
  comms[0].tell(described);
  comms[0].tell({}, samples(1, 2, 3));
  comms[0].tell({ cell: { msg_id: "m", execution_count: 7, start_ms: 2 } });
  await settled();
  expect([report.standing, report.record.newest, report.record.cellAt(5)?.count]).toEqual(["live", 3, 7]);
  expect(sentence(report)).toBeUndefined();
  report.want({ ...wanted, intervalMs: 1000 });
  expect(comms[0].send).toHaveBeenCalledWith({ interval_ms: 1000 });
  report.dispose();
  expect(comms[0].close).toHaveBeenCalled();
});

test("KernelReport follows the notebook in use to another kernel, and stays while something else is in front", async () => {
  const [first, second] = [fakeKernel(), fakeKernel()];
  const { report, shell } = begin(first.kernel);
  await settled();
  first.comms[0].tell(described);
  first.comms[0].tell({}, samples(1));
  await settled();
  shell.currentWidget = {};
  shell.currentChanged.emit();
  expect(report.record.newest).toBe(1);
  shell.currentWidget = fakeNotebook(second.kernel, "b.ipynb");
  shell.currentChanged.emit();
  await settled();
  expect([report.names.title, report.record.newest]).toEqual(["b.ipynb", undefined]);
  expect(first.comms[0].close).toHaveBeenCalled();
  expect(second.comms.length).toBe(1);
});

test("KernelReport asks again after a restart and keeps what came before", async () => {
  const { kernel, comms } = fakeKernel();
  const { report, widget } = begin(kernel);
  const become = async (status: string) => {
    kernel.status = status;
    widget.sessionContext.statusChanged.emit();
    await settled();
  };
  await settled();
  comms[0].tell(described);
  comms[0].tell({}, samples(1, 2));
  await become("busy");
  expect([report.standing, comms.length]).toEqual(["live", 1]);
  await become("restarting");
  expect([report.standing, sentence(report)?.text]).toEqual(["restarting", expect.stringContaining("is restarting")]);
  await become("idle");
  comms[1].tell(described);
  comms[1].tell({}, samples(2, 5));
  await settled();
  expect([report.standing, report.record.series.get("rss")!.ring.length]).toEqual(["live", 3]);
  await become("dead");
  expect(sentence(report)).toMatchObject({ text: expect.stringContaining("has died"), ways: ["restart"] });
  expect(report.record.newest).toBe(5);
});

test("KernelReport says so where the connection is interrupted, and goes on when it is back", async () => {
  const { kernel, comms } = fakeKernel();
  const { report, widget } = begin(kernel);
  await settled();
  comms[0].tell(described);
  comms[0].tell({}, samples(1));
  await settled();
  kernel.connectionStatus = "connecting";
  widget.sessionContext.connectionStatusChanged.emit();
  expect(report.standing).toBe("disconnected");
  kernel.connectionStatus = "connected";
  widget.sessionContext.connectionStatusChanged.emit();
  expect([report.standing, comms.length]).toEqual(["live", 1]);
});

test("KernelReport leaves other kernels alone, and says what to do", async () => {
  const { kernel, comms } = fakeKernel("ipython");
  const { report, widget } = begin(kernel);
  await settled();
  widget.sessionContext.statusChanged.emit();
  await settled();
  expect([report.standing, comms.length]).toEqual(["foreign", 0]);
  expect(sentence(report)).toMatchObject({ text: expect.stringContaining("choose the kernel"), ways: ["change"] });
  expect(sentence(begin().report)).toMatchObject({ text: expect.stringContaining("has no kernel"), ways: ["change"] });
});

test("KernelReport ends where what it is told cannot be read, and where a kernel knows no such report", async () => {
  const [broken, old] = [fakeKernel(), fakeKernel()];
  const reports = [begin(broken.kernel), begin(old.kernel)];
  await settled();
  broken.comms[0].tell(described);
  broken.comms[0].tell({}, Buffer.from("<img src=x onerror=alert(1)>"));
  old.comms[0].onClose();
  await settled();
  expect(reports.map(({ report }) => report.standing)).toEqual(["broken", "silent"]);
  expect(sentence(reports[0].report)?.text).toContain("its samples are not an Arrow IPC stream");
  expect(broken.comms[0].close).toHaveBeenCalled();
  for (const { widget } of reports) widget.sessionContext.statusChanged.emit();
  await settled();
  expect([broken.comms.length, old.comms.length]).toEqual([1, 1]);
});

test("SessionInUse lets go of a notebook that is closed", async () => {
  const { kernel } = fakeKernel();
  const { report, shell, tracker, widget } = begin(kernel);
  await settled();
  Object.assign(widget, { isDisposed: true });
  Object.assign(widget.sessionContext, { isDisposed: true, session: null });
  Object.assign(shell, { currentWidget: null });
  Object.assign(tracker, { currentWidget: null });
  widget.disposed.emit();
  expect([report.standing, report.names.title]).toEqual(["none", ""]);
  expect(sentence(report)?.ways).toEqual(["new"]);
});

beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
afterEach(() => void vi.useRealTimers());

test("watchDevice() says every minute that it is still there", async () => {
  const { kernel, comms } = fakeKernel();
  const { report } = begin(kernel);
  await settled();
  vi.advanceTimersByTime(180_000);
  expect(comms[0].send).toHaveBeenCalledTimes(3);
  report.dispose();
  vi.advanceTimersByTime(180_000);
  expect(comms[0].send).toHaveBeenCalledTimes(3);
});
