// Which kernel belongs to an output: that of the notebook or console that holds it.
import type { ISessionContext } from "@jupyterlab/apputils";
import type { Kernel } from "@jupyterlab/services";
import type { Widget } from "@lumino/widgets";

/** The kernel of the notebook or console that a node is in, if it has one. */
export type KernelOf = (node: Node) => Kernel.IKernelConnection | undefined;

interface Panels {
  forEach(visit: (panel: Widget & { readonly sessionContext: ISessionContext }) => void): void;
}

/** Looks through all open notebooks and consoles. */
export function kernelFinder(trackers: readonly Panels[]): KernelOf {
  return (node) => {
    let found: Kernel.IKernelConnection | undefined;
    for (const tracker of trackers) {
      tracker.forEach((panel) => {
        if (panel.node.contains(node)) found = panel.sessionContext.session?.kernel ?? undefined;
      });
    }
    return found;
  };
}
