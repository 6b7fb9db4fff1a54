// The few elements that the panel is made of. Text is set as text, never as markup.

export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  given: { className?: string; text?: string; attributes?: Record<string, string> } = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  if (given.className) made.className = given.className;
  if (given.text !== undefined) made.textContent = given.text;
  for (const [key, value] of Object.entries(given.attributes ?? {})) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A button: what it says, what it is for, and what it does. */
export function button(text: string, title: string, act: () => void): HTMLButtonElement {
  const made = element("button", {
    className: "jp-mod-styled bestrq-button",
    text,
    attributes: { type: "button", title },
  });
  // A sign by itself is read out as what it is for.
  if (!/\p{L}/u.test(text)) made.setAttribute("aria-label", title);
  made.addEventListener("click", act);
  return made;
}

/** Sets text only where it differs, so that a screen reader hears changes alone. */
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}
