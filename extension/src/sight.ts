// Whether a part of the page is seen, or nearly.

/** Of what is seen, above and below. */
const margin = "60%";

/** Calls `changed` when the node comes near what is seen of the page, and when it leaves. @returns how to stop */
export function watchSight(node: Element, changed: (near: boolean) => void): () => void {
  // Notebooks scroll in a box of their own; where a browser knows no scrollMargin, near is what is seen.
  const options: IntersectionObserverInit & { scrollMargin: string } = { rootMargin: margin, scrollMargin: margin };
  const observer = new IntersectionObserver((entries) => changed(entries.at(-1)!.isIntersecting), options);
  observer.observe(node);
  return () => observer.disconnect();
}
