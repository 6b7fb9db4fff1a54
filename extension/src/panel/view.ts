// The memory view: what the kernel in use reports, as plots over time, with its series, its controls and a word on how things stand.
import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { ISessionContextDialogs, IThemeManager } from "@jupyterlab/apputils";
import type { IStateDB } from "@jupyterlab/statedb";
import type { Message } from "@lumino/messaging";
import { Widget } from "@lumino/widgets";
import { bytes, duration } from "../../../kernel/src/figures/units";
import { CommandIds } from "../commandIds";
import type { Drawing } from "../figure";
import { onSettings, settings } from "../settings";
import { currentTheme } from "../theme";
import { trans } from "../translation";
import { Controls } from "./controls";
import { describeMoment, deviceDrawing, drawnGroups, plotHeight } from "./drawing";
import { button, element, setText } from "./elements";
import { Legend } from "./legend";
import { looks } from "./look";
import { Plot } from "./plot";
import { KernelReport } from "./report";
import { save } from "./saving";
import { sentence, type WayOut } from "./sentence";
import { SessionInUse } from "./sessionInUse";
import { highest } from "./thin";
import { type Extent, type Range, TimeWindow } from "./timeWindow";

/** What the view needs of JupyterLab. */
export interface Lab {
  readonly shell: ConstructorParameters<typeof SessionInUse>[0];
  readonly trackers: ConstructorParameters<typeof SessionInUse>[1];
  readonly commands: JupyterFrontEnd["commands"];
  readonly themes: IThemeManager | null;
  readonly dialogs: ISessionContextDialogs | null;
  readonly state: IStateDB | null;
}

const stateKey = "bestrq:memory-panel";
const hiddenIntervalMs = 1000;

/** The view, as it was left. */
export async function memoryView(lab: Lab): Promise<Widget> {
  const left = (await lab.state?.fetch(stateKey).catch(() => undefined)) as { hidden?: string[]; spanMs?: number };
  return new MemoryView(lab, left ?? {});
}

