// Which notebook or console is in use: the one in front, and while something else is in front, the one before.
import type { ISessionContext } from "@jupyterlab/apputils";
import type { Widget } from "@lumino/widgets";

export type SessionWidget = Widget & { readonly sessionContext: ISessionContext };

interface Shell {
  readonly currentWidget: Widget | null;
  readonly currentChanged?: { connect(slot: () => void): boolean };
}

interface Tracker {
  readonly currentWidget: SessionWidget | null;
  readonly currentChanged: { connect(slot: () => void): boolean };
  has(widget: Widget): boolean;
}

export class SessionInUse {
  constructor(
    private readonly shell: Shell,
    private readonly trackers: readonly Tracker[],
  ) {
    const look = () => this.#look();
    shell.currentChanged?.connect(look);
    for (const tracker of trackers) tracker.currentChanged.connect(look);
    look();
  }

  get widget(): SessionWidget | undefined {
    return this.#widget;
  }

  /** Called when another one comes into use. */
  onChange: () => void = () => {};

  #look(): void {
    const front = this.shell.currentWidget;
    const ours = front && this.trackers.some((tracker) => tracker.has(front)) ? (front as SessionWidget) : undefined;
    const before = this.#widget?.isDisposed ? undefined : this.#widget;
    const any = () => this.trackers.map(({ currentWidget }) => currentWidget).find((widget) => widget) ?? undefined;
    const found = ours ?? before ?? any();
    if (found === this.#widget) return;
    this.#widget = found;
    found?.disposed.connect(() => this.#look());
    this.onChange();
  }

  #widget: SessionWidget | undefined;
}
