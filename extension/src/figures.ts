// The figures on the page: which one a command is about, and where else the same output is shown.
import type { LazyFigure } from "./lazyFigure";

const figures = new Set<LazyFigure>();
let used: LazyFigure | undefined;

/** Takes note of a figure until its end, and of its being used. */
export function noteFigure(figure: LazyFigure): LazyFigure {
  figures.add(figure);
  const use = () => {
    used = figure;
  };
  figure.node.addEventListener("pointerdown", use);
  figure.node.addEventListener("focusin", use);
  figure.disposed.connect(() => {
    figures.delete(figure);
    if (used === figure) used = undefined;
  });
  return figure;
}

/** The other figures of the same output: an output with a view of its own is seen in its notebook, too. */
export function twins(node: Node): LazyFigure[] {
  const all = [...figures];
  const own = all.find((figure) => figure.node.contains(node));
  return all.filter((figure) => figure !== own && figure.model !== undefined && figure.model === own?.model);
}

/** The figure that the user means: the one that has the focus, else the one used last, else the first that is seen. */
export function meantFigure(): LazyFigure | undefined {
  const seen = [...figures].filter(({ isVisible }) => isVisible);
  const focused = seen.find(({ node }) => node.contains(document.activeElement));
  if (focused) return focused;
  if (used?.isVisible) return used;
  const inView = ({ node }: LazyFigure) => {
    const { top, bottom } = node.getBoundingClientRect();
    return bottom > 0 && top < window.innerHeight;
  };
  return seen.find(inView) ?? seen.at(-1);
}