class MemoryView extends Widget {
  constructor(
    private readonly lab: Lab,
    { hidden = [], spanMs }: { hidden?: string[]; spanMs?: number },
  ) {
    super();
    this.addClass("bestrq-memoryView");
    this.#hidden = new Set(hidden);
    this.#window = new TimeWindow(typeof spanMs === "number" && spanMs > 0 ? spanMs : 5 * 60_000);
    this.#report = new KernelReport(new SessionInUse(lab.shell, lab.trackers), this.#wanted);
    this.#report.onChange = () => this.#changed();
    this.#stopSettings = onSettings(() => this.#report.want(this.#wanted));
    lab.themes?.themeChanged.connect(this.#themeChanged);
    this.node.append(this.#heading, this.#message, this.#controls.node, this.#plot.node, this.#legend.node);
    this.#changed();
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.lab.themes?.themeChanged.disconnect(this.#themeChanged);
    this.#stopSettings();
    this.#report.dispose();
    this.#plot.dispose();
    super.dispose();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.#report.want(this.#wanted);
    this.#changed();
  }

  // It goes on recording, but more slowly.
  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.#report.want(this.#wanted);
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    const [way] = this.#message.getElementsByTagName("button");
    (way ?? this.#plot.node).focus();
  }

  get #wanted() {
    const { samplingInterval, history } = settings();
    const seen = this.isAttached ? this.isVisible : true;
    return {
      intervalMs: seen ? samplingInterval : Math.max(samplingInterval, hiddenIntervalMs),
      historyMs: history * 60_000,
    };
  }

  get #extent(): Extent | undefined {
    const { oldest, newest } = this.#report.record;
    return oldest === undefined || newest === undefined ? undefined : { oldest, newest };
  }

  #changed(): void {
    const told = sentence(this.#report);
    const { title, kernel } = this.#report.names;
    setText(this.#heading, [title, kernel].filter(Boolean).join(" · ") || trans.__("Memory"));
    this.node.dataset.standing = this.#report.standing;
    if ((told?.text ?? "") !== this.#told) {
      this.#told = told?.text ?? "";
      this.#message.replaceChildren(this.#told, ...(told?.ways ?? []).map((way) => this.#wayOut(way)));
    }
    const some = this.#extent !== undefined;
    this.#controls.update(this.#window, some);
    for (const { node } of [this.#controls, this.#plot, this.#legend]) node.hidden = !some;
    if (this.#window.follows) this.#plot.changed();
  }

  #wayOut(way: WayOut): HTMLButtonElement {
    const { context } = this.#report;
    const translated = {
      new: trans.__("New experiment"),
      change: trans.__("Choose kernel…"),
      restart: trans.__("Restart kernel…"),
    };
    return button(translated[way], translated[way], () => {
      if (way === "new") void this.lab.commands.execute(CommandIds.newExperiment);
      else if (context && way === "change") void this.lab.dialogs?.selectKernel(context);
      else if (context) void this.lab.dialogs?.restart(context);
    });
  }

  #draw(width: number, height: number): Drawing | undefined {
    const extent = this.#extent;
    if (!extent || width < 50) return undefined;
    const { record } = this.#report;
    const range = this.#window.range(extent);
    const theme = currentTheme();
    const dark = this.lab.themes?.theme ? !this.lab.themes.isLight(this.lab.themes.theme) : false;
    const seen = looks(record.series.values(), dark);
    this.#legend.update(record, seen, this.#hidden, range);
    const plots = drawnGroups(record, this.#hidden).length;
    const room = Math.max(height, plots * plotHeight + 56);
    const picture = { range, width: width - (room > height ? 12 : 0), height: room, hidden: this.#hidden, looks: seen };
    this.#plot.node.setAttribute("aria-label", this.#spoken(range));
    return plots === 0 ? undefined : deviceDrawing(record, { ...picture, gapMs: this.#gapMs }, theme);
  }

  get #gapMs(): number {
    return Math.max(15_000, 5 * settings().samplingInterval);
  }

  #spoken(range: Range): string {
    const values = drawnGroups(this.#report.record, this.#hidden).flatMap(([, members]) =>
      members.map(({ label, ring }) => trans.__("%1: at most %2", label, bytes(highest(ring, range) ?? 0))),
    );
    return trans.__("Memory over %1. %2", duration((range[1] - range[0]) / 1000), values.join("; "));
  }

  #move(change: (extent: Extent) => void): void {
    const extent = this.#extent;
    if (!extent) return;
    change(extent);
    this.#controls.update(this.#window, true);
    this.#keep();
    this.#plot.now();
  }

  #key(key: string): boolean {
    const moves: Record<string, (extent: Extent) => void> = {
      ArrowLeft: (extent) => this.#window.pan(-0.25, extent),
      ArrowRight: (extent) => this.#window.pan(0.25, extent),
      "+": (extent) => this.#window.zoom(0.5, extent),
      "-": (extent) => this.#window.zoom(2, extent),
      End: () => this.#window.resume(),
      " ": (extent) => this.#pauseOrResume(extent),
    };
    if (!Object.hasOwn(moves, key)) return false;
    this.#move(moves[key]);
    return true;
  }

  #pauseOrResume(extent: Extent): void {
    if (this.#window.follows) this.#window.pause(extent);
    else this.#window.resume();
  }

  #keep(): void {
    void this.lab.state?.save(stateKey, { hidden: [...this.#hidden], spanMs: this.#window.spanMs });
  }

  readonly #themeChanged = () => this.#plot.now();
  readonly #heading = element("h2", { className: "bestrq-panel-heading" });
  readonly #message = element("div", { className: "bestrq-panel-message", attributes: { role: "status" } });
  readonly #controls = new Controls({
    pauseOrResume: () => this.#move((extent) => this.#pauseOrResume(extent)),
    zoom: (factor) => this.#move((extent) => this.#window.zoom(factor, extent)),
    follow: (spanMs) =>
      this.#move(() => {
        this.#window.resume();
        this.#window.spanMs = spanMs;
      }),
    save: (kind) => {
      const extent = this.#extent;
      if (!extent) return;
      const range = this.#window.range(extent);
      void save(kind, this.#report, { range, hidden: this.#hidden, gapMs: this.#gapMs });
    },
  });
  readonly #plot: Plot = new Plot({
    seen: () => this.isVisible && !document.hidden,
    draw: (width, height) => this.#draw(width, height),
    describe: (time) => describeMoment(this.#report.record, time, this.#hidden),
    show: (range) => this.#move((extent) => this.#window.show(range, extent)),
    resume: () => this.#move(() => this.#window.resume()),
    key: (key) => this.#key(key),
  });
  readonly #legend = new Legend((name, on) => {
    if (on) this.#hidden.delete(name);
    else this.#hidden.add(name);
    this.#keep();
    this.#plot.now();
  });
  readonly #hidden: Set<string>;
  readonly #window: TimeWindow;
  readonly #report: KernelReport;
  readonly #stopSettings: () => void;
  #told = "";
}
